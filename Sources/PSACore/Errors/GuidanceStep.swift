/// Where a text is read; the same step is called differently in a form and in a terminal.
@nonexhaustive
public enum Surface: String, Sendable, CaseIterable {
    /// A program that shows the text somewhere of its own, or the JSON API.
    case program
    /// A page with the fields of the connection on it.
    case page
    /// A command line, where settings are variables and lists are commands.
    case terminal
}

/// One thing to do about a cause.
public struct GuidanceStep: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// What to do, wherever it is read.
    public let text: LocalizedText
    /// What to do where the fields are on the page.
    public let page: LocalizedText?
    /// What to do in a terminal.
    public let terminal: LocalizedText?
    /// Whether the step says how to see that it worked; the last of a cause must.
    public let isCheck: Bool

    /// States a step.
    ///
    /// - Parameters:
    ///   - english: What to do.
    ///   - german: The same in German.
    ///   - page: Other words for a page.
    ///   - terminal: Other words for a terminal.
    ///   - isCheck: Whether the step says how to see that it worked.
    public init(
        _ english: String, german: String? = nil, page: LocalizedText? = nil, terminal: LocalizedText? = nil, isCheck: Bool = false
    ) {
        text = LocalizedText(english, german: german)
        self.page = page
        self.terminal = terminal
        self.isCheck = isCheck
    }

    /// States a step in English only.
    public init(stringLiteral value: String) { self.init(value) }

    /// The words for a place.
    public func words(on surface: Surface) -> LocalizedText {
        switch surface {
        case .program: text
        case .page: page ?? text
        case .terminal: terminal ?? text
        }
    }

    /// Every form the step has.
    public var forms: [LocalizedText] { [text, page, terminal].compactMap { $0 } }

    /// A step that checks.
    public static func check(
        _ english: String, german: String? = nil, page: LocalizedText? = nil, terminal: LocalizedText? = nil
    ) -> GuidanceStep {
        GuidanceStep(english, german: german, page: page, terminal: terminal, isCheck: true)
    }

    /// Ends what is fixed in settings or at the vendor.
    public static let testAgain = check("Test the connection again.", german: "Verbindung erneut testen.")

    /// Ends what is fixed for a single request.
    public static let tryAgain = check("Try again.", german: "Erneut versuchen.")
}
