import ExternalConnectors
import FoundationEssentials
import Glibc
import PSACore
import PSACurl
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// The `vectis` command: selects the command, runs it, and turns results and errors into text or JSON and an exit status.
package struct CommandLineProgram: Sendable {
    /// What the process ends with.
    package enum ExitStatus: Int32, Sendable, CaseIterable {
        case done = 0
        /// A defect of this program, or of the files that `database check` has read.
        case defect = 1
        /// The command line or the settings.
        case usage = 2
        /// The PSA or the network.
        case refused = 3
        /// A write of unknown outcome.
        case outcomeUnknown = 4
        /// The data directory, its files, the port or the log can't be used on this machine.
        case machine = 5
        /// It was ended by SIGINT or SIGTERM, and nothing was refused; what a shell reports for a process that SIGINT ends.
        case interrupted = 130
    }

    /// The connectors, those of a folder included once the command line is known.
    private(set) var connectors: FoundConnectors
    var console: Console
    let environment: [String: String]
    let transport: any HTTPTransport
    let time: TimeSource
    let connectionTestLimit: Duration
    /// The language of a command's output; set once its tokens are known.
    private(set) var renderer = TextRenderer()

    /// Creates a program with a given environment, for tests.
    init(
        registry: ConnectorRegistry, console: Console, environment: [String: String], transport: any HTTPTransport,
        time: TimeSource = .system, connectionTestLimit: Duration = .seconds(10)
    ) {
        connectors = FoundConnectors(registry)
        self.console = console
        self.environment = environment
        self.transport = transport
        self.time = time
        self.connectionTestLimit = connectionTestLimit
    }

    /// The program with the process's own environment.
    package static func standard() -> CommandLineProgram {
        do {
            return CommandLineProgram(
                registry: try BuiltInConnectors.registry(), console: .standard, environment: ProcessInfo.processInfo.environment,
                transport: CurlTransport(certificateAuthorityFile: ProcessInfo.processInfo.environment["VECTIS_CA_FILE"]))
        } catch {
            preconditionFailure("The list of built-in connectors contradicts itself: \(error)")
        }
    }

    /// The connectors that can be used.
    var registry: ConnectorRegistry { connectors.registry }

    /// The program for one command: its language, and the connectors of the folder it names.
    private func prepared(for command: ParsedCommand, _ form: CommandDefinition, _ renderer: TextRenderer) async throws
        -> CommandLineProgram
    {
        var program = self
        program.renderer = renderer
        try command.requireConnectorsFolder()
        guard form.options.contains(.connectors), let folder = command.connectorsFolder(form) else { return program }
        do {
            program.connectors = try await connectors.adding(from: folder, time: time)
        } catch let refusal as ConnectorsFolder.UnsafeFolderError {
            throw PSAError(.connectorsUnsafe, name: refusal.path, reason: refusal.reason)
        }
        return program
    }

    /// How long the end of `serve` waits for a reader of its output.
    private static let flushLimit: Duration = .seconds(1)

    /// Runs one command line and returns the exit status.
    ///
    /// Nothing that `serve` writes waits for a reader. Output that could not be written, unless its reader has gone away, is an error.
    package func run(_ tokens: [String]) async -> Int32 {
        var program = self
        if tokens.first == "serve" { program.console = console.queued(time.now) }
        let status = await program.status(of: tokens)
        if tokens.first == "serve" { await program.console.flush(within: Self.flushLimit) }
        guard let failure = program.console.output.failure else { return status }
        show(PSAError(.outputUnusable, name: "", reason: failure), asJSON: false, renderer(tokens))
        return status == ExitStatus.done.rawValue ? ExitStatus.machine.rawValue : status
    }

    private func status(of tokens: [String]) async -> Int32 {
        let wantsJSON = tokens.contains(CommandOption.json.rawValue)
        let renderer = renderer(tokens)
        do {
            return try await dispatch(tokens).rawValue
        } catch let error as PSAError {
            show(error, asJSON: wantsJSON, renderer)
            return Self.status(for: error).rawValue
        } catch let failure as StorageFailure {
            let error = failure.guided(database: Self.dataFolder(tokens))
            show(error, asJSON: wantsJSON, renderer)
            return Self.status(for: error).rawValue
        } catch is OutputClosed {
            return ExitStatus.done.rawValue
        } catch is CancellationError {
            console.message("Cancelled.")
            return ExitStatus.interrupted.rawValue
        } catch {
            show(PSAError(.connectorDefect, evidence: CoreMessage.escaped(type: "\(type(of: error))")), asJSON: wantsJSON, renderer)
            return ExitStatus.defect.rawValue
        }
    }

    /// The data folder that a command line names, for an error whose command did not say it.
    private static func dataFolder(_ tokens: [String]) -> String {
        let option = CommandOption.data.rawValue
        let attached = tokens.last { $0.hasPrefix(option + "=") }.map { String($0.dropFirst(option.count + 1)) }
        return attached ?? tokens.firstIndex(of: option).flatMap { $0 + 1 < tokens.count ? tokens[$0 + 1] : nil }
            ?? StoredData.defaultFolder
    }

    /// The requested language, found even if the rest of the line is invalid.
    private func renderer(_ tokens: [String]) -> TextRenderer {
        let option = CommandOption.language.rawValue
        let attached = tokens.last { $0.hasPrefix(option + "=") }.map { String($0.dropFirst(option.count + 1)) }
        let following = tokens.firstIndex(of: option).flatMap { $0 + 1 < tokens.count ? tokens[$0 + 1] : nil }
        let asked = attached ?? following ?? environment["LC_ALL"] ?? environment["LC_MESSAGES"] ?? environment["LANG"]
        return TextRenderer(Language(locale: asked))
    }

    /// The version of the program: the one that `Docs/CHANGELOG.md` prepares, with `-dev` until it is published.
    static let version = "1.0.0-dev"

    /// The tokens of the command or group of commands that help is asked for, empty for all of them; nil if no help is asked for.
    ///
    /// Those that ask for it: `help`, `help ticket create`, `--help`, `ticket --help`. Behind other options `--help` is an option of the command.
    private static func subjectOfHelp(_ tokens: [String]) -> [String]? {
        guard let first = tokens.first else { return [] }
        if first == "help" || CommandOption.isHelp(first) { return Array(tokens.dropFirst()) }
        return tokens.count == 2 && CommandOption.isHelp(tokens[1]) ? [first] : nil
    }

    private func dispatch(_ tokens: [String]) async throws -> ExitStatus {
        if tokens == ["--version"] || tokens == ["version"] {
            console.line("vectis \(Self.version)")
            return .done
        }
        if let subject = Self.subjectOfHelp(tokens), let help = HelpText.about(subject, in: Self.commands.map { $0.form }) {
            console.line(help)
            return .done
        }
        let matching = Self.commands.filter { tokens.starts(with: $0.form.tokens) }
        guard let command = matching.max(by: { $0.form.tokens.count < $1.form.tokens.count }) else {
            let known = Self.commands.map { $0.form.tokens }
            let group = known.filter { $0.first == tokens.first }
            throw UsageError.unknown(
                tokens.prefix(2).joined(separator: " "), known: (group.isEmpty ? known : group).map { $0.joined(separator: " ") })
        }
        let parsed = try ParsedCommand(Array(tokens.dropFirst(command.form.tokens.count)), of: command.form)
        if parsed.has(.help) {
            console.line(HelpText.page(command.form))
            return .done
        }
        if let language = parsed[.language], Language(rawValue: language) == nil {
            throw UsageError.invalid(
                CommandOption.language.rawValue, .notKnown(String(language.prefix(40)), Language.allCases.map(\.rawValue)))
        }
        let program = try await prepared(for: parsed, command.form, renderer(tokens))
        do {
            return try await command.run(parsed, in: program)
        } catch let error as PSAError {
            // Here the connector of the failure is known, including those of a folder.
            program.show(error, asJSON: parsed.has(.json), program.renderer)
            return Self.status(for: error)
        }
    }

    /// Every command.
    static let commands: [any Command] = [
        ConnectorsCommand(), ShowConnectorCommand(), TestCommand(), ListCommand(), CreateTicketCommand(), ShowTicketCommand(),
        NoteCommand(), ReplyCommand(), StatusCommand(), AttachmentCommand(), ErrorsCommand(), ConformanceCommand(), NewConnectorCommand(),
        SimulateCommand(), TourCommand(),
        ServeCommand(), SyncCommand(), DataCommand(), CheckDatabaseCommand(), MigrateDatabaseCommand(), CopyDatabaseCommand(),
        ResetPasswordCommand(), RotateKeyCommand(),
    ]

    private func show(_ error: PSAError, asJSON: Bool, _ renderer: TextRenderer) {
        if asJSON {
            console.line(error.problem(in: renderer).encodedText)
        } else {
            console.messages.write(GuidanceText(error, registry: registry, renderer: renderer).text)
            for issue in error.ticketFieldIssues {
                console.message("  \(issue.field.rawValue.onOneLine): \(renderer.text(issue.sentence).onOneLine)")
            }
        }
    }

    /// The exit status of an error.
    ///
    /// A write that may have been executed comes first, whatever was diagnosed: a program that repeats what was refused must not repeat it.
    static func status(for error: PSAError) -> ExitStatus {
        if error.mayHaveBeenExecuted { return .outcomeUnknown }
        return switch error.code {
        case .writeOutcomeUnknown: .outcomeUnknown
        case .connectorDefect: .defect
        case .urlNotVendor: .refused
        case .connectorPlaceholder, .connectorUnsupported, .syncCursorRejected, .requestInvalid: .usage
        case let code where HostErrorCode(code) != nil: .machine
        default: [.usage, .config, .url].contains(error.code.area) ? .usage : .refused
        }
    }
}

