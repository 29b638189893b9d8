import ExternalConnectors
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// The command `vectis connectors`.
struct ConnectorsCommand: Command {
    let form = CommandDefinition(tokens: ["connectors"], summary: "list the connectors", options: [.connectors, .json])

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        for descriptor in program.registry.descriptors {
            if command.has(.json) {
                program.console.line(descriptor.summaryJSON.encodedText)
            } else {
                let abilities = descriptor.capabilities.isEmpty ? "not available yet" : "\(descriptor.capabilities.count) capabilities"
                program.console.line(
                    [descriptor.id.rawValue, descriptor.displayName, descriptor.tier.rawValue, descriptor.grade?.rawValue ?? "no grade"]
                        .map { Columns.pad($0, to: 16) }.joined() + abilities)
            }
        }
        for problem in program.connectors.unusable {
            program.console.line(
                command.has(.json)
                    ? problem.json(in: program.renderer).encodedText
                    : Columns.pad(problem.name.onOneLine, to: 16) + problem.text(in: program.renderer))
        }
        return .done
    }
}

/// The command `vectis connectors show NAME`.
struct ShowConnectorCommand: Command {
    let form = CommandDefinition(
        tokens: ["connectors", "show"], summary: "show a connector's settings and capabilities", arguments: ["NAME"],
        options: [.connectors, .json])

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        guard let name = command.arguments.first else { throw UsageError.missing("NAME") }
        let descriptor = try program.registry.descriptor(named: name)
        program.console.line(command.has(.json) ? descriptor.json.encodedText : Self.text(descriptor))
        return .done
    }

    private static func text(_ descriptor: ConnectorDescriptor) -> String {
        var lines = [
            ([descriptor.displayName + " (\(descriptor.id))", descriptor.tier.rawValue] + [descriptor.grade?.rawValue].compactMap { $0 })
                .joined(separator: ", "),
            "Guide: \(descriptor.guide)", "", "Settings",
        ]
        for field in descriptor.settings.fields {
            let marks = [
                field.isRequired ? "required" : "optional", field.isSecret ? "secret" : nil, field.defaultValue.map { "default \($0)" },
            ]
            lines += [
                "  \(field.key)  (\(marks.compactMap { $0 }.joined(separator: ", ")))",
                "      \(field.label): \(field.help)",
                "      Example: \(field.example)",
                "      Environment: \(field.key.environmentVariable(for: descriptor.id))",
                "      Where to find it: \(field.guideAnchor)",
            ]
        }
        lines += ["", "Capabilities"]
        lines += descriptor.capabilities.isEmpty ? ["  none: this connector is a placeholder"] : []
        lines += descriptor.capabilities.sorted().map { "  \(Columns.pad($0.rawValue, to: 26))\($0.label)" }
        return lines.joined(separator: "\n")
    }
}

/// The command `vectis errors [CODE]`.
struct ErrorsCommand: Command {
    let form = CommandDefinition(
        tokens: ["errors"], summary: "show the error catalogue, or one code", arguments: ["[CODE]"], options: [.markdown, .language, .json])

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        if command.has(.markdown) {
            let reference = ErrorReference(registry: program.registry)
            program.console.output.write(
                try command.arguments.first.map { reference.section(for: try Self.code($0)) } ?? reference.markdown)
            return .done
        }
        let codes = try command.arguments.first.map { [try Self.code($0)] } ?? ErrorReference.codes
        for code in codes {
            if command.has(.json) {
                program.console.line(code.catalogueEntry(in: program.renderer).encodedText)
            } else if command.arguments.isEmpty {
                let title = ErrorReference.catalogue(of: code).template(for: code).title
                program.console.line(Columns.pad(code.rawValue, to: 34) + title.text(in: program.renderer.language))
            } else {
                program.console.output.write(ErrorReference.text(of: code, registry: program.registry, renderer: program.renderer))
            }
        }
        return .done
    }

    private static func code(_ text: String) throws -> ErrorCode {
        guard let code = ErrorCode(rawValue: text.lowercased()), ErrorReference.codes.contains(code) else {
            throw UsageError.unknown(text, known: ErrorReference.codes.map(\.rawValue))
        }
        return code
    }
}
