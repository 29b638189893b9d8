import PSACore

/// What is wrong with a command line.
enum UsageMessage: LocalizedMessage, Hashable {
    case unknownWord(String, known: [String])
    case missingWord(String)
    case invalid(String, Problem)

    /// What is wrong with one word.
    enum Problem: Hashable, Sendable {
        case givenTwice
        case takesNoValue
        case notAnID
        case notANumber(String, lowest: Int, highest: Int)
        case notAPair(String)
        case unreadableFile(String)
        case goesOnlyWith([String])
        case notATime(String)
        case cannotListen
        case notAFault(String)
        case notANetwork(String)
        case notLoopback(String)
        case unusableFolder(String)
        case unusableFile(String)
        case noSuchAccount(String)
    }

    var values: [String: MessageValue] {
        switch self {
        case .unknownWord(let word, let known): ["word": .verbatim(word), "known": .list(known.map(MessageValue.verbatim))]
        case .missingWord(let word): ["word": .verbatim(word)]
        case .invalid(let word, let problem): problem.values.merging(["word": .verbatim(word)]) { $1 }
        }
    }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }
}

extension UsageMessage.Problem {
    fileprivate var values: [String: MessageValue] {
        switch self {
        case .notANumber(let text, let lowest, let highest):
            ["text": .verbatim(text), "lowest": .verbatim(String(lowest)), "highest": .verbatim(String(highest))]
        case .notAPair(let text), .unreadableFile(let text), .notATime(let text), .notAFault(let text), .notANetwork(let text),
            .notLoopback(let text), .unusableFolder(let text), .unusableFile(let text), .noSuchAccount(let text):
            ["text": .verbatim(text)]
        case .goesOnlyWith(let kinds): ["kinds": .list(kinds.map(MessageValue.verbatim))]
        case .givenTwice, .takesNoValue, .notAnID, .cannotListen: [:]
        }
    }
}
