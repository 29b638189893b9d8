public import PSACore

/// A program in the connectors folder that can't be used as it is.
public struct UnusableConnector: Error, Sendable, CustomStringConvertible {
    /// The program's absolute path.
    public let path: String
    /// What is wrong and what to do.
    public let reason: any LocalizedMessage
    /// The last lines of its standard error.
    public let stderrTail: [String]

    /// States what is wrong with a program.
    public init(path: String, _ reason: any LocalizedMessage, stderrTail: [String] = []) {
        self.path = path
        self.reason = reason
        self.stderrTail = stderrTail
    }

    /// The name of its file.
    public var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// File and reason, in English.
    public var description: String { "\(name): \(TextRenderer().text(reason))" }
}

/// An issue of a program's file or folder.
enum UnusableConnectorMessage: LocalizedMessage, Hashable {
    case wontDescribe
    /// Another connector has the name.
    case nameTaken(String)
    /// It belongs to another user, who could change what it does.
    case ownedByOthers
    /// Other users may write to it, and so decide what it does.
    case writableByOthers(path: String)
    /// Other users may change a folder or link on the way to it, and put another program in its place.
    case replaceable(path: String)

    var values: [String: MessageValue] {
        switch self {
        case .wontDescribe, .ownedByOthers: [:]
        case .nameTaken(let name): ["name": .verbatim(name)]
        case .writableByOthers(let path), .replaceable(let path): ["path": .verbatim(path)]
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
        case .wontDescribe: "The program answered the question what it is with an error."
        case .nameTaken: "There is a connector called “{name}” already. Remove one of the two, or change the name this one gives itself."
        case .ownedByOthers: "It belongs to another user than the one this host runs as. Change its owner, or run the host as that user."
        case .replaceable:
            "The way to it leads through {path}, where other users could put another program. Keep it where only this user and root may write."
        case .writableByOthers: "Other users may write to it, and could make it do anything. Run: chmod go-w {path}"
        }
    }

    private var german: String {
        switch self {
        case .wontDescribe: "Das Programm hat auf die Frage, was es ist, mit einem Fehler geantwortet."
        case .nameTaken:
            "Es gibt schon einen Connector namens „{name}“. Einen von beiden entfernen, oder den Namen ändern, den dieser sich gibt."
        case .ownedByOthers:
            "Es gehört einem anderen Benutzer als dem, unter dem dieser Host läuft. Den Besitzer ändern oder den Host unter ihm starten."
        case .replaceable:
            "Der Weg dorthin führt über {path}, wo andere Benutzer ein anderes Programm unterschieben könnten. Es dort ablegen, wo nur dieser Benutzer und root schreiben dürfen."
        case .writableByOthers: "Andere Benutzer dürfen darin schreiben und könnten alles damit tun. Dagegen hilft: chmod go-w {path}"
        }
    }
}
