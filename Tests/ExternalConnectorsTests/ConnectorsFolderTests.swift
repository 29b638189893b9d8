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

    @Test func aProgramBehindAFolderOrLinkThatOthersCanChangeIsNotStarted() async throws {
        let connector = try ScriptedConnector(onCall: "pass", atStart: "open('started', 'w').close()")
        let shared = URL(fileURLWithPath: connector.folder).deletingLastPathComponent().path + "/shared-\(UUID())"
        try FileManager.default.createDirectory(atPath: shared, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: shared) }
        chmod(shared, 0o777)
        // The program is the host's own; whoever may write in its folder can put another in its place.
        try FileManager.default.moveItem(atPath: connector.path, toPath: shared + "/program")
        try FileManager.default.createSymbolicLink(atPath: connector.path, withDestinationPath: shared + "/program")
        var found = try await found(connector.folder)
        #expect(found.registry.descriptors.isEmpty)
        #expect(found.unusable.first?.description.contains("shared-") == true)
        // The same through a link that lies there.
        try FileManager.default.moveItem(atPath: shared + "/program", toPath: connector.folder + "/.program")
        try FileManager.default.createSymbolicLink(atPath: shared + "/program", withDestinationPath: connector.folder + "/.program")
        found = try await self.found(connector.folder)
        #expect(found.registry.descriptors.isEmpty && found.unusable.count == 1)
        #expect(!FileManager.default.fileExists(atPath: connector.folder + "/started"))
        // A sticky folder protects the entries of their owner.
        chmod(shared, 0o1777)
        found = try await self.found(connector.folder)
        #expect(found.unusable.isEmpty && found.registry.descriptors.count == 1)
    }

    @Test func aFolderBelowOneThatOthersCanChangeIsRejected() async throws {
        let connector = try ScriptedConnector(onCall: "pass")
        let above = URL(fileURLWithPath: connector.folder).deletingLastPathComponent().path + "/above-\(UUID())"
        try FileManager.default.createDirectory(atPath: above, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: above) }
        try FileManager.default.moveItem(atPath: connector.folder, toPath: above + "/connectors")
        defer { try? FileManager.default.moveItem(atPath: above + "/connectors", toPath: connector.folder) }
        chmod(above, 0o777)
        await #expect(throws: ConnectorsFolder.UnsafeFolderError.self) { _ = try await found(above + "/connectors") }
        chmod(above, 0o755)
        #expect(try await found(above + "/connectors").unusable.isEmpty)
    }
}
