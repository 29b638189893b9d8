import FoundationEssentials
import PSACore

/// A text with named values: “Backup of {device} failed”.
struct TextTemplate: Sendable, Hashable {
    let pattern: String

    init(_ pattern: String) { self.pattern = pattern }

    /// A value that a template can hold.
    enum Name: String, Sendable, CaseIterable {
        case source, type, severity, company, device, text, time

        fileprivate func value(of event: HostEvent) -> String {
            switch self {
            case .source: event.source
            case .type: event.type
            case .severity: event.severity.rawValue
            case .company: event.company
            case .device: event.device
            case .text: event.text
            case .time: TimestampView(event.at).text
            }
        }
    }

    /// The names in braces that no value has.
    var unknownNames: [String] {
        pieces.compactMap { piece in
            if case .unknown(let name) = piece { name } else { nil }
        }
    }

    /// The text for an event.
    ///
    /// Values are put in as they are and not looked into again: braces in them mean nothing. Control characters other than line breaks are
    /// left out. What is longer than the limit is cut with a mark that says how much is gone; among lines it is the event's text that is
    /// cut, so that what the pattern puts behind it stays.
    func text(for event: HostEvent, limit: Int, keepsLines: Bool) -> String {
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
