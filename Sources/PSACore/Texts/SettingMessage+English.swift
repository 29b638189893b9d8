extension SettingMessage {
    var english: String {
        switch self {
        case .missing: "{label} is needed. {help}"
        case .notANumber(_, let shown, _, _):
            shown == nil
                ? "{label} must be a whole number from {lowest} to {highest}."
                : "“{shown}” is not valid: {label} must be a whole number from {lowest} to {highest}."
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
