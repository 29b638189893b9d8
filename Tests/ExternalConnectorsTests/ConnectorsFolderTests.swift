import ExternalConnectors
import Foundation
import Glibc
import PSACore
import Testing

/// Which programs of a folder become connectors.
@Suite(.timeLimit(.minutes(2)))
struct ConnectorsFolderTests {
    private static let builtIn = ConnectorRegistration(
        descriptor: ConnectorDescriptor(
            id: ConnectorID("built-in"), aliases: ["scripted"], displayName: "Built in", tier: .complete, settings: SettingsSchema([]),
            capabilities: [], guidance: .shared, guide: "")
    ) { _, _ in throw CancellationError() }

    private func found(_ folder: String, beside entries: [ConnectorRegistration] = []) async throws -> FoundConnectors {
        try await FoundConnectors(try ConnectorRegistry(registrations: entries)).adding(from: ConnectorsFolder(path: folder))
    }

    @Test func aFolderThatIsNotThereIsEmpty() async throws {
        let found = try await found("/nowhere/at/all")
        #expect(found.registry.descriptors.isEmpty)
        #expect(found.unusable.isEmpty)
    }

    @Test func programsAreFoundAndOtherFilesIgnored() async throws {
        let connector = try ScriptedConnector(onCall: "pass")
        try FileManager.default.createDirectory(atPath: connector.folder + "/library", withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(atPath: connector.folder + "/example", withDestinationPath: RepositoryPath.example)
        try FileManager.default.createSymbolicLink(atPath: connector.folder + "/.hidden", withDestinationPath: "/bin/false")
        let found = try await found(connector.folder)
        #expect(found.registry.descriptors.map(\.id.rawValue) == ["example-psa", "scripted"])
        #expect(found.external.count == 2)
        #expect(found.unusable.isEmpty)
    }

    @Test func aBrokenConnectorDoesNotAffectTheOthers() async throws {
        let connector = try ScriptedConnector(onCall: "pass")
        try FileManager.default.createSymbolicLink(atPath: connector.folder + "/broken", withDestinationPath: "/bin/false")
        let found = try await found(connector.folder)
        #expect(found.registry.descriptors.map(\.id.rawValue) == ["scripted"])
        #expect(found.unusable.map(\.description) == ["broken: The program ended by itself with status 1."])
    }

    @Test func aBuiltInConnectorKeepsItsName() async throws {
        let connector = try ScriptedConnector(onCall: "pass")
        let found = try await found(connector.folder, beside: [Self.builtIn])
        #expect(found.registry.descriptors.map(\.id.rawValue) == ["built-in"])
        #expect(try found.registry.descriptor(named: "scripted").displayName == "Built in")
        #expect(found.unusable.first?.description.hasPrefix("scripted: There is a connector called “scripted” already.") == true)
    }

    @Test(arguments: [0o775, 0o757, 0o777])
    func aFolderWritableByOthersIsRejectedWithTheCommandThatFixesIt(_ mode: mode_t) async throws {
        let connector = try ScriptedConnector(onCall: "pass")
        chmod(connector.folder, mode)
        let refusal = try await #require(throws: ConnectorsFolder.UnsafeFolderError.self) { _ = try await found(connector.folder) }
        #expect(refusal.description.hasSuffix("Run: chmod go-w \(connector.folder)"))
    }

    @Test func aProgramThatOthersCanWriteToIsNotStarted() async throws {
        let connector = try ScriptedConnector(onCall: "pass", atStart: "open('started', 'w').close()")
        chmod(connector.path, 0o775)
        let found = try await found(connector.folder)
        #expect(found.registry.descriptors.isEmpty)
        #expect(found.unusable.first?.description.hasSuffix("Run: chmod go-w \(connector.path)") == true)
        #expect(!FileManager.default.fileExists(atPath: connector.folder + "/started"))
    }
}
