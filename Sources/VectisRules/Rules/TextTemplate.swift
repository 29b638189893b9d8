package import FoundationEssentials
import PSACore
import PSAEngine

/// A text with named values: “Backup of {device} failed”.
package struct TextTemplate: Sendable, Hashable {
    package let pattern: String

    package init(_ pattern: String) { self.pattern = pattern }

    /// A value that a template can hold.
    package enum Name: String, Sendable, CaseIterable {
        case source, type, severity, company, device, text, time

        fileprivate func value(of event: HostEvent) -> String {
            switch self {
            case .source: event.source
            case .type: event.type
            case .severity: event.severity.rawValue
            case .company: event.company
            case .device: event.device
            case .text: event.text
            case .time: event.at.utcText
            }
        }
    }

    /// What can't be filled in: names in braces that no value has, and braces that don't belong together.
    package var problems: [RuleProblem] {
        pieces.flatMap { piece -> [RuleProblem] in
            switch piece {
            case .value: []
            case .unknown(let name): [.unknownValue(name)]
            case .literal(let text):
                [
                    text.firstIndex(of: "}").map { .closingBrace(String(text[...$0])) },
                    text.firstIndex(of: "{").map { .openBrace(String(text[$0...])) },
                ].compactMap(\.self)
            }
        }
    }

    /// The text for an event.
    ///
    /// Values are inserted as they are and not expanded again: braces in them mean nothing. Control characters other than line breaks are
    /// left out. Text beyond the limit is truncated with a mark that counts the removed characters; among lines the event's text is
    /// truncated, so that what the pattern puts behind it stays.
    ///
    /// What is removed is never put together, so that the effort depends on the limit, the pattern and each value, but not on how often the
    /// pattern repeats a value.
    package func text(for values: EventValues, limit: Int, keepsLines: Bool) -> String {
        let filled = filled(values, keepsLines: keepsLines)
        guard filled.length > limit else { return filled.text }
        if keepsLines, let shorter = cuttingText(of: values, limit) { return shorter }
        return filled.text(upTo: limit) { keepsLines ? Self.mark($0) : "… (+\($0))" }
    }

    /// The beginning of the text for an event, without a mark.
    package func beginning(for values: EventValues, limit: Int, keepsLines: Bool) -> String {
        let beginning = filled(values, keepsLines: keepsLines).beginning(limit * CutText.maxCharacterLength)
        return String(beginning.prefix(limit)).trimmingSpaces
    }

    /// The HTML for an event: the pattern is HTML, and the values are text in it.
    ///
    /// What is too long is cut in the values, between two characters of their text and never within markup; the event's text is cut first.
    /// Marks count characters of the text. The result is empty where the pattern alone is too long.
    package func html(for values: EventValues, limit: Int) -> String {
        let parts = parts(values.escapedForHTML, keepsLines: true)
        let whole = FilledText(parts.map(\.part))
        guard whole.length > limit else { return whole.text }
        func length(_ isCounted: (Name?) -> Bool) -> Int { parts.reduce(0) { isCounted($1.name) ? $0 + $1.part.length : $0 } }
        func cut(_ isCut: (Name) -> Bool, _ room: Int) -> String {
            var cuts: [Name: TextPart] = [:]
            for part in parts {
                guard let name = part.name, isCut(name), part.part.length > room, cuts[name] == nil else { continue }
                cuts[name] = values.part(name, keepsLines: true).html(upTo: room, mark: Self.mark)
            }
            return FilledText(parts.map { part in part.name.flatMap { cuts[$0] } ?? part.part }).text
        }
        let (texts, places) = (parts.count { $0.name == .text }, parts.count { $0.name != nil })
        if texts > 0, case let room = (limit - length { $0 != .text }) / texts, room >= limit / 8 { return cut({ $0 == .text }, room) }
        guard places > 0, case let room = limit - length({ $0 == nil }), room >= 0 else { return "" }
        return cut({ _ in true }, room / places)
    }

    private static func mark(_ characters: Int) -> String {
        "… [cut here: \(characters) more \(characters == 1 ? "character" : "characters")]"
    }

    /// The text with as much of the event's as there is room for; nil where the rest leaves too little for it.
    private func cuttingText(of values: EventValues, _ limit: Int) -> String? {
        let parts = parts(values, keepsLines: true)
        let (places, others) = (parts.count { $0.name == .text }, parts.filter { $0.name != .text })
        guard places > 0, case let room = (limit - others.reduce(0) { $0 + $1.part.length }) / places, room >= limit / 8 else { return nil }
        let whole = FilledText([values.part(.text, keepsLines: true)])
        let cut = TextPart(whole.text(upTo: room, mark: Self.mark), keepsLines: true)
        let filled = FilledText(parts.map { $0.name == .text ? cut : $0.part })
        return filled.length <= limit ? filled.text : nil
    }

    private func filled(_ values: EventValues, keepsLines: Bool) -> FilledText {
        FilledText(parts(values, keepsLines: keepsLines).map(\.part))
    }

    /// The parts of the text for an event, each with the name of its value; without one it is the pattern's own.
    private func parts(_ values: EventValues, keepsLines: Bool) -> [(name: Name?, part: TextPart)] {
        pieces.map { piece in
            switch piece {
            case .literal(let text): (nil, TextPart(text, keepsLines: keepsLines))
            case .value(let name): (name, values.part(name, keepsLines: keepsLines))
            case .unknown(let name): (nil, TextPart("{\(name)}", keepsLines: keepsLines))
            }
        }
    }

    private enum Piece {
        case literal(String)
        case value(Name)
        case unknown(String)
    }

    private var pieces: [Piece] {
        var pieces: [Piece] = []
        var rest = pattern[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            pieces.append(.literal(String(rest[..<open])))
            let name = String(rest[rest.index(after: open)..<close])
            pieces.append(Name(rawValue: name).map(Piece.value) ?? .unknown(name))
            rest = rest[rest.index(after: close)...]
        }
        return pieces + [.literal(String(rest))]
    }
}

