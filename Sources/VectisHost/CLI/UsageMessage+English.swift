extension UsageMessage {
    var english: String {
        switch self {
        case .unknownWord: "“{word}” is not known here. Known: {known}."
        case .missingWord: "{word} is missing."
        case .invalid(_, let problem): problem.english
        }
    }
}

extension UsageMessage.Problem {
    fileprivate var english: String {
        switch self {
        case .givenTwice: "{word}: It was given twice."
        case .takesNoValue: "{word}: It takes no value."
        case .notAnID: "{word}: An id is 1 to 200 characters, without line breaks and without blanks around it."
        case .notANumber: "{word}: “{text}” is not a whole number from {lowest} to {highest}."
        case .notAPair: "{word}: A setting is given as {text}."
        case .unreadableFile: "{word}: “{text}” can't be read, or is larger than 64 KiB."
        case .goesOnlyWith: "{word}: It goes with {kinds} only."
        case .notATime: "{word}: “{text}” is not a time such as 2026-11-01T08:00:00Z, or a day such as 2026-11-01."
        case .cannotListen: "{word}: Nothing can listen there; the port may be in use."
        case .notLoopback:
            "{word}: “{text}” can be reached from other machines. If that is meant, add --allow-remote, and put TLS in front."
        case .unusableFolder: "{word}: The folder “{text}” can't be made or used."
        case .unusableFile: "{word}: {text}"
        case .noSuchAccount: "{word}: There is no account “{text}”."
        case .notANetwork:
            "{word}: “{text}” is no network such as 10.0.0.0/8, 192.168.7.20/32 or fd00::/8; the bits behind the length must be zero."
        case .notAFault: "{word}: {text} “--fault list” shows all."
        }
    }
}
