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

    /// The names in braces that no value has.
    package var unknownNames: [String] {
        pieces.compactMap { piece in
            if case .unknown(let name) = piece { name } else { nil }
        }
    }

    /// The text for an event.
    ///
    /// Values are inserted as they are and not expanded again: braces in them mean nothing. Control characters other than line breaks are
    /// left out. Text beyond the limit is truncated with a mark that counts the removed characters; among lines the event's text is
    /// truncated, so that what the pattern puts behind it stays.
    package func text(for event: HostEvent, limit: Int, keepsLines: Bool) -> String {
        let text = Self.clean(filled(event), keepsLines)
        guard text.utf16.count > limit else { return text }
        if keepsLines, let shorter = cuttingText(of: event, limit) { return shorter }
        return CutText.cut(text, to: limit) { keepsLines ? Self.mark($0) : "… (+\($0))" }
    }

    private static func mark(_ characters: Int) -> String {
        "… [cut here: \(characters) more \(characters == 1 ? "character" : "characters")]"
    }

    /// The text with as much of the event's as there is room for; nil where the rest leaves too little for it.
    private func cuttingText(of event: HostEvent, _ limit: Int) -> String? {
        let places = pieces.count { if case .value(.text) = $0 { true } else { false } }
        var short = event
        short.text = ""
        guard places > 0, case let room = (limit - filled(short).utf16.count) / places, room >= limit / 8 else { return nil }
        short.text = CutText.cut(Self.clean(event.text, true), to: room, mark: Self.mark)
        let text = Self.clean(filled(short), true)
        return text.utf16.count <= limit ? text : nil
    }

    private func filled(_ event: HostEvent) -> String {
        pieces.map { piece in
            switch piece {
            case .literal(let text): text
            case .value(let name): name.value(of: event)
            case .unknown(let name): "{\(name)}"
            }
        }.joined()
    }

    private static func clean(_ text: String, _ keepsLines: Bool) -> String {
        // Most texts have nothing to replace.
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) || keepsLines && $0 == 0x0A }) { return text.trimmingSpaces }
        let clean = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            if scalar == "\n" { return keepsLines ? scalar : " " }
            return scalar.properties.generalCategory == .control ? " " : scalar
        }
        return String(String.UnicodeScalarView(clean)).trimmingSpaces
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

/// Truncates texts to the limits of a PSA, and marks where text was removed.
package enum CutText {
    /// The text, or its beginning and a mark that counts what was cut.
    ///
    /// Lengths are those of UTF-16, by which most vendors count. It is cut between characters as people see them, unless one is so long
    /// that nothing would be left.
    package static func cut(_ text: String, to limit: Int, mark: (_ characters: Int) -> String) -> String {
        guard text.utf16.count > limit else { return text }
        let all = text.count
        // No count has more digits than that of the whole.
        let room = max(0, limit - mark(max(all, text.unicodeScalars.count)).utf16.count)
        var kept = text[..<end(of: text.indices, in: text, room)]
        if room - kept.utf16.count > maxCharacterLength {
            kept = text[..<end(of: text.unicodeScalars.indices, in: text, room)]
        }
        return kept.trimmingEnd + mark(max(1, all - kept.count))
    }

    /// A longer character than that is not natural text, and may be split.
    private static let maxCharacterLength = 64

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
