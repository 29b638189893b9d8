import Foundation
import PSACore
import TestSupport
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("vectis new-connector")
struct NewConnectorTests {
    private let fixture = CommandLineFixture()

    /// Runs the command in a copy and expects an error with this message and no change.
    private func expectRefusal(_ line: String, in copy: PackageCopy, naming words: String...) async throws {
        let before = try copy.contents()
        let result = try await fixture.run("new-connector \(line) --package \(copy.path)")
        #expect(result.status == 2 && result.output.isEmpty)
        for word in words { #expect(result.messages.contains(word), "\(result.messages)") }
        #expect(try copy.contents() == before)
    }

    @Test func itWritesOnlyTheListedFiles() async throws {
        let copy = try PackageCopy()
        let before = try copy.contents()
        let result = try await fixture.run("new-connector Invented --display-name 'Invented MSP' --package \(copy.path) --json")
        #expect(result.status == 0, "\(result.messages)")
        #expect(result.json?["connector"]?.string == "invented" && result.json?["displayName"]?.string == "Invented MSP")
        let reported = result.json?["files"]?.elements ?? []
        let after = try copy.contents()
        let new = reported.filter { $0["isNew"]?.bool == true }.compactMap { $0["path"]?.string }
        let changed = reported.filter { $0["isNew"]?.bool == false }.compactMap { $0["path"]?.string }
        let folders = ["Plugins/Invented", "Tests/InventedTests"]
        #expect(Set(after.keys).subtracting(before.keys) == Set(new + folders))
        #expect(Set(before.keys.filter { after[$0] != before[$0] }) == Set(changed))
        #expect(changed.contains("Package.swift") && copy.text("Plugins/Invented/InventedDescriptor.swift").contains("\"Invented MSP\""))
    }

    @Test func theOutputNamesTheNextSteps() async throws {
        let copy = try PackageCopy()
        let result = try await fixture.run("new-connector Invented --package \(copy.path)")
        #expect(result.output.contains("new      Plugins/Invented/InventedConnector.swift"))
        #expect(result.output.contains("changed  Package.swift"))
        #expect(result.output.contains("  1. make test") && result.output.contains("  3. Docs/WritingAConnector.md"))
    }

    @Test(
        "a malformed name is rejected",
        arguments: [
            "invented", "S", "Invented-MSP", "Invented.MSP", "1Invented", "Süncro", "../Invented", String(repeating: "S", count: 41),
        ])
    func malformed(name: String) async throws { try await expectRefusal(name, in: PackageCopy(), naming: name, "such as Syncro") }

    @Test("a name reserved by Swift is rejected", arguments: ["Swift", "Foundation", "String", "Any", "Testing", "Task"])
    func reserved(name: String) async throws { try await expectRefusal(name, in: PackageCopy(), naming: name, "reserved by Swift") }

    @Test(
        "a display name that would break a literal or a table is rejected",
        arguments: ["a\"b", "a|b", "a\\(b)", "`a`", "", "a\nb", " a", "a "])
    func malformedDisplayName(name: String) async throws {
        #expect(throws: PSAError.self) { try ConnectorName("Invented", displayName: name) }
    }

    @Test(
        "a name in use is rejected with its location",
        arguments: [
            ("PSACurl", "Package.swift"), ("VectisWeb", "Package.swift"), ("Vectis", "Package.swift"), ("Torture", "Package.swift"),
            ("ConnectWise", "ConnectWise PSA"), ("Halo", "HaloPSA"), ("Manage", "ConnectWise PSA"), ("HaloPSA", "HaloPSA"),
            ("BuiltInConnectors", "Sources/VectisCLI/BuiltInConnectors.swift"), ("PSA", "Sources/PSACore/Connector/PSAConnector.swift"),
        ])
    func taken(name: String, place: String) async throws { try await expectRefusal(name, in: PackageCopy(), naming: place, "another name") }

    @Test(
        "an existing folder or guide of that name is not changed",
        arguments: ["Plugins/Invented", "Tests/InventedTests", "Docs/ConnectInvented.md"])
    func takenFolder(place: String) async throws {
        let copy = try PackageCopy()
        try copy.makeFolder(place)
        try await expectRefusal("Invented", in: copy, naming: place)
    }

    @Test func aNameFromTheCoreIsRejected() async throws {
        try await expectRefusal("Descript", in: PackageCopy(), naming: "descript", "Sources/PSACore/Connector/PSAConnector.swift")
    }

    @Test func aSecondConnectorOfTheSameNameIsRejected() async throws {
        let copy = try PackageCopy()
        #expect(try await fixture.run("new-connector Invented --package \(copy.path)").status == 0)
        try await expectRefusal("Invented", in: copy, naming: "Plugins/Invented")
        try copy.commit()
        try await expectRefusal("INVENTED", in: copy, naming: "Plugins/Invented")
    }

    @Test func aSecondConnectorIsAddedBesideTheFirst() async throws {
        let copy = try PackageCopy()
        for name in ["Invented", "AnInvented"] {
            #expect(try await fixture.run("new-connector \(name) --package \(copy.path)").status == 0)
            try copy.commit()
        }
        let listed = copy.text("Package.swift").split(separator: "\n").filter { $0.wholeMatch(of: #/    "\w+",/#) != nil }
        #expect(listed.contains("    \"Invented\",") && listed.contains("    \"AnInvented\",") && listed == listed.sorted())
    }

    @Test func uncommittedChangesAreRejectedByName() async throws {
        let copy = try PackageCopy()
        try copy.write("x", to: "Notes.txt")
        try copy.write(copy.text("Docs/ConnectHaloPSA.md") + "\n", to: "Docs/ConnectHaloPSA.md")
        try await expectRefusal("Invented", in: copy, naming: "Docs/ConnectHaloPSA.md, Notes.txt", "Commit or stash")
    }

    @Test func aFolderThatIsNotUnderGitIsRejected() async throws {
        try await expectRefusal("Invented", in: PackageCopy(isUnderGit: false), naming: "git status")
    }

    @Test("a folder that is not the package is rejected", arguments: ["", "let package = Package(name: \"other\")\n"])
    func notThePackage(manifest: String) async throws {
        let copy = try PackageCopy()
        try copy.write(manifest, to: "Package.swift")
        try await expectRefusal("Invented", in: copy, naming: "not the root of this package", "--package")
    }

    @Test(
        "a file in an unexpected form is reported and nothing is written",
        arguments: [
            ("Package.swift", "let connectors = ["), ("Package.swift", "\n]\n"),
            ("Sources/VectisCLI/BuiltInConnectors.swift", "ConnectorRegistry(["),
            ("Sources/VectisCLI/BuiltInConnectors.swift", "import Autotask"),
        ])
    func unexpectedShape(file: String, removed: String) async throws {
        let copy = try PackageCopy()
        try copy.write("// " + copy.text(file).replacing(removed, with: "/* */"), to: file)
        try copy.commit()
        try await expectRefusal("Invented", in: copy, naming: file, "nothing was changed")
    }

    @Test func withoutANameThePlaceholderIsShown() async throws {
        let result = try await fixture.run("new-connector")
        #expect(result.status == 2 && result.messages.contains("NAME"))
    }

    @Test func germanRejectionsAreInGerman() async throws {
        let result = try await fixture.run("new-connector invented --language de")
        #expect(result.status == 2 && result.messages.contains("kann kein Modul heißen"))
    }
}

/// A folder with what the scaffold reads and changes of this package, under git, everything committed.
struct PackageCopy {
    private static let files = [
        "Package.swift", "Sources/VectisCLI/BuiltInConnectors.swift",
        "Sources/PSACore/Connector/PSAConnector.swift", "Plugins/HaloPSA/HaloConnector.swift", "Tests/HaloPSATests/ReadmeTests.swift",
        "Docs/ConnectHaloPSA.md",
    ]

    private let folder: TemporaryFolder
    var path: String { folder.path }

    init(isUnderGit: Bool = true) throws {
        folder = try TemporaryFolder()
        for file in Self.files { try write(RepositoryFile(file).text, to: file) }
        guard isUnderGit else { return }
        try git("init", "--quiet")
        try commit()
    }

    func write(_ text: String, to file: String) throws {
        let place = URL(fileURLWithPath: folder.file(file))
        try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: place)
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
    }

    func text(_ file: String) -> String { String(decoding: folder.bytes(file), as: UTF8.self) }

    func commit() throws {
        try git("add", "--all")
        try git("-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "State")
    }

    /// Every file and folder with what is in it, but git's own.
    func contents() throws -> [String: [UInt8]] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: path).filter { !$0.hasPrefix(".git") }
        return Dictionary(uniqueKeysWithValues: names.map { ($0, folder.bytes($0)) })
    }

    private struct GitFailed: Error {}

    private func git(_ words: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", path] + words
        try process.run()
        process.waitForExit()
        guard process.terminationStatus == 0 else { throw GitFailed() }
    }
}
