import ExternalConnectors
import FoundationEssentials
import Glibc
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb
import WebServer

/// The command `vectis serve`.
struct ServeCommand: Command {
    let form = CommandDefinition(
        tokens: ["serve"], summary: "run the admin page",
        options: [
            .port, .data, .database, .databasePasswordFile, .keyFile, .newDatabase, .connectors, .demo, .address, .allowRemote, .publicHost,
            .behindTLS, .checkEvery, .noSync,
            .allowLoopback, .allowNetwork, .log, .untilInputEnds, .language, .json,
        ])

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        // A demo deletes its key at the end, and with it what it has stored elsewhere could not be read any more.
        if command.has(.demo), command.has(.database) {
            throw UsageError.invalid(CommandOption.demo.rawValue, .goesNotWith(CommandOption.database.rawValue))
        }
        let hosts = try command.all(.publicHost).map(Self.publicHost)
        let demo = command.has(.demo) ? try await DemoEnvironment.start(command) : nil
        defer { demo?.stop() }
        let log = try Self.log(command, program)
        let (configuration, transport) = try Self.applyingCrashTest(
            to: Self.configuration(command, program, demo, hosts), program.transport, program.environment)
        let host: Host
        do {
            host = try await Host.start(configuration, transport: transport, time: program.time, log: log)
        } catch {
            await log.flush(within: .seconds(1))
            throw Self.guided(error, configuration)
        }
        Self.announce(host, configuration, command, program.console)
        await ShutdownSignal.wait(inputCounts: command.has(.untilInputEnds))
        await host.stop()
        await log.flush(within: .seconds(1))
        return .done
    }

    private static func configuration(
        _ command: ParsedCommand, _ program: CommandLineProgram, _ demo: DemoEnvironment?, _ hosts: [String]
    ) throws -> Host.Configuration {
        let folder = DataFolder(path: demo?.folder ?? command[.data] ?? StoredData.defaultFolder, keyFile: command[.keyFile])
        let environment = WebEnvironment(
            hosts: Set(hosts), isBehindTLS: command.has(.behindTLS), demo: demo?.tenant,
            metricsToken: program.environment["VECTIS_METRICS_TOKEN"].flatMap { $0.isEmpty ? nil : Secret($0) })
        var configuration = Host.Configuration(folder: folder, environment: environment, connectors: program.connectors)
        configuration.database = try StoredData.database(command, program)
        configuration.port = UInt16(try command.integer(.port, in: 0...65_535) ?? 8080)
        configuration.address = try address(command)
        configuration.addressPolicy = try program.addressPolicy(command, reachesLoopback: demo != nil)
        if let minutes = try command.integer(.checkEvery, in: 0...100_000) {
            configuration.checkInterval = minutes == 0 ? nil : .seconds(minutes * 60)
        }
        if command.has(.noSync) { configuration.sync = nil }
        let scheme = command.has(.behindTLS) ? "https" : "http"
        configuration.publicAddress = hosts.first.map { "\(scheme)://\($0)" }
        configuration.createsDatabase = command.has(.newDatabase)
        configuration.connectionTestLimit = program.connectionTestLimit
        return configuration
    }

    /// The configuration and transport of a crash test; both unchanged without one, and always in a release build.
    private static func applyingCrashTest(
        to configuration: Host.Configuration, _ transport: any HTTPTransport, _ environment: [String: String]
    ) throws -> (Host.Configuration, any HTTPTransport) {
        #if DEBUG
        if let crash = try CrashTest(environment) {
            var configuration = configuration
            configuration.outbox = crash.policy
            configuration.pace = crash.pace
            if let lease = crash.lease { configuration.gateLease = lease }
            configuration.reached = { crash.reached($0) }
            configuration.reachedInTransaction = { crash.reached($0) }
            return (configuration, CrashingTransport(transport: transport, crash: crash))
        }
        #endif
        return (configuration, transport)
    }

    /// A name or address as browsers send it in `Host`: in lower case, perhaps with a port.
    private static func publicHost(_ text: String) throws -> String {
        let form = /(\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::([1-9][0-9]{0,4}))?/
        guard text.utf8.count <= 255, let host = text.lowercased().wholeMatch(of: form),
            !host.1.hasPrefix("[") || IPAddress(String(host.1.dropFirst().dropLast())) != nil,
            host.2.map({ UInt16($0) != nil }) ?? true
        else { throw UsageError.invalid(CommandOption.publicHost.rawValue, .notAHost(String(text.prefix(60)))) }
        return String(host.0)
    }

    private static func address(_ command: ParsedCommand) throws -> String {
        guard let address = command[.address] else { return "127.0.0.1" }
        guard IPAddress(address) != nil else {
            throw UsageError.invalid(CommandOption.address.rawValue, .notAnAddress(String(address.prefix(60))))
        }
        let isLoopback = address == "::1" || address.hasPrefix("127.")
        guard isLoopback || command.has(.allowRemote) else {
            throw UsageError.invalid(CommandOption.address.rawValue, .notLoopback(String(address.prefix(60))))
        }
        return address
    }

    /// The log is written to a file, or to standard error unless that is a terminal, where it would hide all other output.
    private static func log(_ command: ParsedCommand, _ program: CommandLineProgram) throws -> HostLog {
        guard let path = command[.log] else {
            return HostLog(sink: program.console.messagesAreTerminal ? NoSink() : program.console.messages, time: program.time)
        }
        guard let sink = FileSink(appendingTo: path) else {
            throw PSAError(.logUnusable, name: path, reason: SystemReason(String(cString: strerror(errno))))
        }
        let now = program.time.now
        return HostLog(sink: QueuedSink(sink) { HostLog.droppedLine($0, at: now()) }, time: program.time)
    }

    /// What keeps the host from starting, with its guidance.
    private static func guided(_ error: any Error, _ configuration: Host.Configuration) -> any Error {
        let folder = configuration.folder
        let database = configuration.database.name(in: folder)
        return switch error {
        case let error as WebServerError: error.guided(at: configuration)
        case let error as KeyRingError: error.guided(keyFile: folder.keyFile.path)
        case let error as DataFolderLockError: error.guided
        case let error as DataFolderError: error.guided
        case let error as Host.CopyError: error.reason.guided(copy: configuration.database.copiesName(in: folder))
        case let error as StorageFileError: error.guided(database: database)
        case let failure as StorageFailure: failure.guided(database: database)
        case let error as CocoaError:
            PSAError(
                .folderUnusable, name: folder.path,
                reason: SystemReason((error.underlying as? POSIXError).map { String(cString: strerror($0.code.rawValue)) } ?? ""))
        default: StorageFileError(escaped: error)?.guided(database: database) ?? error
        }
    }

    private static func announce(_ host: Host, _ configuration: Host.Configuration, _ command: ParsedCommand, _ console: Console) {
        let shown = configuration.address.contains(":") ? "[\(configuration.address)]" : configuration.address
        let address = "http://\(shown):\(host.port)"
        let demo = configuration.environment.demo
        if command.has(.json) {
            let facts = JSONValue(present: [
                ("url", .string(address)), ("account", host.firstAccount.map { .string($0.name.rawValue) }),
                ("password", host.firstAccount.map { .string($0.password.reveal()) }), ("data", .string(configuration.folder.path)),
                ("demoTenant", demo?.settings.first { $0.key.rawValue == "tenantURL" }.map { .string($0.value) }),
            ])
            return console.line(facts.encodedText)
        }
        var lines = ["", "Vectis listens on \(address). Stop it with Ctrl-C.", ""]
        if let first = host.firstAccount {
            lines += [
                "  Name      \(first.name)", "  Password  \(first.password.reveal())", "",
                "The password is shown this once; change it under your name, top right.",
            ]
        } else {
            lines.append(
                "Sign in with your account. A forgotten password: vectis account reset-password NAME --data \(configuration.folder.path)")
        }
        lines += configuration.connectors.unusable.map { "\nConnector \($0.name.onOneLine): \($0.text(in: TextRenderer()))" }
        if demo != nil {
            lines += [
                "", "A demo HaloPSA tenant runs beside it: Integrations → HaloPSA → Configure → Fill in the demo tenant’s values.",
                command[.data] == nil ? "All data is deleted when it stops." : "The demo tenant ends with it; the data folder stays.",
            ]
        }
        console.line(lines.joined(separator: "\n"))
    }
}

