public import FoundationEssentials

/// Something a person reads, not yet in a language: a pattern for each language, and the values that go into it.
///
/// Messages are usually cases of an enumeration, so that a pattern that is missing in a language doesn't compile.
public protocol LocalizedMessage: Sendable {
    /// The text of a language; names in braces are replaced by values.
    func pattern(in language: Language) -> String

    /// The values by name.
    var values: [String: MessageValue] { get }
}

/// What goes into a pattern.
@nonexhaustive
public enum MessageValue: Sendable {
    /// Shown as it is in every language: a host, a code, an id, a vendor's words.
    case verbatim(String)
    /// Another message, in the same language.
    case phrase(any LocalizedMessage)
    /// Several, separated by commas.
    case list([MessageValue])
    /// Several sentences, one after the other.
    case sentences([MessageValue])
    /// A setting: its label, and in a terminal the variable it is read from as well.
    case setting(label: String, variable: String?)
    /// A point in time, shown as a person in that time zone would write it.
    case moment(Date, now: Date)
}

/// Turns messages into text of one language.
public struct TextRenderer: Sendable {
    /// The language.
    public let language: Language
    /// Where the text is read.
    public let surface: Surface
    /// In which zone times are shown.
    public let timeZone: TimeZone
    /// Applied to each pattern before its values are filled in; a pseudo-locale test finds glued text with it.
    private let transform: @Sendable (String) -> String

    /// Renders in a language.
    ///
    /// - Parameters:
    ///   - language: The language.
    ///   - surface: Where the text is read.
    ///   - timeZone: In which zone times are shown; UTC unless the surface knows its reader's.
    public init(_ language: Language = .english, surface: Surface = .program, timeZone: TimeZone = .gmt) {
        self.init(language, surface: surface, timeZone: timeZone, transform: { $0 })
    }

    package init(
        _ language: Language, surface: Surface = .program, timeZone: TimeZone = .gmt, transform: @escaping @Sendable (String) -> String
    ) {
        self.language = language
        self.surface = surface
        self.timeZone = timeZone
        self.transform = transform
    }

    /// The same for another place.
    public func on(_ surface: Surface) -> TextRenderer {
        TextRenderer(language, surface: surface, timeZone: timeZone, transform: transform)
    }

    /// The text of a message in the renderer's language.
    public func text(_ message: any LocalizedMessage) -> String { fill(message.pattern(in: language), message.values) }

    /// The text of a value in the renderer's language.
    public func text(_ value: MessageValue) -> String {
        switch value {
        case .verbatim(let text): text
        case .phrase(let phrase): text(phrase)
        case .list(let values): values.map(text).joined(separator: ", ")
        case .sentences(let values): values.map(text).joined(separator: " ")
        case .setting(let label, let variable):
            if surface == .terminal, let variable { "\(label) (\(variable))" } else { label }
        case .moment(let moment, let now): words(for: moment, now: now)
        }
    }

    /// A pattern with its values, piece by piece, so that braces inside a value are not taken for names.
    func fill(_ pattern: String, _ values: [String: MessageValue]) -> String {
        let pattern = transform(pattern)
        guard pattern.contains("{") else { return pattern }
        return pattern.split(separator: "{", omittingEmptySubsequences: false).enumerated()
            .map { index, piece in
                guard index > 0, let end = piece.firstIndex(of: "}"), let value = values[String(piece[..<end])] else {
                    return index > 0 ? "{" + piece : String(piece)
                }
                return text(value) + piece[piece.index(after: end)...]
            }
            .joined()
    }
}
