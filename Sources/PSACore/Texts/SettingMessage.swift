/// What is wrong with a setting, as a phrase.
@nonexhaustive
public enum SettingMessage: LocalizedMessage, Hashable {
    case missing(label: String, help: String)
    case notANumber(label: String, shown: String?, lowest: Int, highest: Int)
    case tooLong(label: String, count: Int, limit: Int)
    case controlCharacter(label: String)
    case unknownKey(String, nearest: String?, known: [String])
    case url(ServiceURL.Problem)
    case secretAmongArguments(label: String, variable: String, key: String)
    /// A name that the vendor has no choice for; the names it has.
    case noSuchChoice(String, known: [String])
    /// A name that several choices share.
    case ambiguousChoice(String, count: Int)

    /// The values of the case.
    public var values: [String: MessageValue] {
        switch self {
        case .missing(let label, let help): ["label": .verbatim(label), "help": .verbatim(help)]
        case .notANumber(let label, let shown, let lowest, let highest):
            [
                "label": .verbatim(label), "shown": .verbatim(shown ?? ""), "lowest": .verbatim(String(lowest)),
                "highest": .verbatim(String(highest)),
            ]
        case .tooLong(let label, let count, let limit):
            ["label": .verbatim(label), "count": .verbatim(String(count)), "limit": .verbatim(String(limit))]
        case .controlCharacter(let label): ["label": .verbatim(label)]
        case .unknownKey(let key, let nearest, let known):
            ["key": .verbatim(key), "nearest": .verbatim(nearest ?? ""), "known": .list(known.map(MessageValue.verbatim))]
        case .url(let problem): problem.values
        case .secretAmongArguments(let label, let variable, let key):
            ["label": .verbatim(label), "variable": .verbatim(variable), "key": .verbatim(key)]
        case .noSuchChoice(let name, let known): ["name": .verbatim(name), "known": .list(known.map(MessageValue.verbatim))]
        case .ambiguousChoice(let name, let count): ["name": .verbatim(name), "count": .verbatim(String(count))]
        }
    }

    /// The pattern of the case.
    public func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }
}

extension ServiceURL.Problem {
    fileprivate var values: [String: MessageValue] {
        switch self {
        case .malformed(.otherScheme(let scheme)): ["scheme": .verbatim(scheme)]
        case .malformed(.notAnIPv6Address(let text)): ["text": .verbatim(text)]
        case .forbiddenAddress(let address): ["address": .verbatim(address)]
        case .malformed, .insecure, .credentials: [:]
        }
    }
}
