import PSACore
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// Every option of every command, declared once: parsing and help come from here.
enum CommandOption: String, CaseIterable, Sendable {
    case json = "--json"
    case help = "--help"
    case language = "--language"
    case createTestTicket = "--create-test-ticket"
    case allowWrites = "--allow-writes"
    case connector = "--connector"
    case connectors = "--connectors"
    case setting = "--setting"
    case settingFile = "--setting-file"
    case allowLoopback = "--allow-loopback"
    case allowNetwork = "--allow-network"
    case noRateLimit = "--no-rate-limit"
    case verbose = "--verbose"
    case changedSince = "--changed-since"
    case limit = "--limit"
    case native = "--native"
    case lines = "--lines"
    case ticket = "--ticket"
    case summary = "--summary"
    case details = "--details"
    case company = "--company"
    case contact = "--contact"
    case type = "--type"
    case status = "--status"
    case priority = "--priority"
    case externalReference = "--external-reference"
    case text = "--text"
    case note = "--note"
    case field = "--field"
    case attach = "--attach"
    case attachment = "--attachment"
    case output = "--output"
    case email = "--email"
    case search = "--search"
    case markdown = "--markdown"
    case port = "--port"
    case tickets = "--tickets"
    case fault = "--fault"
    case applicationScopes = "--application-scopes"
    case untilInputEnds = "--until-input-ends"
    case data = "--data"
    case database = "--database"
    case databasePasswordFile = "--database-password-file"
    case keyFile = "--key-file"
    case newDatabase = "--new-database"
    case demo = "--demo"
    case address = "--address"
    case allowRemote = "--allow-remote"
    case publicHost = "--public-host"
    case behindTLS = "--behind-tls"
    case checkEvery = "--check-every"
    case noSync = "--no-sync"
    case resource = "--resource"
    case once = "--once"
    case full = "--full"
    case acceptMissing = "--accept-missing"
    case copyOf = "--connection"
    case changedAfter = "--changed-after"
    case log = "--log"
    case displayName = "--display-name"
    case package = "--package"
    case into = "--into"
    case source = "--source"
    case rule = "--rule"

    /// The word for its value in help, or nil if it takes none.
    var valueName: String? {
        switch self {
        case .json, .help, .createTestTicket, .allowWrites, .allowLoopback, .noRateLimit, .verbose, .native, .lines, .markdown,
            .untilInputEnds, .demo,
            .allowRemote, .behindTLS, .noSync, .newDatabase, .once, .full:
            nil
        case .connector: "NAME"
        case .language: "en|de"
        case .setting: "KEY=VALUE"
        case .settingFile: "KEY=PATH"
        case .changedSince: "TIME"
        case .limit, .port, .tickets, .changedAfter: "N"
        case .ticket, .company, .contact, .type, .status, .priority, .attachment, .copyOf: "ID"
        case .resource, .acceptMissing: "RESOURCE"
        case .summary, .details, .text, .note, .externalReference, .displayName, .search: "TEXT"
        case .field: "ID[=VALUE]"
        case .attach, .output: "FILE"
        case .email: "ADDRESS"
        case .fault: "NAME"
        case .data, .package, .connectors, .into: "FOLDER"
        case .source: "FOLDER|URL"
        case .rule: "RULE"
        case .database: "URL"
        case .keyFile, .log, .databasePasswordFile: "PATH"
        case .address: "ADDRESS"
        case .allowNetwork: "NETWORK"
        case .publicHost: "HOST"
        case .checkEvery: "MINUTES"
        case .applicationScopes: "SCOPES"
        }
    }

    /// Whether a token asks for help, in its long or its short form.
    static func isHelp(_ token: String) -> Bool { token == Self.help.rawValue || token == "-h" }

    /// Whether it may be given more than once.
    var isRepeatable: Bool {
        switch self {
        case .setting, .settingFile, .fault, .publicHost, .allowNetwork, .field, .attach, .resource, .acceptMissing, .rule: true
        default: false
        }
    }

