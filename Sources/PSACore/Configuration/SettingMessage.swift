/// What is wrong with a setting, as a phrase.
@nonexhaustive
public enum SettingMessage: LocalizedMessage, Hashable, Codable {
    /// A required setting is empty; it shows the label and the help of its field.
    case missing(label: String, help: String)
    /// The text is not a whole number of the field's range; `shown` is what was typed, nil for what is or may be a secret.
    case notANumber(label: String, shown: String?, lowest: Int, highest: Int)
    /// The text is neither yes nor no; `shown` is its first 40 characters, empty for what is or may be a secret.
    case notAFlag(label: String, shown: String)
    /// The text has more characters than its field takes; both numbers are shown, the text is not.
    case tooLong(label: String, count: Int, limit: Int)
    /// The text contains a line break or another control character, as a careless copy leaves it.
    case controlCharacter(label: String)
    /// The connector has no setting of that key; the nearest one it has, if there is one, and all of them.
    case unknownKey(String, nearest: String?, known: [String])
    /// An address can't be used; the problem says why.
    case url(ServiceURL.Problem)
    /// A secret was given as an argument, which every user of the machine can read; the variable to use instead.
    case secretAmongArguments(label: String, variable: String, key: String)
    /// A name that the vendor has no choice for; the names it has.
    case noSuchChoice(String, known: [String])
    /// A name that several choices share.
    case ambiguousChoice(String, count: Int)

