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
        options: [.data, .language, .json])

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        let folder = DataFolder(path: command[.data] ?? StoredData.defaultFolder)
        guard access(folder.database, F_OK) == 0 else { throw PSAError(.databaseMissing, name: folder.database) }
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
            results = check(folder, console, isJSON)
        }
        let results = check.run()
        let isGood = results.allSatisfy { $0.problems.isEmpty }
        if isJSON {
            let report: JSONValue = ["ok": .bool(isGood), "checks": .array(results.map { $0.json(program.renderer) })]
            console.line(report.encodedText)
        } else {
            for result in results { show(result, program) }
            console.line(isGood ? "Everything is in order." : "Something is damaged. Keep a copy of the folder before anything else.")
        }
        return isGood ? .done : .defect
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
