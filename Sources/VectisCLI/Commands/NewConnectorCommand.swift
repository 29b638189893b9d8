import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// The command `vectis new-connector NAME`: writes a placeholder into the source of this package.
struct NewConnectorCommand: Command {
    let form = CommandDefinition(
        tokens: ["new-connector"], summary: "write a new connector, a placeholder at first, into this package's source",
        arguments: ["NAME"], options: [.displayName, .package, .language, .json])

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        guard let typed = command.arguments.first else { throw UsageError.missing("NAME") }
        let name = try ConnectorName(typed, displayName: command[.displayName])
        let package = try PackageFolder(command[.package] ?? FileManager.default.currentDirectoryPath)
        let plan = try ScaffoldPlan(name, in: package, registry: program.registry)
        try WorkingTree.checkIsClean(package.path)
        try FileTransaction.apply(plan.changes, to: package.path)
        program.console.line(command.has(.json) ? Self.json(name, plan).encodedText : Self.text(name, plan))
        return .done
    }

    private static func text(_ name: ConnectorName, _ plan: ScaffoldPlan) -> String {
        let files = plan.changes.map { "  \($0.before == nil ? "new      " : "changed  ")\($0.path)" }
        let steps = [
            "make test: it is green with the placeholder, and the admin page shows \(name.displayName).",
            "\(name.folder)/\(name.module)Descriptor.swift and \(name.guide): say what \(name.displayName) really asks for.",
            "Docs/WritingAConnector.md: build the first ability, and let the conformance suite grade it.",
        ]
        return
            (["Written for \(name.displayName), which answers to “\(name.id)”:", ""] + files + ["", "What comes next:", ""]
            + steps.enumerated().map { "  \($0 + 1). \($1)" }).joined(separator: "\n")
    }

    private static func json(_ name: ConnectorName, _ plan: ScaffoldPlan) -> JSONValue {
        let files = plan.changes.map { change -> JSONValue in ["path": .string(change.path), "isNew": .bool(change.before == nil)] }
        return ["connector": .string(name.id.rawValue), "displayName": .string(name.displayName), "files": .array(files)]
    }
}