    /// Whether an empty value means something; a place that is empty is a variable of a script that was not set.
    var mayBeEmpty: Bool {
        switch self {
        case .data, .package, .connectors, .into, .source, .database, .keyFile, .log, .databasePasswordFile, .output, .attach, .address,
            .publicHost, .language:
            false
        default: true
        }
    }

    /// One line of help.
    var help: String {
        switch self {
        case .json: "print JSON for programs, failures too; lists as JSON lines, one object a line"
        case .help: "show this help"
        case .language: "the language of guidance (default: that of LANG, or English)"
        case .createTestTicket: "also create a ticket marked as a test, and delete it again"
        case .allowWrites: "also check writing; some 30 tickets remain in the tenant"
        case .connector: "the connector to use, by name"
        case .connectors: "take connectors from the programs in a folder too (serve: “connectors” in the data directory)"
        case .setting: "give a setting; secrets are rejected here"
        case .settingFile: "read a setting, such as a secret, from a file"
        case .allowLoopback: "let the connection reach 127.0.0.1, over http too"
        case .allowNetwork:
            "let connections reach a network of your own, such as 10.0.0.0/8 or fd00::/8 (also: VECTIS_ALLOW_NETWORK, with commas between)"
        case .noRateLimit: "send requests faster than the tenant's rate limit"
        case .verbose: "show each request on standard error"
        case .changedSince: "only what changed since then, such as 2026-11-01T08:00:00Z"
        case .limit: "stop after N rows"
        case .native: "with --json: add each row as the PSA sent it"
        case .lines: "read each recurring invoice with its lines (one request each)"
        case .ticket: "the ticket"
        case .summary: "the subject line"
        case .details: "the first message"
        case .company: "the company it is for"
        case .contact: "the contact who reports it"
        case .type: "the ticket type (default: the connection's)"
        case .status: "the status"
        case .priority: "the priority (default: the connection's)"
        case .externalReference: "a reference of your own to find the ticket by"
        case .text: "what to say"
        case .note: "a note for staff that goes with the change"
        case .field: "a further field and its value, such as cf:105=38; once for each; “list ticket-fields” shows them"
        case .attach: "attach a file of at most 20 MiB; up to ten times"
        case .attachment: "the attachment; “list attachments” shows them"
        case .output: "the file to save it to; an existing one is not overwritten"
        case .email: "only contacts with this e-mail address"
        case .search: "only choices with this text in their label"
        case .markdown: "print the reference page in Docs instead"
        case .port: "the port to listen on; 0 picks a free one"
        case .tickets: "how many tickets there are"
        case .fault: "a fault to start with; “list” shows them"
        case .applicationScopes: "what the demo application was granted, such as “read:tickets read:customers”"
        case .untilInputEnds: "stop when standard input ends"
        case .data: "the data directory (default: vectis-data)"
        case .database: "a PostgreSQL database that several processes share, such as postgresql://vectis@db.example/vectis"
        case .databasePasswordFile: "a file with the password for --database (or: VECTIS_DATABASE_PASSWORD)"
        case .keyFile: "the file with the keys to stored secrets (default: vectis.key in the data directory)"
        case .newDatabase: "make a new database for a key file that is there already"
        case .demo: "with a demo tenant; without --data its data is deleted at the end"
        case .address: "the address to listen on (default: 127.0.0.1)"
        case .allowRemote: "listen on an address that other machines reach"
        case .publicHost: "a host name under which browsers may reach it, such as vectis.example.com"
        case .behindTLS: "a proxy in front speaks TLS with browsers and names their addresses"
        case .checkEvery: "minutes between tests of each connection (default: 360; 0 for never)"
        case .noSync: "keep no local copies of companies, tickets and the rest"
        case .resource: "read only this list, such as tickets; once for each (default: all that the connector can read)"
        case .once: "end when all lists are read; otherwise it goes on until it is interrupted"
        case .full: "read whole lists, not only what changed"
        case .acceptMissing: "take the records that a list misses for removed, however many there are"
        case .copyOf: "the connection whose copy it is, if the data directory has several"
        case .changedAfter: "only what changed after change N, in the order of changes"
        case .log: "append the log (JSON lines) to a file instead of standard error"
        case .displayName: "the product's name as people know it (default: NAME)"
        case .package: "write a placeholder into this package's source, of which this is the root, instead of a package of its own"
        case .into: "the folder of the new package; it must be new or empty (default: the name and “-connector”)"
        case .source: "where the new package takes psa-connectors from, a clone or an address"
        case .rule: "check this rule only, such as paging.whole; once for each"
        }
    }
}