    /// The values of the case.
    public var values: [String: MessageValue] {
        switch self {
        case .missing(let label, let help): ["label": .verbatim(label), "help": .verbatim(help)]
        case .notAFlag(let label, let shown): ["label": .verbatim(label), "shown": .verbatim(shown)]
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

extension SettingMessage {
    var english: String {
        switch self {
        case .missing: "{label} is needed. {help}"
        case .notANumber(_, let shown, _, _):
            shown == nil
                ? "{label} must be a whole number from {lowest} to {highest}."
                : "“{shown}” is not valid: {label} must be a whole number from {lowest} to {highest}."
        case .notAFlag(_, let shown): shown.isEmpty ? "{label} must be yes or no." : "“{shown}” is not valid: {label} must be yes or no."
        case .tooLong: "{label} has {count} characters; at most {limit} are possible."
        case .controlCharacter: "{label} contains a line break or another control character; copy it again."
        case .unknownKey(_, let nearest, let known):
            switch (nearest != nil, known.isEmpty) {
            case (_, true): "There is no setting “{key}”, and this connector has none."
            case (true, false): "There is no setting “{key}”. Did you mean “{nearest}”? Known settings: {known}."
            case (false, false): "There is no setting “{key}”. Known settings: {known}."
            }
        case .url(let problem): problem.english
        case .secretAmongArguments:
            "{label} is a secret and can't be an argument, which every user of this machine can see. "
                + "Set {variable}, or use --setting-file {key}=PATH."
        case .noSuchChoice(_, let known):
            known.isEmpty
                ? "There is no “{name}”, and the login agent sees no other." : "There is no “{name}”. Those the login agent sees: {known}."
        case .ambiguousChoice: "{count} are called “{name}”; rename one of them."
        }
    }
}

extension ServiceURL.Problem {
    fileprivate var english: String {
        switch self {
        case .malformed(let reason): reason.english
        case .insecure: "The address starts with http://; only https:// keeps the credentials private on their way."
        case .forbiddenAddress: "“{address}” is an address of a private or local network, which is not allowed here."
        case .credentials: "The address contains a user name or password before an “@”; leave them out."
        }
    }
}

extension ServiceURL.Problem.Reason {
    fileprivate var english: String {
        switch self {
        case .empty: "The address can't be used: it is empty."
        case .tooLong: "The address can't be used: it is longer than 2048 characters."
        case .forbiddenCharacter: "The address can't be used: it contains a space, a backslash or a control character."
        case .otherScheme: "The address can't be used: it starts with “{scheme}://” instead of https://."
        case .openBracket: "The address can't be used: the bracket around the IPv6 address is not closed."
        case .textAfterBracket: "The address can't be used: text follows the IPv6 address."
        case .noHost: "The address can't be used: it names no host."
        case .notAnIPv6Address: "The address can't be used: “{text}” is not an IPv6 address."
        case .foreignLetters:
            "The address can't be used: the host has letters outside a-z; type its “xn--” form, as the browser's address bar copies it."
        case .notAHostName: "The address can't be used: what stands there is not a host name."
        case .noDomain: "The address can't be used: it has no domain; a full host such as acme.example.com is needed."
        case .badPort: "The address can't be used: the port after the “:” is not a number between 1 and 65535."
        }
    }
}

extension SettingMessage {
    var german: String {
        switch self {
        case .missing: "{label} fehlt."
        case .notANumber(_, let shown, _, _):
            shown == nil
                ? "{label} muss eine ganze Zahl von {lowest} bis {highest} sein."
                : "„{shown}“ ist ungültig: {label} muss eine ganze Zahl von {lowest} bis {highest} sein."
        case .notAFlag(_, let shown):
            shown.isEmpty ? "{label} muss yes oder no sein." : "„{shown}“ ist ungültig: {label} muss yes oder no sein."
        case .tooLong: "{label} hat {count} Zeichen; höchstens {limit} sind möglich."
        case .controlCharacter: "{label} enthält einen Zeilenumbruch oder ein anderes Steuerzeichen; den Wert erneut kopieren."
        case .unknownKey(_, let nearest, let known):
            switch (nearest != nil, known.isEmpty) {
            case (_, true): "Die Einstellung „{key}“ gibt es nicht; dieser Konnektor hat keine Einstellungen."
            case (true, false): "Die Einstellung „{key}“ gibt es nicht. War „{nearest}“ gemeint? Bekannte Einstellungen: {known}."
            case (false, false): "Die Einstellung „{key}“ gibt es nicht. Bekannte Einstellungen: {known}."
            }
        case .url(let problem): problem.german
        case .secretAmongArguments:
            "{label} ist geheim und darf kein Argument sein, denn Argumente sieht jeder Benutzer dieses Rechners. "
                + "Stattdessen {variable} setzen oder --setting-file {key}=PATH verwenden."
        case .noSuchChoice(_, let known):
            known.isEmpty
                ? "„{name}“ gibt es nicht, und der Anmelde-Agent sieht auch nichts anderes."
                : "„{name}“ gibt es nicht. Der Anmelde-Agent sieht: {known}."
        case .ambiguousChoice: "„{name}“ heißen {count} Einträge; einen davon umbenennen."
        }
    }
}

extension ServiceURL.Problem {
    fileprivate var german: String {
        switch self {
        case .malformed(let reason): reason.german
        case .insecure: "Die Adresse beginnt mit http://; nur https:// hält die Zugangsdaten unterwegs geheim."
        case .forbiddenAddress: "„{address}“ ist eine Adresse eines privaten oder lokalen Netzes; das ist hier nicht erlaubt."
        case .credentials: "Die Adresse enthält vor einem „@“ einen Benutzernamen oder ein Passwort; beides weglassen."
        }
    }
}

extension ServiceURL.Problem.Reason {
    fileprivate var german: String {
        switch self {
        case .empty: "Die Adresse ist nicht verwendbar: Sie ist leer."
        case .tooLong: "Die Adresse ist nicht verwendbar: Sie ist länger als 2048 Zeichen."
        case .forbiddenCharacter:
            "Die Adresse ist nicht verwendbar: Sie enthält ein Leerzeichen, einen umgekehrten Schrägstrich oder ein Steuerzeichen."
        case .otherScheme: "Die Adresse ist nicht verwendbar: Sie beginnt mit „{scheme}://“ statt mit https://."
        case .openBracket: "Die Adresse ist nicht verwendbar: Die Klammer um die IPv6-Adresse ist nicht geschlossen."
        case .textAfterBracket: "Die Adresse ist nicht verwendbar: Auf die IPv6-Adresse folgt noch Text."
        case .noHost: "Die Adresse ist nicht verwendbar: Sie nennt keinen Host."
        case .notAnIPv6Address: "Die Adresse ist nicht verwendbar: „{text}“ ist keine IPv6-Adresse."
        case .foreignLetters:
            "Die Adresse ist nicht verwendbar: Der Host hat Buchstaben außerhalb von a-z; seine „xn--“-Form eingeben, "
                + "wie sie sich aus der Adresszeile des Browsers kopieren lässt."
        case .notAHostName: "Die Adresse ist nicht verwendbar: An der Stelle des Hosts steht kein Hostname."
        case .noDomain:
            "Die Adresse ist nicht verwendbar: Sie hat keine Domain; nötig ist ein vollständiger Host wie acme.example.com."
        case .badPort: "Die Adresse ist nicht verwendbar: Der Port nach dem „:“ ist keine Zahl zwischen 1 und 65535."
        }
    }
}

extension SettingIssue {
    /// The cause for what was typed and not copied, or not given at all; nil where the value itself tells no cause.
    func cause(in schema: SettingsSchema) -> CauseID? {
        switch localizedMessage {
        case .notANumber, .notAFlag: return "out_of_range"
        case .secretAmongArguments: return "as_argument"
        case .missing:
            // A setting that may be empty is missing only where the ticket does not name it either.
            guard let field = schema[self.field], case .ticketDefault = field.purpose, !field.isRequired else { return nil }
            return "not_named"
        case .url(.forbiddenAddress(let address)): return AddressPolicy.isThisMachine(address) ? "this_machine" : nil
        default: return nil
        }
    }
}
