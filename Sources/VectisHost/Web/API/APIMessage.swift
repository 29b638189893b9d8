import PSACore

/// What the JSON API says about a request.
enum APIMessage: LocalizedMessage, Hashable {
    /// Told in English only.
    case sentence(String)
    case notJSON(JSONSyntaxMessage, line: Int, column: Int)
    case noObject
    case noJSONType
    case problems(Int)
    case wrongCredentials
    case tooManyTries(minutes: Int)
    case untested
    case otherTenant(old: String, new: String)
    case duplicate(String)
    case stale
    case unverified
    case otherContent

    var values: [String: MessageValue] {
        switch self {
        case .sentence(let text): ["text": .verbatim(text)]
        case .notJSON(let reason, let line, let column):
            ["reason": .phrase(reason), "line": .verbatim(String(line)), "column": .verbatim(String(column))]
        case .problems(let count): ["count": .verbatim(String(count))]
        case .duplicate(let name): ["name": .verbatim(name)]
        case .tooManyTries(let minutes): ["minutes": .verbatim(String(minutes))]
        case .otherTenant(let old, let new): ["old": .verbatim(old), "new": .verbatim(new)]
        case .noObject, .noJSONType, .wrongCredentials, .untested, .stale, .unverified, .otherContent: [:]
        }
    }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }
}
