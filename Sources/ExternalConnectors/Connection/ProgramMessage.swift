import PSACore

/// Evidence about a connector's program in a call.
enum ProgramMessage: LocalizedMessage {
    /// The connector's own message.
    case words(String)
    case reportedDefect(String)
    case unknownCode(String)
    case unreadableResult(WireMismatch)
    case unreadableError(WireMismatch)
    case attachmentsTooLarge(count: Int, limit: Int)
    case attachmentTooLarge(limit: Int)
    /// An observation, and the last lines of the program's standard error.
    case withStderrTail(MessageValue, [String])

    var values: [String: MessageValue] {
        switch self {
        case .words(let text), .reportedDefect(let text), .unknownCode(let text): ["text": .verbatim(text)]
        case .unreadableResult(let mismatch), .unreadableError(let mismatch): ["mismatch": .phrase(mismatch)]
        case .attachmentsTooLarge(let count, let limit): ["count": .verbatim(String(count)), "limit": .verbatim(String(limit / 1_024))]
        case .attachmentTooLarge(let limit): ["limit": .verbatim(String(limit / 1_048_576))]
        case .withStderrTail(let what, let lines): ["what": what, "lines": .verbatim(lines.joined(separator: " ⏎ "))]
        }
    }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }

    private var english: String {
        switch self {
        case .words: "{text}"
        case .reportedDefect: "The program reported a mistake of its own: {text}"
        case .unknownCode: "The program reported the error “{text}”, which the contract does not know."
        case .unreadableResult: "The program's result is not as the contract says. {mismatch}"
        case .unreadableError: "The program reported an error that is not as the contract says. {mismatch}"
        case .attachmentsTooLarge:
            "The files have {count} bytes; a connector that is a program of its own takes at most {limit} KiB with one ticket, note or reply."
        case .attachmentTooLarge: "The file has more than {limit} MiB."
        case .withStderrTail: "{what} Its last lines: {lines}"
        }
    }

    private var german: String {
        switch self {
        case .words: "{text}"
        case .reportedDefect: "Das Programm hat einen eigenen Fehler gemeldet: {text}"
        case .unknownCode: "Das Programm hat den Fehler „{text}“ gemeldet, den der Vertrag nicht kennt."
        case .unreadableResult: "Das Ergebnis des Programms entspricht nicht dem Vertrag. {mismatch}"
        case .unreadableError: "Das Programm hat einen Fehler gemeldet, der nicht dem Vertrag entspricht. {mismatch}"
        case .attachmentsTooLarge:
            "Die Dateien haben {count} Bytes; ein Connector als eigenes Programm nimmt höchstens {limit} KiB je Ticket, Notiz oder Antwort."
        case .attachmentTooLarge: "Die Datei hat mehr als {limit} MiB."
        case .withStderrTail: "{what} Seine letzten Zeilen: {lines}"
        }
    }
}