/// The parsed tokens of a command: arguments and options, each checked against the command's definition.
struct ParsedCommand: Sendable {
    let arguments: [String]
    private let values: [CommandOption: [String]]

    /// Whether an option was given.
    func has(_ option: CommandOption) -> Bool { values[option] != nil }

    /// The value of an option.
    subscript(option: CommandOption) -> String? { values[option]?.last }

    /// All values of a repeatable option.
    func all(_ option: CommandOption) -> [String] { values[option] ?? [] }

    /// Parses the tokens that follow a command's name.
    ///
    /// `--option value` and `--option=value` are the same; `--` ends options.
    ///
    /// - Throws: ``PSAError`` with `usage.invalid`, which names the word.
    init(_ tokens: [String], of command: CommandDefinition) throws {
        var arguments: [String] = []
        var values: [CommandOption: [String]] = [:]
        var rest = tokens[...]
        while let word = rest.popFirst() {
            if word == "--" {
                arguments += rest
                break
            }
            guard word.hasPrefix("-"), word != "-" else {
                arguments.append(word)
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let option = try Self.option(parts[0], of: command)
            guard values[option] == nil || option.isRepeatable else { throw UsageError.invalid(option.rawValue, .givenTwice) }
            values[option, default: []].append(try Self.value(of: option, attached: parts.count == 2 ? parts[1] : nil, &rest))
        }
        guard arguments.count <= command.arguments.count else {
            let surplus = arguments[command.arguments.count]
            throw UsageError.surplus(surplus, command, Self.option(for: surplus, of: command, given: Set(values.keys)))
        }
        self.arguments = arguments
        self.values = values
    }

    private static func option(_ name: String, of command: CommandDefinition) throws -> CommandOption {
        let allowed = command.options + [.help]
        if CommandOption.isHelp(name) { return .help }
        guard let option = CommandOption(rawValue: name), allowed.contains(option) else {
            throw UsageError.unknown(name, known: allowed.map(\.rawValue))
        }
        return option
    }

    /// The option that a surplus argument was probably meant for: a number is a ticket, everything else a connector.
    private static func option(for argument: String, of command: CommandDefinition, given: Set<CommandOption>) -> CommandOption? {
        let meant = !argument.isEmpty && argument.utf8.allSatisfy { (0x30...0x39).contains($0) } ? CommandOption.ticket : .connector
        return command.options.contains(meant) && !given.contains(meant) ? meant : nil
    }

    private static func value(of option: CommandOption, attached: String?, _ rest: inout ArraySlice<String>) throws -> String {
        guard let valueName = option.valueName else {
            guard attached == nil else { throw UsageError.invalid(option.rawValue, .takesNoValue) }
            return ""
        }
        if let attached { return try checked(attached, of: option) }
        // A value that starts like an option has to be given as --option=value; otherwise the value is missing.
        guard let next = rest.popFirst(), !next.hasPrefix("--") else { throw UsageError.missing("\(option.rawValue) \(valueName)") }
        return try checked(next, of: option)
    }

    private static func checked(_ value: String, of option: CommandOption) throws -> String {
        if value.isEmpty, !option.mayBeEmpty { throw UsageError.invalid(option.rawValue, .isEmpty) }
        return value
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

    /// The value of a required option.
    func required(_ option: CommandOption) throws -> String {
        guard let value = self[option] else { throw UsageError.missing("\(option.rawValue) \(option.valueName ?? "")") }
        return value
    }
}

/// The syntax of a command on the command line.
struct CommandDefinition: Sendable {
    /// Its tokens: `ticket create`.
    let tokens: [String]
    /// What it does, in a line.
    let summary: String
    /// The names of its arguments, for help.
    var arguments: [String] = []
    /// The options it takes beside `--help`.
    var options: [CommandOption] = []
    /// The option with which it takes no arguments; nil if there is none.
    var optionInPlaceOfArguments: CommandOption?

    /// The command with its arguments.
    var usage: String { (["vectis"] + tokens + arguments).joined(separator: " ") }

    /// The forms of the command, those without arguments included.
    var usages: [String] {
        [usage] + (optionInPlaceOfArguments.map { [(["vectis"] + tokens + [$0.rawValue]).joined(separator: " ")] } ?? [])
    }
}

/// Errors on the command line, as errors of the shared taxonomy.
enum UsageError {
    static func unknown(_ word: String, known: [String]) -> PSAError { error(.unknownWord(String(word.prefix(60)), known: known)) }

    static func missing(_ word: String) -> PSAError { error(.missingWord(word)) }

    static func invalid(_ word: String, _ problem: UsageMessage.Problem) -> PSAError {
        var error = error(.invalid(word, problem))
        if problem.isAboutFile {
            error.findings = [CauseEvidence("unusable_file", by: .settings)]
        } else if problem.isAboutValue {
            error.values[.field] = .verbatim(word)
            error.findings = [CauseEvidence("unusable_value", by: .settings)]
        }
        return error
    }

    /// The error of an argument that the command does not take.
    static func surplus(_ word: String, _ command: CommandDefinition, _ meant: CommandOption?) -> PSAError {
        error(.surplusWord(String(word.prefix(60)), usage: command.usage, option: meant?.rawValue))
    }

    private static func error(_ phrase: UsageMessage) -> PSAError { PSAError(.usageInvalid, values: [.message: .phrase(phrase)]) }
}

/// Help, generated from the definitions of the commands.
enum HelpText {
    /// Help about the commands whose tokens start with `subject`, or nil if there are none.
    static func about(_ subject: [String], in forms: [CommandDefinition]) -> String? {
        if subject.isEmpty { return overview(forms) }
        if let form = forms.first(where: { $0.tokens == subject }) { return page(form) }
        let group = forms.filter { $0.tokens.starts(with: subject) }
        return group.isEmpty ? nil : table(group)
    }

    private static func table(_ forms: [CommandDefinition]) -> String {
        let width = forms.map(\.usage.count).max() ?? 0
        return forms.map { "  " + Columns.pad($0.usage, to: width) + "  " + $0.summary }.joined(separator: "\n")
    }

    /// All commands, a line each.
    static func overview(_ forms: [CommandDefinition]) -> String {
        """
        vectis connects to the PSA an MSP works in, by the connector's name.

        \(table(forms))

        Settings come from the environment (HALOPSA_TENANT_URL, HALOPSA_CLIENT_ID, HALOPSA_CLIENT_SECRET …),
        from --setting KEY=VALUE, and for secrets from --setting-file KEY=PATH or a prompt.
        Exit status: 0 done, 2 usage or settings, 3 refused by the PSA or the network, 4 outcome of a write unknown,
        5 data directory, port or log unusable on this machine, 130 interrupted, 1 a defect.
        “vectis COMMAND --help” shows a command's options, “vectis --version” the version.
        """
    }

    /// One command with its options.
    static func page(_ form: CommandDefinition) -> String {
        let options = form.options + [.help]
        let names = options.map { option in option.valueName.map { "\(option.rawValue) \($0)" } ?? option.rawValue }
        let width = names.map(\.count).max() ?? 0
        let lines = zip(names, options).map { "  " + Columns.pad($0, to: width) + "  " + $1.help }
        return "\(form.usages.joined(separator: "\n"))\n\(form.summary)\n\n\(lines.joined(separator: "\n"))"
    }
}
