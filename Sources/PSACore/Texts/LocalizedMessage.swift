#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

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

/// One text in every language it was written in.
///
/// English is always there; a language without words of its own is shown in English, never in a third one.
public struct LocalizedText: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The English words.
    public let english: String
    private let translations: [Language: String]

    /// States a text.
    ///
    /// - Parameters:
    ///   - english: The English words; names in braces are replaced by values.
    ///   - german: The German words, with the same names in braces.
    public init(_ english: String, german: String? = nil) {
        self.english = english
        translations = german.map { [.german: $0] } ?? [:]
    }

    /// States a text that exists in English only.
    public init(stringLiteral value: String) { self.init(value) }

    /// The words of a language, or the English ones.
    public func text(in language: Language) -> String { translations[language] ?? english }

    /// Whether the text was written in a language.
    public func isWritten(in language: Language) -> Bool { language == .english || translations[language] != nil }
}

/// A language texts are written in.
///
/// Codes, vendor messages, host names and ids are never translated.
@nonexhaustive
public enum Language: String, Sendable, Codable, CodingKeyRepresentable, CaseIterable {
    /// The language of every text; what lacks a translation is shown in it.
    case english = "en"
    /// The language of the first translation; texts of this package have it, a connector's may lack it.
    case german = "de"

    /// The language of a POSIX locale such as `de_AT.UTF-8`, or English.
    public init(locale: String?) {
        self = Language(rawValue: String((locale ?? "").prefix { $0.isLetter }).lowercased()) ?? .english
    }
}

/// Several observations about one thing, one after the other.
struct SeveralSentences: LocalizedMessage {
    let sentences: [any LocalizedMessage]

    var values: [String: MessageValue] { ["sentences": .sentences(sentences.map(MessageValue.phrase))] }

    func pattern(in language: Language) -> String { "{sentences}" }
}

extension TextRenderer {
    /// A point in time: the hour, and the day unless it is the same.
    func words(for moment: Date, now: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let at = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: moment)
        let clock = "\(Self.two(at.hour)):\(Self.two(at.minute)) \(zoneName(at: moment))"
        if calendar.isDate(moment, inSameDayAs: now) {
            return switch language {
            case .english: clock + " today"
            case .german: "heute, " + clock
            }
        }
        return switch language {
        case .english: "\(at.year ?? 0)-\(Self.two(at.month))-\(Self.two(at.day)), \(clock)"
        case .german: "\(Self.two(at.day)).\(Self.two(at.month)).\(at.year ?? 0), \(clock)"
        }
    }

    private func zoneName(at moment: Date) -> String {
        let seconds = timeZone.secondsFromGMT(for: moment)
        guard seconds != 0 else { return "UTC" }
        let minutes = abs(seconds) / 60
        return "UTC\(seconds < 0 ? "−" : "+")\(minutes / 60)" + (minutes % 60 == 0 ? "" : ":\(Self.two(minutes % 60))")
    }

    private static func two(_ number: Int?) -> String {
        let text = String(number ?? 0)
        return text.count < 2 ? "0" + text : text
    }
}
