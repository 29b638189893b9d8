import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

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