/// One command.
protocol Command: Sendable {
    /// What it looks like.
    var form: CommandDefinition { get }
    /// Runs it.
    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus
}

extension CommandOption {
    /// The options of every command that connects.
    static let connection: [CommandOption] = [
        .connectors, .setting, .settingFile, .allowLoopback, .allowNetwork, .noRateLimit, .verbose, .language, .json,
    ]
}

extension CommandLineProgram {
    /// Connects to the tenant that the command line names.
    ///
    /// - Throws: ``PSAError`` with `connector.placeholder` before any setting is asked for, unless the command tests a connection.
    func connect(_ name: String, _ command: ParsedCommand, isTest: Bool = false) throws -> ConnectorSession {
        let (context, input) = try context(name, command, isTest: isTest)
        return try registry.connect(name, settings: input, context: context)
    }

    /// The context for a connection, and the settings that the command line names, not yet checked.
    ///
    /// - Throws: ``PSAError`` with `connector.placeholder` before any setting is asked for, unless the command tests a connection.
    func context(
        _ name: String, _ command: ParsedCommand, isTest: Bool = false
    ) throws -> (context: ConnectorContext, input: SettingsInput) {
        let descriptor = try registry.descriptor(named: name)
        // No settings lead anywhere; only a test checks them.
        if descriptor.tier == .placeholder, !isTest {
            var error = PSAError(.connectorPlaceholder, catalogue: descriptor.guidance)
            error.connector = descriptor.id
            throw error
        }
        let input = try SettingsSource(environment: environment, console: console).collect(for: descriptor, from: command)
        let context = ConnectorContext(
            transport: transport, addressPolicy: try addressPolicy(command), time: time,
            log: MessageLog(console: console, showsAll: command.has(.verbose), isSilent: command.has(.json)),
            tenants: command.has(.noRateLimit) ? TenantRateLimits(pace: nil) : TenantRateLimits(),
            connectionTestLimit: connectionTestLimit)
        return (context, input)
    }
}

