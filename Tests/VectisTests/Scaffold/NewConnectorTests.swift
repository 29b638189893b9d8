import Foundation
import PSACore
import TestSupport
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("vectis new-connector")
struct NewConnectorTests {
    private let bed = CommandLineFixture()

    /// Runs the command in a copy and expects that it refuses, says why, and changes nothing.
    private func expectRefusal(_ line: String, in copy: PackageCopy, naming words: String...) async throws {
        let before = try copy.contents()
        let result = try await bed.run("new-connector \(line) --package \(copy.path)")
        #expect(result.status == 2 && result.output.isEmpty)
        for word in words { #expect(result.messages.contains(word), "\(result.messages)") }
        #expect(try copy.contents() == before)
    }

    @Test func itWritesWhatItSaysAndNothingElse() async throws {
        let copy = try PackageCopy()
        let before = try copy.contents()
        let result = try await bed.run("new-connector Invented --display-name 'Invented MSP' --package \(copy.path) --json")
        #expect(result.status == 0, "\(result.messages)")
        #expect(result.json?["connector"]?.string == "invented" && result.json?["displayName"]?.string == "Invented MSP")
        let told = result.json?["files"]?.elements ?? []
        let after = try copy.contents()
        let new = told.filter { $0["isNew"]?.bool == true }.compactMap { $0["path"]?.string }
        let changed = told.filter { $0["isNew"]?.bool == false }.compactMap { $0["path"]?.string }
        let folders = ["Plugins/Invented", "Tests/InventedTests"]
        #expect(Set(after.keys).subtracting(before.keys) == Set(new + folders))
        #expect(Set(before.keys.filter { after[$0] != before[$0] }) == Set(changed))
        #expect(changed.contains("Package.swift") && copy.text("Plugins/Invented/InventedDescriptor.swift").contains("\"Invented MSP\""))
    }

    @Test func itTellsAPersonWhatComesNext() async throws {
        let copy = try PackageCopy()
        let result = try await bed.run("new-connector Invented --package \(copy.path)")
        #expect(result.output.contains("new      Plugins/Invented/InventedConnector.swift"))
        #expect(result.output.contains("changed  Package.swift"))
        #expect(result.output.contains("  1. make test") && result.output.contains("  3. Docs/WritingAConnector.md"))
    }

    @Test(
        "a malformed name is refused",
        arguments: [
            "invented", "S", "Invented-MSP", "Invented.MSP", "1Invented", "Süncro", "../Invented", String(repeating: "S", count: 41),
        ])
    func malformed(name: String) async throws { try await expectRefusal(name, in: PackageCopy(), naming: name, "such as Syncro") }

    @Test("a name of Swift's own is refused", arguments: ["Swift", "Foundation", "String", "Any", "Testing", "Task"])
    func reserved(name: String) async throws { try await expectRefusal(name, in: PackageCopy(), naming: name, "Swift's own") }

    @Test(
        "a name to show that would break a literal or a table is refused",
        arguments: ["a\"b", "a|b", "a\\(b)", "`a`", "", "a\nb", " a", "a "])
    func malformedDisplayName(name: String) async throws {
        #expect(throws: PSAError.self) { try ConnectorName("Invented", displayName: name) }
    }

    @Test(
        "a name that is taken is refused, with the place",
        arguments: [
            ("PSACurl", "Package.swift"), ("VectisWeb", "Package.swift"), ("Vectis", "Package.swift"), ("Torture", "Package.swift"),
            ("ConnectWise", "ConnectWise PSA"), ("Halo", "HaloPSA"), ("Manage", "ConnectWise PSA"), ("HaloPSA", "HaloPSA"),
            ("BuiltInConnectors", "Sources/VectisCLI/BuiltInConnectors.swift"), ("PSA", "Sources/PSACore/Connector/PSAConnector.swift"),
        ])
    func taken(name: String, place: String) async throws { try await expectRefusal(name, in: PackageCopy(), naming: place, "another name") }

    @Test(
        "a folder or guide of that name is not touched", arguments: ["Plugins/Invented", "Tests/InventedTests", "Docs/ConnectInvented.md"])
    func takenFolder(place: String) async throws {
        let copy = try PackageCopy()
        try copy.makeFolder(place)
        try await expectRefusal("Invented", in: copy, naming: place)
    }

    @Test func aWordOfTheCoreIsRefused() async throws {
        try await expectRefusal("Descript", in: PackageCopy(), naming: "descript", "Sources/PSACore/Connector/PSAConnector.swift")
    }

    @Test func theSecondTimeTheNameIsTaken() async throws {
        let copy = try PackageCopy()
        #expect(try await bed.run("new-connector Invented --package \(copy.path)").status == 0)
        try await expectRefusal("Invented", in: copy, naming: "Plugins/Invented")
        try copy.commit()
        try await expectRefusal("INVENTED", in: copy, naming: "Plugins/Invented")
    }

    @Test func aSecondConnectorStandsBesideTheFirst() async throws {
        let copy = try PackageCopy()
        for name in ["Invented", "AnInvented"] {
            #expect(try await bed.run("new-connector \(name) --package \(copy.path)").status == 0)
            try copy.commit()
        }
        let listed = copy.text("Package.swift").split(separator: "\n").filter { $0.wholeMatch(of: #/    "\w+",/#) != nil }
        #expect(listed.contains("    \"Invented\",") && listed.contains("    \"AnInvented\",") && listed == listed.sorted())
    }

    @Test func uncommittedChangesAreRefusedByName() async throws {
        let copy = try PackageCopy()
        try copy.write("x", to: "Notes.txt")
        try copy.write(copy.text("Docs/ConnectHaloPSA.md") + "\n", to: "Docs/ConnectHaloPSA.md")
        try await expectRefusal("Invented", in: copy, naming: "Docs/ConnectHaloPSA.md, Notes.txt", "Commit or stash")
    }

    @Test func aFolderThatIsNotUnderGitIsRefused() async throws {
        try await expectRefusal("Invented", in: PackageCopy(isUnderGit: false), naming: "git status")
    }

    @Test("another folder than the package's is refused", arguments: ["", "let package = Package(name: \"other\")\n"])
    func notThePackage(manifest: String) async throws {
        let copy = try PackageCopy()
        try copy.write(manifest, to: "Package.swift")
        try await expectRefusal("Invented", in: copy, naming: "not the root of this package", "--package")
    }

    @Test(
        "a file in another form is named, and nothing is written",
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

    @Test func withoutANameTheWordIsNamed() async throws {
        let result = try await bed.run("new-connector")
        #expect(result.status == 2 && result.messages.contains("NAME"))
    }

    @Test func germanRefusalsAreInGerman() async throws {
        let result = try await bed.run("new-connector invented --language de")
        #expect(result.status == 2 && result.messages.contains("kann kein Modul heißen"))
    }
}
