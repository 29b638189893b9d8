import FoundationEssentials
import Glibc
import PSACore
import PSAEngine
import VectisCore
import VectisStorage

/// The command `vectis database check`: verifies the databases and the archives of a data directory; a host may run meanwhile.
///
/// It ends with status 0 if everything is in order, and with 1 otherwise.
struct CheckDatabaseCommand: Command {
    let form = CommandDefinition(
        tokens: ["database", "check"], summary: "verify the databases and the archived audit log; a host may run meanwhile",
        options: [.data, .database, .databasePasswordFile, .language, .json])

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        let (folder, database) = (DataFolder(path: command[.data] ?? StoredData.defaultFolder), try StoredData.database(command, program))
        let (console, isJSON) = (program.console, command.has(.json))
        let results: [DatabaseCheck.Result]
        if database.isShared {
            do {
                results = try await DatabaseCheck.run(on: database)
            } catch let error as StorageFileError {
                throw error.guided(database: database.name(in: folder))
            }
        } else {
            guard access(folder.database, F_OK) == 0 else { throw PSAError(.databaseMissing, name: folder.database) }
            do {
                results = try check(folder, console, isJSON)
            } catch let error as StorageFileError {
                throw error.guided(database: folder.database)
            }
        }
        let isGood = results.allSatisfy { $0.problems.isEmpty }
        if isJSON {
            let report: JSONValue = ["ok": .bool(isGood), "checks": .array(results.map { $0.json(program.renderer) })]
            console.line(report.encodedText)
        } else {
            for result in results { show(result, program) }
            let copy = database.isShared ? "the database" : "the folder"
            console.line(isGood ? "Everything is in order." : "Something is damaged. Keep a copy of \(copy) before anything else.")
        }
        return isGood ? .done : .defect
    }

    private func check(_ folder: DataFolder, _ console: Console, _ isJSON: Bool) throws -> [DatabaseCheck.Result] {
        let check = DatabaseCheck(folder) { file, subject, bytes in
            // Smaller files are checked at once.
            guard !isJSON, bytes >= 64 << 20, [.pages, .references, .counts].contains(subject) else { return }
            console.message("\(file): checking \(subject.rawValue) of \(bytes >> 20) MiB …")
        }
        return try check.run()
    }

    private func show(_ result: DatabaseCheck.Result, _ program: CommandLineProgram) {
        let count = result.count.map { " (\($0))" } ?? ""
        program.console.line(
            Columns.pad(result.file, to: 12) + Columns.pad(result.subject.rawValue + count, to: 24)
                + (result.problems.isEmpty ? "ok" : "DAMAGED"))
        for text in result.problems + result.remarks { program.console.line("  " + program.renderer.text(text).onOneLine) }
    }
}

extension DatabaseCheck.Result {
    /// The result for programs.
    fileprivate func json(_ renderer: TextRenderer) -> JSONValue {
        func texts(_ problems: [DatabaseProblem]) -> JSONValue { .array(problems.map { .string(renderer.text($0)) }) }
        return .init(present: [
            ("file", .string(file)), ("check", .string(subject.rawValue)), ("ok", .bool(problems.isEmpty)),
            ("count", count.map { .integer($0) }), ("problems", texts(problems)), ("remarks", texts(remarks)),
        ])
    }
}

/// The command `vectis database migrate --database URL`: brings a database on a server up to date before its hosts are updated.
struct MigrateDatabaseCommand: Command {
    let form = CommandDefinition(
        tokens: ["database", "migrate"], summary: "bring a database on a server up to date; hosts may run meanwhile",
        options: [.database, .databasePasswordFile, .language, .json])

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        let (database, folder) = (try StoredData.server(command, program), DataFolder(path: StoredData.defaultFolder))
        let name = database.name(in: folder)
        do {
            let before = try await database.pendingMigrations()
            await (try await database.openStorage(folder, health: StorageHealth())).close()
            await (try await database.openCopies(folder, health: StorageHealth())).close()
            if command.has(.json) {
                let facts: JSONValue = ["database": .string(name), "migrations": .array(before.map { .string($0) })]
                program.console.line(facts.encodedText)
            } else {
                program.console.line(before.isEmpty ? "\(name) is up to date." : "\(name) ran \(before.joined(separator: ", ")).")
            }
            return .done
        } catch let error as StorageFileError {
            throw error.guided(database: name)
        }
    }
}

/// The command `vectis database copy --data FOLDER --database URL`: copies the database of a data directory to a server.
///
/// It locks the data directory. If it is interrupted, it goes on where it was. At the end it compares the rows of both databases.
struct CopyDatabaseCommand: Command {
    let form = CommandDefinition(
        tokens: ["database", "copy"], summary: "copy the database of a data directory to a server (stop the admin page first)",
        options: [.data, .database, .databasePasswordFile, .language, .json])

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        let (database, folder) = (try StoredData.server(command, program), DataFolder(path: command[.data] ?? StoredData.defaultFolder))
        guard access(folder.database, F_OK) == 0 else { throw PSAError(.databaseMissing, name: folder.database) }
        let (console, isJSON, name) = (program.console, command.has(.json), database.name(in: folder))
        do {
            let lock = try DataFolderLock.take(folder)
            let source = try await DatabaseStorage.open(folder.database, health: StorageHealth(lock: lock))
            let results: [DatabaseCopy.Result]
            do {
                let target = try await database.openStorage(folder, health: StorageHealth())
                let copy = DatabaseCopy(from: source, to: target) { table, rows in
                    if !isJSON, rows % 50_000 == 0 { console.message("\(table): \(rows) rows …") }
                }
                results = try await copy.run()
                await target.close()
            } catch {
                await source.close()
                throw error
            }
            await source.close()
            if isJSON {
                let tables = results.map { result -> JSONValue in
                    ["table": .string(result.table), "rows": .integer(result.rows), "sha256": .string(result.hash)]
                }
                let report: JSONValue = ["database": .string(name), "tables": .array(tables)]
                console.line(report.encodedText)
            } else {
                for result in results {
                    console.line(Columns.pad(result.table, to: 24) + Columns.pad("\(result.rows)", to: 10) + result.hash.prefix(16))
                }
                console.line("Every row is in both. Start Vectis with --database and the key file \(folder.keyFile.path).")
            }
            return .done
        } catch let error as DataFolderLockError {
            throw error.guided
        } catch let error as StorageFileError {
            throw error.guided(database: name)
        } catch let failure as StorageFailure {
            throw failure.guided(database: name)
        } catch DatabaseCopy.CopyError.targetInUse {
            throw PSAError(.databaseNotEmpty, name: name)
        } catch DatabaseCopy.CopyError.differs(let table, let source, let target) {
            throw PSAError(.databaseDiffers, name: name, reason: TableDiffers(table: table, source: source, target: target))
        }
    }
}

/// Why a copy is not complete.
private struct TableDiffers: LocalizedMessage {
    let table: String
    let source: Int
    let target: Int

    var values: [String: MessageValue] {
        ["table": .verbatim(table), "source": .verbatim(String(source)), "target": .verbatim(String(target))]
    }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: "The table {table} has {source} rows in the folder and {target} on the server, or other values."
        case .german: "Die Tabelle {table} hat im Ordner {source} und auf dem Server {target} Zeilen, oder andere Werte."
        }
    }
}
