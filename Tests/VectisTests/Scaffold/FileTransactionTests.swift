import PSACore
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("File transactions")
struct FileTransactionTests {
    private func changes(in copy: PackageCopy) throws -> [ScaffoldPlan.Change] {
        try ScaffoldPlan(ConnectorName("Invented"), in: PackageFolder(copy.path), registry: ConnectorRegistry([])).changes
    }

    @Test func allJobsAreWritten() throws {
        let copy = try PackageCopy(isUnderGit: false)
        let changes = try changes(in: copy)
        try FileTransaction.apply(changes, to: copy.path)
        for change in changes { #expect(copy.text(change.path) == change.after) }
        #expect(try copy.contents().keys.filter { $0.hasSuffix(".new") } == [])
    }

    /// A folder in the place of a new file lets the text be written beside it and refuses the move.
    @Test(arguments: 0..<5)
    func aFailedMoveRollsEverythingBack(index: Int) throws {
        let copy = try PackageCopy(isUnderGit: false)
        let changes = try changes(in: copy)
        let path = changes[index].path
        try copy.makeFolder(path)
        try expectNothingWritten(changes, in: copy, naming: path)
    }

    /// The files that exist are moved last, so the new ones are there by then.
    @Test func aMoveThatFailsLastRestoresTheChangedFiles() throws {
        let copy = try PackageCopy(isUnderGit: false)
        let changes = try changes(in: copy) + [ScaffoldPlan.Change(path: "Docs/Last.md", before: nil, after: "x")]
        try copy.makeFolder("Docs/Last.md")
        try expectNothingWritten(changes, in: copy, naming: "Docs/Last.md")
    }

    @Test(arguments: ["Plugins/Invented", "Tests/InventedTests", "Docs/ConnectInvented.md.new"])
    func aFileBlockingAFolderOrDraftRollsEverythingBack(path: String) throws {
        let copy = try PackageCopy(isUnderGit: false)
        let changes = try changes(in: copy)
        try copy.write("in the way", to: path)
        try expectNothingWritten(changes, in: copy, naming: "Invented")
    }

    private func expectNothingWritten(_ changes: [ScaffoldPlan.Change], in copy: PackageCopy, naming word: String) throws {
        let before = try copy.contents()
        let error = #expect(throws: PSAError.self) { try FileTransaction.apply(changes, to: copy.path) }
        #expect(error?.guidance.detail.contains(word) == true && error?.guidance.detail.contains("reverted") == true)
        #expect(try copy.contents() == before)
    }
}
