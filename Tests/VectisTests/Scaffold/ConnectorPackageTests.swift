import Foundation
import PSACore
import TestSupport
import Testing
@testable import VectisCLI

@Suite("A package of a new connector")
struct ConnectorPackageTests {
    private let fixture = CommandLineFixture()

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "/connector-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    /// `make dependants` builds these and runs their tests.
    @Test(
        "what is written for Desk is what Tests/Embedding has",
        arguments: [
            "Docs/ConnectDesk.md", "Sources/Desk/DeskConnector.swift", "Sources/Desk/DeskDescriptor.swift",
            "Tests/DeskTests/FakeDesk.swift", "Tests/DeskTests/DeskConformanceTests.swift",
            "Tests/DeskTests/LiveConformanceTests.swift",
        ])
    func isBuilt(path: String) throws {
        let templates = ConnectorPackageTemplates(name: try ConnectorName("Desk"), source: .placeholder)
        let written = try #require(templates.files.first { $0.path == path })
        #expect(written.text == (try RepositoryFile("Tests/Embedding/" + path).text))
    }

    @Test func eachFileIsWrittenAndReported() async throws {
        let clone = RepositoryFile.rootPath()
        try await withFolder { folder in
            let result = try await fixture.run("new-connector Syncro --display-name 'Syncro MSP' --into \(folder) --source \(clone) --json")
            #expect(result.status == 0, "\(result.messages)")
            let reported = (result.json?["files"]?.elements ?? []).compactMap { $0["path"]?.string }
            let written = try FileManager.default.subpathsOfDirectory(atPath: folder).filter {
                $0.hasSuffix(".swift") || $0.contains(".md")
            }
            #expect(Set(written.map { folder + "/" + $0 } + [folder + "/.gitignore"]) == Set(reported))
            let manifest = try String(contentsOfFile: folder + "/Package.swift", encoding: .utf8)
            #expect(manifest.contains(#".package(name: "psa-connectors", path: "\#(clone)")"#))
            let descriptor = try String(contentsOfFile: folder + "/Sources/Syncro/SyncroDescriptor.swift", encoding: .utf8)
            #expect(descriptor.contains(#"displayName: "Syncro MSP""#))
        }
    }

    @Test(
        "the manifest names where psa-connectors comes from",
        arguments: [
            ("https://git.acme.com/psa-connectors.git", #".package(url: "https://git.acme.com/psa-connectors.git", from: "1.0.0")"#),
            ("git@git.acme.com:psa-connectors.git", #".package(url: "git@git.acme.com:psa-connectors.git", from: "1.0.0")"#),
            ("../psa", #".package(name: "psa-connectors", path: "../psa")"#),
            (#"a"b\c"#, #".package(name: "psa-connectors", path: "a\"b\\c")"#),
        ])
    func source(text: String, dependency: String) throws {
        let templates = ConnectorPackageTemplates(name: try ConnectorName("Syncro"), source: PackageSource(text))
        let manifest = try #require(templates.files.first { $0.path == "Package.swift" })
        #expect(manifest.text.contains("dependencies: [\(dependency)]"))
    }

    @Test func aFolderInUseIsRefusedAndLeftAsItIs() async throws {
        try await withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data("mine".utf8).write(to: URL(fileURLWithPath: folder + "/Package.swift"))
            let result = try await fixture.run("new-connector Syncro --into \(folder)")
            #expect(result.status == 2 && result.messages.contains(folder) && result.messages.contains("--into"))
            #expect(try FileManager.default.subpathsOfDirectory(atPath: folder) == ["Package.swift"])
            #expect(try String(contentsOfFile: folder + "/Package.swift", encoding: .utf8) == "mine")
        }
    }

    @Test(
        "a name that a target of psa-connectors has is refused before anything is written",
        arguments: ["PSACore", "HaloPSA", "Autotask", "Mail", "SQL", "Sqlite"],
        ["--source \(ConnectorPackageTests.clone)", "--source https://git.acme.com/psa.git"])
    func takenTarget(name: String, source: String) async throws {
        try await withFolder { folder in
            let result = try await fixture.run("new-connector \(name) --into \(folder) \(source)")
            #expect(result.status == 2 && result.messages.contains("psa-connectors, "), "\(result.messages)")
            #expect(!FileManager.default.fileExists(atPath: folder))
        }
    }

    @Test("a folder that is no clone of psa-connectors is refused as source", arguments: ["/nowhere", "relative", NSTemporaryDirectory()])
    func noClone(source: String) async throws {
        try await withFolder { folder in
            let result = try await fixture.run("new-connector Syncro --into \(folder) --source \(source)")
            #expect(result.status == 2 && result.messages.contains("--source") && result.messages.contains(source), "\(result.messages)")
            #expect(!FileManager.default.fileExists(atPath: folder))
        }
    }

    @Test func theTargetsOfThePackageAreThoseOfItsManifest() throws {
        let manifest = try RepositoryFile("Package.swift").text
        let declared = manifest.matches(of: /(?:[tT]arget|systemLibrary|plugin)\(\s*name: "([\w-]+)"/).map { String($0.1) }
        let listed = try #require(manifest.firstMatch(of: /let connectors = \[([^\]]*)\]/)).1.matches(of: /"(\w+)"/).map { String($0.1) }
        #expect(PackageTargets.all == Set(declared + listed + listed.map { $0 + "Tests" }))
    }

    private static let clone = RepositoryFile.rootPath()

    @Test("options of the two ways do not mix", arguments: ["--into somewhere", "--source somewhere"])
    func mixedOptions(options: String) async throws {
        let result = try await fixture.run("new-connector Syncro --package \(RepositoryFile.rootPath()) \(options)")
        #expect(result.status == 2 && result.messages.contains(String(options.prefix { $0 != " " })))
    }
}
