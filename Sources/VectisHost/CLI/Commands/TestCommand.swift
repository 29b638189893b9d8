import PSACore

/// The command `vectis test NAME`.
struct TestCommand: Command {
    let form = CommandForm(
        words: ["test"], summary: "test a connection and say what is wrong", positions: ["CONNECTOR"], options: CommandOption.connection)

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        guard let name = command.positions.first else { throw UsageError.missing("CONNECTOR") }
        let session = try program.connect(name, command)
        let console = program.console
        let wantsJSON = command.has(.json)
        let report = try await session.testConnection { check in
            if !wantsJSON { console.line(Self.line(check, coloured: console.outputIsTerminal)) }
        }
        if wantsJSON {
            // A failed test is a failure like any other: the problem stands alone, with the checks inside it.
            console.line((report.failure.map { $0.problem.adding(("checks", report.json["checks"] ?? .null)) } ?? report.json).encodedText)
        } else if report.isConnected {
            console.line()
            console.line(report.headline)
            for warning in report.warnings where warning.error != nil {
                console.line("  Limited: \(warning.title.lowercased()). \(warning.error?.guidance.detail ?? warning.evidence)")
            }
        } else if let failure = report.failure {
            console.messages.write(GuidanceText(failure, registry: program.registry).text)
        }
        return report.failure.map(CommandLineProgram.status) ?? .done
    }

    private static func line(_ check: ConnectionCheck, coloured: Bool) -> String {
        let word = Columns.pad(check.outcome.rawValue, to: 8)
        let colour = check.outcome == .passed ? "32" : check.outcome == .failed ? "31" : "33"
        let took = check.duration.map { " (\($0.components.seconds * 1_000 + $0.components.attoseconds / 1_000_000_000_000_000) ms)" } ?? ""
        return "  \(coloured ? "\u{1B}[\(colour)m\(word)\u{1B}[0m" : word) \(Columns.pad(check.title, to: 44))\(check.evidence)\(took)"
    }
}