/// Discards everything.
private struct NoSink: TextSink {
    func write(_ text: String) {}
}

/// A simulator and a data directory for a demonstration.
///
/// The simulator ends with it. A data directory that the command line names must have no connections, because a demo may reach this machine,
/// and stays; otherwise one is made, and removed at the end.
struct DemoEnvironment: Sendable {
    let folder: String
    let tenant: DemoTenant
    private let simulator: SimulatorProcess
    private let ownsFolder: Bool

    /// Starts the simulator, and creates a folder unless one is given.
    static func start(_ command: ParsedCommand) async throws -> DemoEnvironment {
        if let path = command[.data] { try await requireNoConnections(in: DataFolder(path: path)) }
        let simulator = try await SimulatorProcess.start()
        let folder = command[.data] ?? FileManager.default.temporaryDirectory.path + "/vectis-demo-\(CorrelationID())"
        let settings: [SettingKey: String] = [
            "tenantURL": simulator.address, "clientID": simulator.clientID, "clientSecret": simulator.clientSecret.reveal(),
        ]
        return DemoEnvironment(
            folder: folder, tenant: DemoTenant(connector: ConnectorID("halopsa"), settings: settings), simulator: simulator,
            ownsFolder: command[.data] == nil)
    }

    /// Refuses a data directory that is more than a demo.
    private static func requireNoConnections(in folder: DataFolder) async throws {
        guard access(folder.database, F_OK) == 0 else { return }
        do {
            let storage = try await HostDatabase.files.openStorage(folder, health: StorageHealth())
            let connections = try await storage.connections()
            await storage.close()
            guard connections.isEmpty else { throw UsageError.invalid(CommandOption.data.rawValue, .folderInUse(folder.path)) }
        } catch let error as StorageFileError {
            throw error.guided(database: folder.database)
        }
    }

    /// Ends the simulator and removes the folder, unless the command line named it.
    func stop() {
        simulator.stop()
        // A folder that can't be removed lies in the system's folder for temporary files, which is emptied anyway.
        if ownsFolder { try? FileManager.default.removeItem(atPath: folder) }
    }
}

extension WebServerError {
    /// The error of a host that can't listen.
    fileprivate func guided(at configuration: Host.Configuration) -> PSAError {
        let name = "\(configuration.address) port \(configuration.port)"
        return switch kind {
        case .addressInUse: PSAError(.portInUse, name: name)
        case .cannotBind where (1..<1_024).contains(configuration.port) && geteuid() != 0:
            PSAError(.portReserved, name: name, reason: SystemReason(message))
        case .invalidAddress, .cannotBind: PSAError(.addressUnusable, name: name, reason: SystemReason(message))
        case .cannotStart: PSAError(.resourcesExhausted, name: name, reason: SystemReason(message))
        }
    }
}
