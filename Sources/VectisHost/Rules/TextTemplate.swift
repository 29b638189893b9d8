import FoundationEssentials

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
            case .time: Moment(event.at).text
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
    /// left out, and the whole is cut at the limit.
    func text(for event: HostEvent, limit: Int, keepsLines: Bool) -> String {
        let filled = pieces.map { piece in
            switch piece {
            case .literal(let text): text
            case .value(let name): name.value(of: event)
            case .unknown(let name): "{\(name)}"
            }
        }.joined()
        let clean = filled.unicodeScalars.map { scalar -> Unicode.Scalar in
            if scalar == "\n" { return keepsLines ? scalar : " " }
            return scalar.properties.generalCategory == .control ? " " : scalar
        }
        let text = String(String.UnicodeScalarView(clean)).trimmingSpaces
        return text.count <= limit ? text : text.prefix(limit - 1) + "…"
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