/// The values of an event for templates; each is prepared once, however many templates hold it.
package final class EventValues {
    private let event: HostEvent
    private var parts: [Key: TextPart] = [:]
    /// The values as HTML, so that markup in them shows as it was written.
    private(set) lazy var escapedForHTML = EventValues(event.escapedForHTML)

    private struct Key: Hashable {
        let name: TextTemplate.Name
        let keepsLines: Bool
    }

    package init(_ event: HostEvent) { self.event = event }

    /// A value as a part of a text.
    fileprivate func part(_ name: TextTemplate.Name, keepsLines: Bool) -> TextPart {
        let key = Key(name: name, keepsLines: keepsLines)
        if let part = parts[key] { return part }
        let part = TextPart(name.value(of: event), keepsLines: keepsLines)
        parts[key] = part
        return part
    }
}

/// A part of a filled text without control characters, and what is known of it.
private final class TextPart {
    let text: String
    /// The length in UTF-16.
    let length: Int
    /// The number of characters, and what decides how those at its ends join with others.
    private(set) lazy var ends = Ends(text)
    /// Nil where nothing is to be dropped.
    private lazy var withoutStart = text.unicodeScalars.first?.isSpace ?? false ? TextPart(String(text.droppingSpaces)) : nil
    private lazy var withoutEnd = text.unicodeScalars.last?.isSpace ?? false ? TextPart(text[...].trimmingEnd) : nil

    struct Ends {
        let count: Int
        let scalarCount: Int
        let head: String
        let tail: String
        let isShort: Bool

        /// The scalars at each end by which it is decided where characters end; longer characters are not natural text.
        static let length = CutText.maxCharacterLength

        init(_ text: String) {
            count = text.count
            scalarCount = text.unicodeScalars.count
            head = String(text.unicodeScalars.prefix(Self.length))
            isShort = head.utf8.count == text.utf8.count
            tail = Self.tail(of: text)
        }

        /// The last character of a text.
        static func tail(of text: String) -> String { String(text.suffix(1).unicodeScalars.suffix(length)) }
    }

    init(_ text: String) {
        self.text = text
        length = text.utf16.count
    }

    /// A part of which control characters are left out; line ends are, too, where one line is wanted.
    convenience init(_ text: String, keepsLines: Bool) {
        // Most texts have nothing to replace.
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) || keepsLines && $0 == 0x0A }) {
            self.init(text)
            return
        }
        let clean = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            if scalar == "\n" { return keepsLines ? scalar : " " }
            return scalar.properties.generalCategory == .control ? " " : scalar
        }
        self.init(String(String.UnicodeScalarView(clean)))
    }

    /// The text as HTML of at most a length, cut between two characters of the text; with a mark where there is room for one.
    func html(upTo limit: Int, mark: (_ characters: Int) -> String) -> TextPart {
        let whole = FilledText([self])
        let isMarked = limit >= FieldTemplate.markedLength
        let room = max(0, isMarked ? limit - mark(max(ends.count, ends.scalarCount)).utf16.count : limit)
        var (escaped, kept) = (0, 0)
        // Each scalar is at least one unit of HTML.
        for scalar in whole.beginning(room).unicodeScalars {
            escaped += scalar.lengthInHTML
            guard escaped <= room else { break }
            kept += scalar.utf16.count
        }
        return TextPart(whole.cut(to: kept, mark: isMarked ? mark : { _ in "" }).escapedAsLines)
    }

    var isBlank: Bool { text.unicodeScalars.allSatisfy(\.isSpace) }
    /// Without spaces at its beginning.
    var trimmingStart: TextPart { withoutStart ?? self }
    /// Without spaces at its end.
    var trimmingEnd: TextPart { withoutEnd ?? self }
}

/// A text in parts, of which only what is shown is put together; without spaces at its ends.
private struct FilledText {
    private var parts: ArraySlice<TextPart>
    /// The length in UTF-16.
    let length: Int

