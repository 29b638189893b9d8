import Foundation
import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// The command `vectis new-connector NAME`: writes a package with a connector that works against a fake server, or with `--package` a
/// placeholder into the source of this package.
struct NewConnectorCommand: Command {
    let form = CommandDefinition(
        tokens: ["new-connector"], summary: "write a package with a new connector, its conformance test and a fake server",
        arguments: ["NAME"], options: [.displayName, .into, .source, .package, .language, .json])

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        guard let typed = command.arguments.first else { throw UsageError.missing("NAME") }
        let name = try ConnectorName(typed, displayName: command[.displayName])
        let written = try command[.package].map { try Self.intoThisPackage(name, command, $0, program) } ?? Self.package(name, command)
        program.console.line(command.has(.json) ? written.json(name).encodedText : written.text(name))
        return .done
    }

    private static func intoThisPackage(
        _ name: ConnectorName, _ command: ParsedCommand, _ folder: String, _ program: CommandLineProgram
    ) throws -> WrittenConnector {
        for option in [CommandOption.into, .source] where command.has(option) { throw PSAError(scaffold: .withoutPackage(option.rawValue)) }
        let package = try PackageFolder(folder)
        let plan = try ScaffoldPlan(name, in: package, registry: program.registry)
        try WorkingTree.checkIsClean(package.path)
        try FileTransaction.apply(plan.changes, to: package.path)
        return WrittenConnector(
            files: plan.changes.map { ($0.path, isNew: $0.before == nil) },
            steps: [
                "make test: it is green with the placeholder, and the admin page shows \(name.displayName).",
                "\(name.folder)/\(name.module)Descriptor.swift and \(name.guide): say what \(name.displayName) really asks for.",
                "Docs/WritingAConnector.md: build the first ability, and let the conformance suite grade it.",
            ])
    }

    /// Rejects a name that a target of this package has: SwiftPM takes no two of one name.
    private static func checkIsFree(_ name: ConnectorName, in source: PackageSource, of folder: String) throws {
        var clone: PackageFolder?
        if case .folder(let path) = source {
            // The manifest names it from the folder of the new package.
            let place = path.hasPrefix("/") ? path : "\(folder)/\(path)"
            clone = try? PackageFolder(place)
            guard clone != nil else { throw PSAError(scaffold: .sourceWithoutPackage(place)) }
        }
        let wanted = [name.module, name.module + "Tests"].map { $0.lowercased() }
        let targets = PackageTargets.declared(in: clone?.text(of: PackageFolder.manifest)).sorted()
        guard let taken = targets.first(where: { wanted.contains($0.lowercased()) }) else { return }
        throw PSAError(scaffold: .takenName(name.module, place: "psa-connectors, \(taken)"))
    }

    /// Writes the package, and takes this one from the current folder if that is its source.
    private static func package(_ name: ConnectorName, _ command: ParsedCommand) throws -> WrittenConnector {
        let current = FileManager.default.currentDirectoryPath
        let folder = command[.into] ?? "\(current)/\(name.id)-connector"
        let named = command[.source].map(PackageSource.init)
        let source = named ?? (try? PackageFolder(current)).map { .folder($0.path) } ?? .placeholder
        try checkIsFree(name, in: source, of: folder)
        let files = ConnectorPackageTemplates(name: name, source: source).files
        guard (try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)) != nil,
            let content = try? FileManager.default.contentsOfDirectory(atPath: folder), content.isEmpty
        else { throw PSAError(scaffold: .folderInUse(folder)) }
        try FileTransaction.apply(files.map { ScaffoldPlan.Change(path: $0.path, before: nil, after: $0.text) }, to: folder)
        let first =
            source == .placeholder
            ? "\(folder)/Package.swift: replace the address of psa-connectors by that of your copy; then run “swift test” there."
            : "swift test in \(folder): it passes."
        return WrittenConnector(
            files: files.map { ("\(folder)/\($0.path)", isNew: true) },
            steps: [
                first, "Tests/\(name.module)Tests/Fake\(name.module).swift: let it answer as the vendor's documents say.",
                "README.md there: the way to the first real connection.",
            ])
    }
}

/// What was written, and what comes next.
private struct WrittenConnector {
    let files: [(path: String, isNew: Bool)]
    let steps: [String]

    func text(_ name: ConnectorName) -> String {
        let lines = files.map { "  \($0.isNew ? "new      " : "changed  ")\($0.path)" }
        return
            (["Written for \(name.displayName), which answers to “\(name.id)”:", ""] + lines + ["", "What comes next:", ""]
            + steps.enumerated().map { "  \($0 + 1). \($1)" }).joined(separator: "\n")
    }

    func json(_ name: ConnectorName) -> JSONValue {
        let files = self.files.map { file -> JSONValue in ["path": .string(file.path), "isNew": .bool(file.isNew)] }
        return ["connector": .string(name.id.rawValue), "displayName": .string(name.displayName), "files": .array(files)]
    }
}
