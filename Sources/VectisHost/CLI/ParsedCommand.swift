import PSACore

/// A command's words after parsing: positions and options, each checked against what the command takes.
struct ParsedCommand: Sendable {
    let positions: [String]
    private let values: [CommandOption: [String]]

    /// Whether an option was given.
    func has(_ option: CommandOption) -> Bool { values[option] != nil }

    /// The value of an option.
    subscript(option: CommandOption) -> String? { values[option]?.last }

    /// All values of a repeatable option.
    func all(_ option: CommandOption) -> [String] { values[option] ?? [] }

    /// Parses the words that follow a command's name.
    ///
    /// `--option value` and `--option=value` are the same; `--` ends options.
    ///
    /// - Throws: ``PSAError`` with `usage.invalid`, which names the word.
    init(_ words: [String], of command: CommandDefinition) throws {
        var positions: [String] = []
        var values: [CommandOption: [String]] = [:]
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                positions += rest
                break
            }
            guard word.hasPrefix("-"), word != "-" else {
                positions.append(word)
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let option = try Self.option(parts[0], of: command)
            guard values[option] == nil || option.isRepeatable else { throw UsageError.invalid(option.rawValue, .givenTwice) }
            values[option, default: []].append(try Self.value(of: option, attached: parts.count == 2 ? parts[1] : nil, &rest))
        }
        guard positions.count <= command.positions.count else {
            throw UsageError.unknown(positions[command.positions.count], known: [command.usage])
        }
        self.positions = positions
        self.values = values
    }

    private static func option(_ name: String, of command: CommandDefinition) throws -> CommandOption {
        let allowed = command.options + [.help]
        guard let option = CommandOption(rawValue: name), allowed.contains(option) else {
            throw UsageError.unknown(name, known: allowed.map(\.rawValue))
        }
        return option
    }

    private static func value(of option: CommandOption, attached: String?, _ rest: inout ArraySlice<String>) throws -> String {
        guard let valueName = option.valueName else {
            guard attached == nil else { throw UsageError.invalid(option.rawValue, .takesNoValue) }
            return ""
        }
        if let attached { return attached }
        // A value that starts like an option is given as --option=value; otherwise it is one that was forgotten.
        guard let next = rest.popFirst(), !next.hasPrefix("--") else { throw UsageError.missing("\(option.rawValue) \(valueName)") }
        return next
    }

    /// The value of an option as a whole number within bounds.
    func integer(_ option: CommandOption, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = self[option] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError.invalid(
                option.rawValue, .notANumber(String(text.prefix(40)), lowest: range.lowerBound, highest: range.upperBound))
        }
        return number
    }

    /// The value of an option as an id.
    func id<Entity>(_ option: CommandOption) throws -> RecordID<Entity>? {
        guard let text = self[option] else { return nil }
        guard let id = RecordID<Entity>(text) else {
            throw UsageError.invalid(option.rawValue, .notAnID)
        }
        return id
    }

    /// The value of an option that can't be left out.
    func required(_ option: CommandOption) throws -> String {
        guard let value = self[option] else { throw UsageError.missing("\(option.rawValue) \(option.valueName ?? "")") }
        return value
    }
}

/// What a command looks like on the command line.
struct CommandDefinition: Sendable {
    /// Its words: `ticket create`.
    let words: [String]
    /// What it does, in a line.
    let summary: String
    /// The names of its positions, for help.
    var positions: [String] = []
    /// The options it takes beside `--help`.
    var options: [CommandOption] = []

    /// The command with its positions.
    var usage: String { (["vectis"] + words + positions).joined(separator: " ") }
}

/// Mistakes on the command line, as errors of the shared taxonomy.
enum UsageError {
    static func unknown(_ word: String, known: [String]) -> PSAError { error(.unknownWord(String(word.prefix(60)), known: known)) }

    static func missing(_ word: String) -> PSAError { error(.missingWord(word)) }

    static func invalid(_ word: String, _ problem: UsageMessage.Problem) -> PSAError { error(.invalid(word, problem)) }

    private static func error(_ phrase: UsageMessage) -> PSAError { PSAError(.usageInvalid, values: [.message: .phrase(phrase)]) }
}
