import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The form for language and time zone of one's own account.
struct PreferencesForm: Sendable {
    let context: RequestContext
    /// What was sent, if it is not valid.
    var typed: (language: String, timeZone: String)?
    var problems: [AccountService.Field: String] = [:]

    private var preferences: AccountPreferences { context.user?.account.preferences ?? AccountPreferences() }

    var html: HTML {
        """
        <section aria-labelledby="preferences"><h2 id="preferences">Language and time</h2>
        \(FormProblems(accounts: problems.filter { [.language, .timeZone].contains($0.key) }).html)
        <form method="post" action="/account/preferences" novalidate>\(FormToken(context.user).field)
        \(FieldRow(name: "language", label: "Language", input: .choice(value: typed?.language ?? preferences.language?.rawValue ?? "",
            options: Language.allCases.map { ($0.rawValue, HTML(text: $0.ownName)) }, empty: "As the browser asks"),
            problem: problems[.language]).html)
        \(FieldRow(name: "time-zone", label: "Time zone", input: .text(value: typed?.timeZone ?? preferences.timeZone ?? ""),
            help: "Leave it empty for the zone of the browser.", example: "Europe/Berlin",
            problem: problems[.timeZone]).html)
        <div class="buttons"><button class="primary">Save</button></div></form></section>
        """
    }
}

extension Language {
    /// The name of the language in that language.
    fileprivate var ownName: String {
        switch self {
        case .german: "Deutsch"
        default: "English"
        }
    }
}

extension PageRoutes {
    var preferenceRoutes: [Route] {
        [
            Route(.post, "/account/preferences", .viewer) { context in
                let user = try context.requireSignedInUser()
                let form = try context.form()
                let typed = (language: form.text("language"), timeZone: form.text("time-zone"))
                do {
                    _ = try await services.accounts.changePreferences(
                        of: user.account, language: typed.language, timeZone: typed.timeZone, by: context.origin)
                    return .redirect(to: "/account?notice=preferences")
                } catch AccountChangeError.invalid(let problems) {
                    let shown = (typed.language, String(typed.timeZone.prefix(TimeZone.maxIdentifierLength)))
                    var page = try await ownAccountPage(context)
                    page.problems = problems
                    page.typedPreferences = shown
                    return .page(422, page)
                }
            }
        ]
    }
}

extension APIRoutes {
    var preferenceRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/account/preferences", .viewer) { context in
                try context.allowQuery([])
                return .json(try context.requireSignedInUser().account.preferences.json)
            },
            Route(.put, "\(Self.root)/account/preferences", .viewer) { context in
                let user = try context.requireSignedInUser()
                var body = try APIBody(context.request, nullable: ["language", "timeZone"])
                let (language, timeZone) = (body.optionalText("language"), body.optionalText("timeZone"))
                try body.finish()
                return .json(
                    try await services.accounts.changePreferences(
                        of: user.account, language: language ?? "", timeZone: timeZone ?? "", by: context.origin
                    ).json)
            },
        ]
    }
}

extension AccountPreferences {
    /// The preferences for programs; null for what the browser says.
    fileprivate var json: JSONValue {
        ["language": language.map { .string($0.rawValue) } ?? .null, "timeZone": timeZone.map { .string($0) } ?? .null]
    }
}
