import Autotask
import ConnectWise
import ExternalConnectors
import Glibc
import HaloPSA
import PSACore
import PSAEngine
import PSATesting
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// The connectors this host is built with.
///
/// A new one is added here and nowhere else in the host.
enum BuiltInConnectors {
    /// All of them by name.
    static func registry() throws -> ConnectorRegistry {
        try ConnectorRegistry([
            AutotaskConnector.self,
            ConnectWiseConnector.self,
            HaloConnector.self,
        ])
    }
}

extension FoundConnectors {
    /// The guides of the found connectors, as documents of the host.
    var guides: [EmbeddedFile] {
        external.compactMap { connector in connector.guide.map { EmbeddedFile(path: connector.entry.descriptor.guide, text: $0) } }
    }
}

extension FoundConnectors {
    /// The conformance profile of a connector: a compiled one claims every rule, a program every rule but one.
    ///
    /// - Throws: `ConformanceProfile.Problem` if the suite has no such rule any more.
    func conformanceProfile(of connector: ConnectorID) throws -> ConformanceProfile {
        guard external.contains(where: { $0.entry.descriptor.id == connector }) else { return ConformanceProfile() }
        return try ConformanceProfile(
            standings: [
                "declaration.declared": .exempt(
                    reason: "The host's side of a program has every ability; which of them the program has, it declares.")
            ])
    }
}

extension UnusableConnector {
    /// What is wrong, with the program's last lines, on one line.
    func text(in renderer: TextRenderer) -> String {
        renderer.text(TerminalMessage.notUsable(renderer.text(reason), stderrTail: stderrTail.map(\.onOneLine)))
    }

    /// The same for programs.
    func json(in renderer: TextRenderer) -> JSONValue {
        [
            "file": .string(name), "usable": false, "reason": .string(renderer.text(reason)),
            "stderrTail": .array(stderrTail.map(JSONValue.string)),
        ]
    }
}

extension ParsedCommand {
    /// Refuses a connectors folder that was named and is not there; the default one may be missing.
    func requireConnectorsFolder() throws {
        guard let path = self[.connectors] else { return }
        var facts = stat()
        guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
            throw UsageError.invalid(CommandOption.connectors.rawValue, .noSuchFolder(path))
        }
    }

    /// The connectors folder of the command line; nil for none.
    func connectorsFolder(_ form: CommandDefinition) -> ConnectorsFolder? {
        if let path = self[.connectors] { return ConnectorsFolder(path: path) }
        // A demo deletes its data, so it does not use the connectors of another data directory.
        guard form.options.contains(.demo), !has(.demo) else { return nil }
        return ConnectorsFolder(path: (self[.data] ?? StoredData.defaultFolder) + "/connectors")
    }
}
