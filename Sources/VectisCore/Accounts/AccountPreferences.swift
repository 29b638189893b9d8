package import FoundationEssentials
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

extension TimeZone {
    /// The longest identifier that is looked up, in bytes.
    package static let maxIdentifierLength = 64

    /// The zone of an identifier such as `Europe/Berlin`; nil for one that is over-long, malformed or unknown.
    package init?(named identifier: String) {
        let isName = identifier.utf8.allSatisfy { byte in
            (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
                || [0x2B, 0x2D, 0x2F, 0x5F].contains(byte)
        }
        guard isName, (1...Self.maxIdentifierLength).contains(identifier.utf8.count) else { return nil }
        self.init(identifier: identifier)
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