/// Shows the events of a connector as messages: all of them if asked for, otherwise only noticeable delays.
private struct MessageLog: ConnectorLog {
    let console: Console
    let showsAll: Bool
    let isSilent: Bool

    func record(_ event: ConnectorEvent) {
        if showsAll || (!isSilent && isLongWait(event)) { console.message("· \(event)") }
    }

    private func isLongWait(_ event: ConnectorEvent) -> Bool {
        switch event.kind {
        case .repeating(_, _, let wait), .heldBack(_, let wait): wait >= .seconds(2)
        default: false
        }
    }
}

extension CommandLineProgram {
    /// The environment variable beside `--allow-network`.
    static let networksVariable = "VECTIS_ALLOW_NETWORK"

    /// Which addresses the connections of a command may reach: those of the public internet, and what the operator allows besides.
    ///
    /// - Throws: ``PSAError`` with `usage.invalid` for what is no network.
    func addressPolicy(_ command: ParsedCommand, reachesLoopback: Bool = false) throws -> AddressPolicy {
        let policy: AddressPolicy = command.has(.allowLoopback) || reachesLoopback ? .allowingLoopback : .publicOnly
        let options = command.all(.allowNetwork).map { (CommandOption.allowNetwork.rawValue, $0) }
        let variable = environment[Self.networksVariable].map { [(Self.networksVariable, $0)] } ?? []
        return policy.allowing(try (options + variable).flatMap(Self.networks))
    }

