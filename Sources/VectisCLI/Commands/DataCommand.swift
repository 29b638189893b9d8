import FoundationEssentials
import Glibc
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// The command `vectis data`: prints what the local copies of a data directory hold; a host may run meanwhile.
struct DataCommand: Command {
    let form = CommandDefinition(
        tokens: ["data"], summary: "print the local copy, or without RESOURCE which copies there are", arguments: ["[RESOURCE]"],
        options: [.data, .copyOf, .changedAfter, .limit, .native, .language, .json])

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        let folder = DataFolder(path: command[.data] ?? StoredData.defaultFolder)
        let resource = try Self.resource(command)
        guard access(folder.localCopy, R_OK) == 0 else { return try Self.explain(folder, errno, resource, program) }
        let store: any SyncStore
        do {
            store = try await LocalCopyFile.open(folder.localCopy)
        } catch let error as StorageFileError {
            throw error.guided(copy: folder.localCopy)
        }
        do {
            let copies = try await Self.copies(store, command)
            if let resource {
                try await show(resource, try Self.only(copies, command), store, command, program)
            } else {
                try await show(copies, store, command, program)
            }
            await store.close()
        } catch {
            await store.close()
            throw error
        }
        return .done
    }

    /// What there is in place of a copy that can be read.
    private static func explain(
        _ folder: DataFolder, _ code: Int32, _ resource: SyncResource?, _ program: CommandLineProgram
    ) throws -> CommandLineProgram.ExitStatus {
        guard code == ENOENT else {
            var error = PSAError(.copyUnusable, name: folder.localCopy, reason: SystemReason(String(cString: strerror(code))))
            error.findings.append(CauseEvidence("rights", .certain, by: Probe("file_access", canProve: true)))
            throw error
        }
        guard access(folder.path, F_OK) == 0 else { throw UsageError.invalid(CommandOption.data.rawValue, .noSuchFolder(folder.path)) }
        guard resource == nil else { throw UsageError.invalid(CommandOption.data.rawValue, .noLocalCopy(folder.path)) }
        program.console.message("The folder has no local copy yet.")
        return .done
    }

    private static func resource(_ command: ParsedCommand) throws -> SyncResource? {
        guard let word = command.arguments.first else {
            for option in [CommandOption.changedAfter, .limit, .native] where command.has(option) { throw UsageError.missing("RESOURCE") }
            return nil
        }
        if command.has(.native), !command.has(.json) {
            throw UsageError.invalid(CommandOption.native.rawValue, .goesOnlyWith([CommandOption.json.rawValue]))
        }
        guard let resource = SyncResource(rawValue: ResourceName.full(word)) else {
            throw UsageError.unknown(word, known: SyncResource.allCases.map(\.rawValue))
        }
        return resource
    }

    private static func copies(_ store: any SyncStore, _ command: ParsedCommand) async throws -> [LocalCopy] {
        let copies = try await store.copies()
        guard let wanted = command[.copyOf] else { return copies }
        let found = copies.filter { $0.connection.rawValue == wanted }
        guard !found.isEmpty else { throw UsageError.unknown(wanted, known: copies.map(\.connection.rawValue)) }
        return found
    }

    private static func only(_ copies: [LocalCopy], _ command: ParsedCommand) throws -> LocalCopy {
        guard let copy = copies.first else {
            throw UsageError.invalid(CommandOption.data.rawValue, .noLocalCopy(command[.data] ?? StoredData.defaultFolder))
        }
        guard copies.count == 1 else {
            throw UsageError.missing("\(CommandOption.copyOf.rawValue) \(copies.map(\.connection.rawValue).joined(separator: "|"))")
        }
        return copy
    }

    // MARK: Copies

    private func show(_ copies: [LocalCopy], _ store: any SyncStore, _ command: ParsedCommand, _ program: CommandLineProgram) async throws {
        let now = program.time.now()
        let table = SyncTable(now: now)
        for (place, copy) in copies.enumerated() {
            let statuses = try await store.statuses(of: copy.connection)
            let sorted = SyncResource.allCases.compactMap { resource in statuses.first { $0.resource == resource } }
            if command.has(.json) {
                let line: JSONValue = [
                    "connection": .string(copy.connection.rawValue), "connector": .string(copy.connector.rawValue),
                    "tenant": .string(copy.tenant.rawValue), "resources": .array(sorted.map { $0.json(at: now, SyncPolicy()) }),
                ]
                program.console.line(line.encodedText)
                continue
            }
            if place > 0 { program.console.line() }
            program.console.line("\(copy.connection)  \(copy.connector)  \(copy.tenant.rawValue.onOneLine)")
            program.console.line(table.header)
            for status in sorted { program.console.line(table.line(status)) }
        }
        if copies.isEmpty, !command.has(.json) { program.console.message("The folder has no local copy yet.") }
    }

    // MARK: Records

    private func show(
        _ resource: SyncResource, _ copy: LocalCopy, _ store: any SyncStore, _ command: ParsedCommand, _ program: CommandLineProgram
    ) async throws {
        let limit = try command.integer(.limit, in: 1...Int.max) ?? .max
        var place = ChangeSequence(rawValue: Int64(try command.integer(.changedAfter, in: 0...Int.max) ?? 0))
        let isNative = command.has(.native)
        let columns = SyncRecordTable(resource: resource)
        if !command.has(.json) { program.console.line(columns.header) }
        var shown = 0
        while shown < limit {
            let page = try await store.changes(of: resource, in: copy.connection, after: place, limit: min(200, limit - shown))
            guard let last = page.last else { break }
            for record in page {
                program.console.line(command.has(.json) ? record.json(native: isNative).encodedText : columns.line(record))
                if program.console.output.isClosed { throw OutputClosed() }
            }
            shown += page.count
            place = last.sequence
        }
        if !command.has(.json) {
            let rows = ResourceName.counted(shown, resource.rawValue)
            program.console.message("\(rows)\(shown == limit ? " (stopped at --limit)" : ""), up to change \(place)")
        }
    }
}

/// Records of a local copy as a table for people.
struct SyncRecordTable: Sendable {
    let resource: SyncResource

    private var columns: [(title: String, width: Int)] {
        [("SEQUENCE", 16), ("ID", 10), ("STATE", 11), ("COMPANY", 10)] + (resource == .notes ? [("TICKET", 8)] : [])
            + [("UPDATED", 20), ("NAME", 0)]
    }

    var header: String { Self.row(columns.map(\.title), columns) }

    func line(_ record: SyncRecord) -> String {
        let cells =
            [record.sequence.description, record.id.rawValue, record.state.rawValue, record.facts.company?.rawValue ?? ""]
            + (resource == .notes ? [record.facts.ticket?.rawValue ?? ""] : [])
            + [record.facts.updatedAt.map { $0.formatted(.iso8601) } ?? "", record.facts.name]
        return Self.row(cells, columns)
    }

    private static func row(_ cells: [String], _ columns: [(title: String, width: Int)]) -> String {
        RowWriter.line(of: cells, widths: columns.map(\.width))
    }
}
