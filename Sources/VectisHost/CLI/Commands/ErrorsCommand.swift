import PSACore

/// The command `vectis errors [CODE]`.
struct ErrorsCommand: Command {
    let form = CommandDefinition(
        words: ["errors"], summary: "show the error catalogue, or one code", positions: ["[CODE]"], options: [.json, .markdown])

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        if command.has(.markdown) {
            program.console.output.write(ErrorReference(registry: program.registry).markdown)
            return .done
        }
        let codes = try command.positions.first.map { [try Self.code($0)] } ?? ErrorCode.allCases
        for code in codes {
            if command.has(.json) {
                program.console.line(code.catalogueEntry(in: TextRenderer()).encodedText)
            } else if command.positions.isEmpty {
                program.console.line("\(Columns.pad(code.rawValue, to: 34))\(GuidanceCatalogue.shared.template(for: code).title.english)")
            } else {
                program.console.output.write(ErrorReference(registry: program.registry).section(for: code))
            }
        }
        return .done
    }

    private static func code(_ text: String) throws -> ErrorCode {
        guard let code = ErrorCode.known(text.lowercased()) else {
            throw UsageError.unknown(text, known: ErrorCode.allCases.map(\.rawValue))
        }
        return code
    }
}
