import FoundationEssentials
package import PSACore
import PSAEngine
import VectisRules

/// What an account chose for its pages; what it did not choose follows the browser.
package struct AccountPreferences: Sendable, Equatable {
    package var language: Language?
    /// The identifier of the zone, such as `Europe/Berlin`.
    package var timeZone: String?

    /// Creates an ``AccountPreferences``.
    package init(language: Language? = nil, timeZone: String? = nil) {
        self.language = language
        self.timeZone = timeZone
    }
}

extension AccountService {
    /// Changes language and time zone of the signed-in account; nothing for what the browser says.
    ///
    /// - Parameters:
    ///   - user: The account.
    ///   - language: The code of a language, or nothing.
    ///   - timeZone: The identifier of a zone, or nothing.
    ///   - origin: The request.
    /// - Returns: What is stored.
    /// - Throws: ``AccountChangeError``, or an error of the storage.
    package func changePreferences(of user: Account, language: String, timeZone: String, by origin: RequestOrigin) async throws
        -> AccountPreferences
    {
        var issues: [Field: String] = [:]
        let preferences = AccountPreferences(
            language: Language(rawValue: language), timeZone: timeZone.isEmpty ? nil : TimeZone(named: timeZone) == nil ? nil : timeZone)
        if !language.isEmpty, preferences.language == nil { issues[.language] = "Pages are written in English and German, “en” and “de”." }
        if !timeZone.isEmpty, preferences.timeZone == nil {
            issues[.timeZone] = "There is no time zone of this name. Zones are named as in “Europe/Berlin”."
        }
        guard issues.isEmpty else { throw AccountChangeError.invalid(issues) }
        let detail =
            "Language: \(preferences.language?.rawValue ?? "the browser’s"). Time zone: \(preferences.timeZone ?? "the browser’s")."
        try await storage.setPreferences(
            preferences, of: user.name, audit: origin.audit(.preferencesChanged, user.name.rawValue, .done, detail))
        return preferences
    }
}
