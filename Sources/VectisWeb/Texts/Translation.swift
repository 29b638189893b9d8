import PSACore
import PSAEngine
import Synchronization
import VectisCore
import VectisRules

/// A message in another language: text, with the values and tags that are inserted.
struct Message: Sendable {
    enum Part: Sendable, Hashable {
        case text(String)
        /// A value of the literal, `{0}`.
        case value(Int)
        /// An inline tag of the literal without its attributes, `a` or `/a`; the second of a kind is `a2`.
        case tag(String)

        /// The part as the catalogue writes it.
        var text: String {
            switch self {
            case .text(let text): text
            case .value(let number): "{\(number)}"
            case .tag(let name): "<\(name)>"
            }
        }
    }

    let parts: [Part]

    /// The whole text as the catalogue writes it.
    var text: String { parts.map(\.text).joined() }

    /// Reads a message of a catalogue.
    init(_ text: String) {
        var parts: [Part] = []
        var rest = text[...]
        while let start = rest.firstIndex(where: { $0 == "{" || $0 == "<" }) {
            let closing: Character = rest[start] == "{" ? "}" : ">"
            let inside = rest[rest.index(after: start)...].prefix { $0 != closing }
            let part: Part? =
                inside.endIndex == rest.endIndex || inside.isEmpty
                ? nil : closing == ">" ? .tag(String(inside)) : Int(inside).map { .value($0) }
            let end = rest.index(after: part == nil ? start : inside.endIndex)
            let before = rest[..<(part == nil ? end : start)]
            if !before.isEmpty { parts.append(.text(String(before))) }
            if let part { parts.append(part) }
            rest = rest[end...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        self.parts = parts
    }
}

/// What turns the words of pages into another language.
struct Translation: Sendable {
    private let find: @Sendable (String) -> Message?

    init(_ find: @escaping @Sendable (String) -> Message?) { self.find = find }

    /// The message of an English run of text; nil if it stays English.
    func message(_ english: String) -> Message? { find(english) }

    /// The words of a term that is a `String` outside the pages.
    func term(_ english: String) -> String { english.contains(where: \.isLetter) ? find(english)?.text ?? english : english }

    /// The translation to a language; nil for English.
    static func to(_ language: Language) -> Translation? {
        switch language {
        case .german: german
        default: nil
        }
    }

    private static let german = Translation { english in
        if let message = Catalogue.german.messages[english] { return message }
        MissingMessages.current.add(english)
        return nil
    }
}

/// The messages of a language.
///
/// A line is a message: the English text, ` | `, and its translation. Empty lines and lines that begin with `#` are skipped.
struct Catalogue: Sendable {
    static let german = Catalogue(EmbeddedFile.germanTXT.text)

    let messages: [String: Message]

    init(_ text: String) {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        messages = Dictionary(
            lines.compactMap { line in
                line.firstRange(of: " | ").map { (String(line[..<$0.lowerBound]), Message(String(line[$0.upperBound...]))) }
            }, uniquingKeysWith: { first, _ in first })
    }
}

/// The messages that a page asked for and that its language lacks; tests require that there are none.
final class MissingMessages: Sendable {
    /// Where they are noted; a test takes its own.
    @TaskLocal static var current = MissingMessages()
    /// More are not kept.
    static let limit = 2_000

    private let messages = Mutex<Set<String>>([])

    /// Notes one.
    func add(_ message: String) { messages.withLock { if $0.count < Self.limit { $0.insert(message) } } }

    /// All of them in order.
    var all: [String] { messages.withLock { $0.sorted() } }
}
