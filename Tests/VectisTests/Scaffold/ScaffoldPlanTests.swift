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

@Suite("Scaffold plan")
struct ScaffoldPlanTests {
    private func plan(_ name: String = "Invented") throws -> [ScaffoldPlan.Change] {
        try ScaffoldPlan(ConnectorName(name), in: PackageFolder(RepositoryFile.rootPath()), registry: BuiltInConnectors.registry()).changes
    }

    /// The places in the table of the guide's first section, as paths, for an invented connector.
    ///
    /// “Syncro in `Plugins/`” is the folder `Plugins/Syncro`.
    private func places() throws -> [String] {
        let guide = try RepositoryFile("Docs/WritingAConnector.md").lines
        let section = guide.drop { $0 != "## 1. Start" }.dropFirst().prefix { !$0.hasPrefix("## ") }
        return section.compactMap { line -> String? in
            guard let row = line.firstMatch(of: /^\| (?:(\S+) in )?`([^`]+)` \|/) else { return nil }
            return String(row.2) + (row.1 ?? "").replacing("Syncro", with: "Invented")
        }
    }

    @Test func aNewConnectorChangesOnlyThePlacesNamedInTheGuide() throws {
        let places = try places()
        var unused = Set(places)
        for path in try plan().map(\.path) {
            let place = places.first { path == $0 || path.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") }
            #expect(place != nil, "The guide does not name \(path).")
            if let place { unused.remove(place) }
        }
        #expect(unused == [], "The guide names places that are not touched.")
    }

    @Test("a file that exists only gains lines", arguments: ["AnInvented", "Invented", "ZInvented"])
    func additions(name: String) throws {
        for change in try plan(name) {
            guard let before = change.before else { continue }
            let difference = change.after.split(separator: "\n", omittingEmptySubsequences: false)
                .difference(from: before.split(separator: "\n", omittingEmptySubsequences: false))
            #expect(difference.removals.isEmpty && (1...2).contains(difference.insertions.count), "\(change.path)")
        }
    }
}

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

@Suite("Scaffold errors")
struct ScaffoldErrorTests {
    private static let problems: [ScaffoldError] = [
        .malformedName("syncro"), .malformedDisplayName("a|b"), .reservedName("Swift"), .takenName("Syncro", place: "Plugins/Syncro"),
        .takenID("halo", owner: "HaloPSA"), .wordOfTheCore("page", place: "Sources/PSACore/Paging/Page.swift"), .notThePackage("/tmp"),
        .sourceWithoutPackage("/tmp"), .notUnderGit("/tmp"), .noGit, .uncommitted(["a", "b"]),
        .unexpectedShape("Package.swift", missing: "let connectors = ["),
        .notWritten("Package.swift"), .notUndone("Package.swift", left: ["Docs/ConnectSyncro.md"]),
    ]

    @Test(arguments: problems, Language.allCases)
    func theMessageIsCompleteInEachLanguage(problem: ScaffoldError, language: Language) {
        let text = TextRenderer(language).text(problem)
        #expect(!text.contains("{") && text.hasSuffix("."), "\(text)")
        #expect(problem.pattern(in: language).namesInBraces == Set(problem.values.keys), "\(text)")
    }
}

@Suite("Source file lists")
struct SourceListTests {
    private let list = SourceList(opening: "let all = [", prefix: "    .", closing: "]")

    @Test(arguments: [
        ("a", "let all = [\n    .a,\n    .b,\n    .d,\n    x,\n]\n"), ("c", "let all = [\n    .b,\n    .c,\n    .d,\n    x,\n]\n"),
        ("e", "let all = [\n    .b,\n    .d,\n    .e,\n    x,\n]\n"),
    ])
    func anEntryIsPutInAlphabeticalOrder(entry: String, expected: String) {
        #expect(list.inserting(entry, into: "let all = [\n    .b,\n    .d,\n    x,\n]\n") == expected)
    }

    @Test(arguments: ["", "let all = []\n", "let all = [\n]\n", "let all = [\n    .b\n]\n", "let all = [\n    .b,\n", "    .b,\n]\n"])
    func aListInAnotherFormIsNotTouched(text: String) { #expect(list.inserting("a", into: text) == nil) }

    @Test(arguments: [
        ("A", "import A\nimport B\npublic import D\n\nimport X\n"), ("C", "import B\nimport C\npublic import D\n\nimport X\n"),
        ("E", "import B\npublic import D\nimport E\n\nimport X\n"),
    ])
    func anImportIsPutInAlphabeticalOrder(module: String, expected: String) {
        #expect(ImportList.inserting(module, into: "import B\npublic import D\n\nimport X\n") == expected)
    }

    @Test func aFileWithoutImportsIsNotTouched() { #expect(ImportList.inserting("A", into: "// import B\nimport B\n") == nil) }
}