    init(_ parts: [TextPart]) {
        var parts = parts.drop(while: \.isBlank)
        while parts.last?.isBlank ?? false { parts.removeLast() }
        if let first = parts.first { parts[parts.startIndex] = first.trimmingStart }
        if let last = parts.popLast() { parts.append(last.trimmingEnd) }
        self.parts = parts
        length = parts.reduce(0) { $0 + $1.length }
    }

    var text: String { parts.map(\.text).joined() }

    /// The text, or its beginning and a mark that counts what was cut, as ``CutText`` cuts it.
    func text(upTo limit: Int, mark: (_ characters: Int) -> String) -> String {
        guard length > limit else { return text }
        let scalars = parts.reduce(0) { $0 + $1.ends.scalarCount }
        // The scalar after the limit decides whether a character ends there.
        return CutText.cut(beginning(limit + 1), ofCharacters: characters, scalars: scalars, to: limit, mark: mark)
    }

    /// The beginning of the text, in units of UTF-16, and a mark that counts what was cut; the text is longer.
    func cut(to length: Int, mark: (_ characters: Int) -> String) -> String {
        let scalars = parts.reduce(0) { $0 + $1.ends.scalarCount }
        let limit = length + mark(max(characters, scalars)).utf16.count
        return CutText.cut(beginning(limit + 1), ofCharacters: characters, scalars: scalars, to: limit, mark: mark)
    }

    /// As many scalars as the length counts in UTF-16 at least, or all.
    func beginning(_ length: Int) -> String {
        var (beginning, room) = ("", length)
        for part in parts where room > 0 {
            if part.length <= room { beginning += part.text } else { beginning.unicodeScalars += part.text.unicodeScalars.prefix(room) }
            room -= part.length
        }
        return beginning
    }

    /// The number of characters: those of the parts, less those that join where two parts meet.
    private var characters: Int {
        var (count, tail) = (0, "")
        for part in parts {
            let ends = part.ends
            let joined = tail + ends.head
            count += ends.count + joined.count - tail.count - ends.head.count
            tail = ends.isShort ? TextPart.Ends.tail(of: joined) : ends.tail
        }
        return count
    }
}

/// Truncates texts to the limits of a PSA, and marks where text was removed.
package enum CutText {
    /// The text, or its beginning and a mark that counts what was cut.
    ///
    /// Lengths are those of UTF-16, by which most vendors count. It is cut between characters as people see them, unless one is so long
    /// that nothing would be left.
    package static func cut(_ text: String, to limit: Int, mark: (_ characters: Int) -> String) -> String {
        guard text.utf16.count > limit else { return text }
        return cut(text, ofCharacters: text.count, scalars: text.unicodeScalars.count, to: limit, mark: mark)
    }

    /// The beginning of a text that is too long, and a mark that counts what was cut.
    ///
    /// - Parameters:
    ///   - text: The text, or as much of it as is longer than the limit.
    ///   - characters: The characters of the whole text.
    ///   - scalars: The scalars of the whole text.
    ///   - limit: The most units of UTF-16.
    ///   - mark: The mark for a number of characters.
    /// - Returns: A text within the limit.
    fileprivate static func cut(
        _ text: String, ofCharacters characters: Int, scalars: Int, to limit: Int, mark: (_ characters: Int) -> String
    ) -> String {
        // No count has more digits than that of the whole.
        let room = max(0, limit - mark(max(characters, scalars)).utf16.count)
        var kept = text[..<end(of: text.indices, in: text, room)]
        if room - kept.utf16.count > maxCharacterLength {
            kept = text[..<end(of: text.unicodeScalars.indices, in: text, room)]
        }
        return kept.trimmingEnd + mark(max(1, characters - kept.count))
    }

    /// A longer character than that is not natural text, and may be split.
    fileprivate static let maxCharacterLength = 64

    /// The last of the given offsets that is at most a length.
    private static func end(of places: some Sequence<String.Index>, in text: String, _ room: Int) -> String.Index {
        let units = text.utf16
        guard let limit = units.index(units.startIndex, offsetBy: room, limitedBy: units.endIndex) else { return text.endIndex }
        var end = text.startIndex
        for place in places {
            guard place <= limit else { return end }
            end = place
        }
        return end
    }
}

extension Unicode.Scalar {
    /// The length of its HTML in units of UTF-16.
    fileprivate var lengthInHTML: Int {
        switch self {
        case "&", "'": 5
        case "<", ">", "\n": 4
        case "\"": 6
        default: utf16.count
        }
    }
}

extension String {
    /// Without spaces at its beginning; those at its end stay.
    fileprivate var droppingSpaces: Substring { Substring(unicodeScalars.drop(while: \.isSpace)) }
}

extension Substring {
    /// Without spaces at its end; those at its beginning stay.
    fileprivate var trimmingEnd: String {
        guard let last = unicodeScalars.lastIndex(where: { !$0.isSpace }) else { return "" }
        return String(unicodeScalars[...last])
    }
}

extension Date {
    /// The time to the minute in UTC, for text that people in any zone read: `2026-11-28 14:05 UTC`.
    package var utcText: String {
        let iso = formatted(.iso8601)
        return iso.prefix(10) + " " + iso.dropFirst(11).prefix(5) + " UTC"
    }
}
