import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// The command `vectis sync CONNECTOR`: keeps the local copy of one tenant, without the admin page.
struct SyncCommand: Command {
    let form = CommandDefinition(
        tokens: ["sync"], summary: "keep a local copy of companies, tickets and the rest", arguments: ["CONNECTOR"],
        options: [.data, .resource, .once, .full, .acceptMissing, .untilInputEnds] + CommandOption.connection)

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        guard let name = command.arguments.first else { throw UsageError.missing("CONNECTOR") }
        let resources = try Self.resources(command, .resource)
        let accepted = try Self.resources(command, .acceptMissing)
        let (context, input) = try program.context(name, command)
        let descriptor = try program.registry.descriptor(named: name)
        let validation = descriptor.settings.validate(input, policy: context.addressPolicy)
        guard let settings = validation.settings else { throw PSAError(settings: validation.issues, descriptor: descriptor) }
        let tenant = TenantIdentity(settings, of: descriptor)

        let folder = DataFolder(path: command[.data] ?? StoredData.defaultFolder)
        let store = try await Self.open(folder)
        do {
            let known = try await store.copies().first { $0.connector == descriptor.id && $0.tenant == tenant }
            let id = known?.connection ?? ConnectionID(derivedFrom: descriptor.id, tenant)
            let engine = try await Engine(store: InMemoryEngineStore(), registry: program.registry, context: context)
            try await engine.addConnection(id, connector: name, settings: input)
            let progress = SyncProgressPrinter(
                console: program.console, time: program.time, renderer: program.renderer, writesJSON: command.has(.json))
            let sync = SyncEngine(store: store, engine: engine, options: SyncEngine.Options(log: progress, isAlone: true))
            let work = SyncWork(
                sync: sync, connection: id, resources: resources, accepted: accepted, readsInFull: command.has(.full),
                isOnce: command.has(.once), time: program.time)
            let ending = try await work.run(inputCounts: command.has(.untilInputEnds))
            progress.finish()
            let status = try await report(ending, sync, id, resources, descriptor, progress, command, program)
            await store.close()
            return status
        } catch is SyncError {
            await store.close()
            throw PSAError(.copyUnusable, name: folder.localCopy)
        } catch {
            await store.close()
            throw error
        }
    }

    private static func resources(_ command: ParsedCommand, _ option: CommandOption) throws -> Set<SyncResource>? {
        guard command.has(option) else { return nil }
        let known = SyncResource.allCases.filter(\.isList).map(\.rawValue)
        return Set(
            try command.all(option).map { word in
                guard let resource = SyncResource(rawValue: ResourceName.full(word)), resource.isList else {
                    throw UsageError.unknown(word, known: known)
                }
                return resource
            })
    }

    /// Opens the copies of a folder, and locks it until they are closed.
    private static func open(_ folder: DataFolder) async throws -> any SyncStore {
        do {
            try folder.prepare()
            let health = StorageHealth(lock: try DataFolderLock.take(folder))
            return try await LocalCopyFile.open(folder.localCopy, health: health)
        } catch let error as DataFolderLockError {
            throw error.guidedForSync
        } catch let error as StorageFileError {
            throw error.guided(copy: folder.localCopy)
        } catch is CocoaError {
            throw PSAError(.folderUnusable, name: folder.path)
        }
    }

    /// Prints how the resources stand, and what has to be done about those that were not read.
    private func report(
        _ ending: SyncWork.Ending, _ sync: SyncEngine, _ id: ConnectionID, _ resources: Set<SyncResource>?,
        _ descriptor: ConnectorDescriptor, _ progress: SyncProgressPrinter, _ command: ParsedCommand, _ program: CommandLineProgram
    ) async throws -> CommandLineProgram.ExitStatus {
        let statuses = try await sync.statuses(of: id).filter { resources?.contains($0.resource) ?? true }
        let now = program.time.now()
        if command.has(.json) {
            let summary: JSONValue = [
                "type": "summary", "connection": .string(id.rawValue), "interrupted": .bool(ending == .interrupted),
                "resources": .array(statuses.map { $0.json(at: now, sync.policy) }),
            ]
            program.console.line(summary.encodedText)
        } else {
            let table = SyncTable(now: now)
            program.console.line(table.header)
            for status in statuses { program.console.line(table.line(status)) }
        }
        var isWhole = ending == .finished
        for status in statuses {
            if status.progress.failure != nil {
                isWhole = false
                if !command.has(.json), let error = progress.failure(of: status.resource) {
                    program.console.message("\n\(status.resource):")
                    program.console.messages.write(GuidanceText(error, registry: program.registry, renderer: program.renderer).text)
                }
            }
            if let missing = status.progress.missing {
                isWhole = false
                if !command.has(.json) {
                    let error = PSAError(.syncTooManyMissing, catalogue: descriptor.guidance)
                    program.console.message(
                        "\n\(status.resource): \(missing.missing) of \(ResourceName.counted(missing.rows, "records")) missing.")
                    program.console.messages.write(GuidanceText(error, registry: program.registry, renderer: program.renderer).text)
                    program.console.message("Once you have made sure: vectis sync … --accept-missing \(status.resource)")
                }
            }
        }
        if ending == .interrupted, !command.has(.json) { program.console.message("Interrupted; the next start goes on at its place.") }
        guard !isWhole, command.has(.once) else { return .done }
        return ending == .interrupted ? .interrupted : .refused
    }
}