    private static func networks(_ source: String, _ list: String) throws -> [IPNetwork] {
        try list.split { $0 == "," || $0 == " " }.map { text in
            guard let network = IPNetwork(String(text)) else {
                throw UsageError.invalid(source, .notANetwork(String(text.prefix(60))))
            }
            return network
        }
    }
}

/// The data folder that a command works on.
enum StoredData {
    static let defaultFolder = "vectis-data"

    /// Opens what is stored there.
    ///
    /// - Parameters:
    ///   - command: The command line, which names the folder.
    ///   - program: The program, with its environment.
    ///   - exclusive: Whether to lock the folder until the storage is closed.
    /// - Returns: The folder, and what is stored in it.
    /// - Throws: ``PSAError`` if there is nothing, or it can't be used; a command never makes a new, empty folder.
    static func open(
        _ command: ParsedCommand, _ program: CommandLineProgram, exclusive: Bool
    ) async throws -> (folder: DataFolder, storage: any Storage) {
        let folder = DataFolder(path: command[.data] ?? defaultFolder, keyFile: command[.keyFile])
        let database = try database(command, program)
        do {
            guard try await database.content(in: folder) != .missing else {
                throw PSAError(.databaseMissing, name: database.name(in: folder))
            }
            let health = StorageHealth(lock: exclusive ? try DataFolderLock.take(folder) : nil)
            let storage = try await database.openStorage(folder, health: health)
            if !database.isShared { health.lock?.guardDatabase() }
            return (folder, storage)
        } catch let error as DataFolderLockError {
            throw error.guided
        } catch let error as StorageFileError {
            throw error.guided(database: database.name(in: folder))
        }
    }

    /// The database on a server that a command line names.
    ///
    /// - Throws: ``UsageError`` if it names none.
    static func server(_ command: ParsedCommand, _ program: CommandLineProgram) throws -> HostDatabase {
        guard command[.database] != nil else { throw UsageError.missing(CommandOption.database.rawValue) }
        return try database(command, program)
    }

    /// The database that a command line names.
    ///
    /// - Throws: ``UsageError`` if its URL or the file of its password can't be used.
    static func database(_ command: ParsedCommand, _ program: CommandLineProgram) throws -> HostDatabase {
        do {
            return try HostDatabase(
                url: command[.database], passwordFile: command[.databasePasswordFile], environment: program.environment)
        } catch HostDatabaseError.url(let reason) {
            throw UsageError.invalid(CommandOption.database.rawValue, .unusableURL(reason))
        } catch HostDatabaseError.passwordFile(let path) {
            throw UsageError.invalid(
                CommandOption.databasePasswordFile.rawValue, SmallFile.exists(path) ? .unreadableFile(path) : .noSuchFile(path))
        }
    }
}
