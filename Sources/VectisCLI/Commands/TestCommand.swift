import PSACore
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// The command `vectis test NAME`.
struct TestCommand: Command {
    let form = CommandDefinition(
        tokens: ["test"], summary: "test a connection and diagnose failures", arguments: ["CONNECTOR"],
        options: [.createTestTicket] + CommandOption.connection)

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        guard let name = command.arguments.first else { throw UsageError.missing("CONNECTOR") }
        let session = try program.connect(name, command, isTest: true)
        let (console, renderer, wantsJSON) = (program.console, program.renderer, command.has(.json))
        let show: @Sendable (ConnectionCheck) -> Void = { check in
            if !wantsJSON { console.line(Self.line(check, renderer, coloured: console.outputIsTerminal)) }
        }
        var report = try await session.testConnection(progress: show)
        if command.has(.createTestTicket), report.isConnected {
            let check = try await ShutdownSignal.cancelling { try await session.testTicketCreation() }
            show(check)
            report.checks.append(check)
        }
        if wantsJSON {
            // A failed test is a failure like any other: the output is the problem alone, with the checks inside it.
            let json = report.json(in: renderer)
            console.line((report.failure.map { $0.problem(in: renderer).adding(("checks", json["checks"] ?? .null)) } ?? json).encodedText)
        } else if report.isConnected {
            console.line()
            console.line(report.headline(in: renderer))
            for case let (check, error?) in report.warnings.map({ ($0, $0.error) }) {
                let title = renderer.text(CoreMessage.check(check.subject))
                console.line("  " + renderer.text(TerminalMessage.limited(title: title, detail: error.guidance(in: renderer).detail)))
                console.messages.write(GuidanceText(error, registry: program.registry, renderer: renderer).text)
            }
        } else if let failure = report.failure {
            console.messages.write(GuidanceText(failure, registry: program.registry, renderer: renderer).text)
        }
        return report.failure.map(CommandLineProgram.status) ?? .done
    }

    private static func line(_ check: ConnectionCheck, _ renderer: TextRenderer, coloured: Bool) -> String {
        let word = Columns.pad(renderer.text(CoreMessage.outcome(check.outcome)), to: 14)
        let colour = check.outcome == .passed ? "32" : check.outcome == .failed ? "31" : "33"
        let took = check.duration.map { " (\($0.wholeMilliseconds) ms)" } ?? ""
        let title = Columns.pad(renderer.text(CoreMessage.check(check.subject)), to: 30)
        return "  \(coloured ? "\u{1B}[\(colour)m\(word)\u{1B}[0m" : word)\(title)\(renderer.text(check.evidence))\(took)"
    }
}