/// The work of `vectis sync`, until it is done or interrupted.
struct SyncWork: Sendable {
    /// How the work ended.
    enum Ending: Sendable {
        /// All resources were read, or have failed.
        case finished
        /// A signal came first, or standard input ended.
        case interrupted
    }

    let sync: SyncEngine
    let connection: ConnectionID
    /// Nil for all.
    let resources: Set<SyncResource>?
    /// The resources whose missing records are taken for removed.
    let accepted: Set<SyncResource>?
    let readsInFull: Bool
    let isOnce: Bool
    let time: TimeSource

    /// Works until it is done or interrupted.
    ///
    /// - Parameter inputCounts: Whether the end of standard input interrupts it.
    /// - Returns: How it ended.
    /// - Throws: Errors of the store, or ``SyncError/busy``.
    func run(inputCounts: Bool) async throws -> Ending {
        try await withThrowingTaskGroup(of: Ending?.self) { group in
            group.addTask {
                do {
                    try await work()
                    return .finished
                } catch is CancellationError {
                    return nil
                }
            }
            group.addTask {
                await ShutdownSignal.wait(inputCounts: inputCounts)
                return .interrupted
            }
            let first = try await group.next() ?? .finished
            group.cancelAll()
            // What was under way ends at a page, and is stored.
            while let _ = try await group.next() {}
            return first ?? .finished
        }
    }

    private func work() async throws {
        let wanted = resources.map { $0.union(accepted ?? []) }
        try await sync.sync(connection, resources: wanted, full: readsInFull, acceptingMissing: accepted ?? [])
        while !isOnce {
            if let due = try await due() { try await sync.sync(connection, resources: due) }
            try await time.sleep(.seconds(1))
        }
    }

    /// What is to be read now; without a resource where only tickets that are read one by one wait, or their notes, and nil for nothing.
    func due() async throws -> Set<SyncResource>? {
        let wanted = resources.map { $0.union(accepted ?? []) }
        let statuses = try await sync.statuses(of: connection).filter { $0.resource.isList && wanted?.contains($0.resource) ?? true }
        let now = time.now()
        let due = Set(statuses.filter { $0.isDue(at: now) }.map(\.resource))
        guard due.isEmpty else { return due }
        guard wanted?.contains(.tickets) ?? true else { return nil }
        return try await sync.store.hasDueReread(of: connection, now: now, sync.policy) ? [] : nil
    }
}

/// How resources stand, as a table for people.
struct SyncTable {
    let now: Date

    private static let columns = [("RESOURCE", 18), ("ROWS", 8), ("DELETED", 8), ("UP TO DATE", 14), ("LAST RUN", 0)]

    var header: String { Self.row(Self.columns.map(\.0)) }

    func line(_ status: SyncStatus) -> String {
        let last = status.progress.lastRun.map { run in
            "\(run.kind.rawValue): \(ResourceName.counted(run.rows, "rows")), \(run.added) new, \(run.changed) changed"
                + (run.unreadable > 0 ? ", \(run.unreadable) unreadable" : "") + (run.hasGap ? ", with gaps" : "")
        }
        let failure = status.progress.failure.map { "failed: \($0.code.rawValue)" }
        let state = failure ?? (status.progress.missing != nil ? "needs review" : status.isPaused ? "paused" : nil)
        let age = status.age(at: now).map { Self.text($0) } ?? (status.resource.isList ? "never read" : "")
        return Self.row([
            status.resource.rawValue, "\(status.rows)", "\(status.counts[.deleted] ?? 0)", age,
            [state, last].compactMap { $0 }.joined(separator: "; "),
        ])
    }

    private static func row(_ cells: [String]) -> String {
        zip(cells, columns).enumerated().map { index, pair in
            index == columns.count - 1 ? pair.0 : Columns.pad(pair.0, to: pair.1.1, cutting: true)
        }.joined(separator: "  ")
    }

    /// A duration in its largest unit.
    static func text(_ age: Duration) -> String {
        let seconds = Int(age.components.seconds)
        return switch seconds {
        case ..<60: "\(seconds) s ago"
        case ..<3_600: "\(seconds / 60) min ago"
        case ..<172_800: "\(seconds / 3_600) h ago"
        default: "\(seconds / 86_400) days ago"
        }
    }
}
