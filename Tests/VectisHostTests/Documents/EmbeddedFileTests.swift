import PSACore
import TestSupport
import Testing

@testable import VectisHost

@Suite("Embedded files")
struct EmbeddedFileTests {
    @Test(arguments: EmbeddedFile.all.map(\.path))
    func anEmbeddedFileIsTheOneInTheRepository(path: String) throws {
        let embedded = try #require(EmbeddedFile.all.first { $0.path == path })
        let isCurrent = try embedded.text.utf8.elementsEqual(RepositoryFile(path).text.utf8)
        #expect(isCurrent, "Run `make embed`.")
    }

    @Test func eachIsThereOnce() {
        let paths = EmbeddedFile.all.map(\.path)
        #expect(Set(paths).count == paths.count && !paths.isEmpty)
    }

    @Test func theyAreTheGuidesAndTheOnesInTheScriptsList() throws {
        let listed = try RepositoryFile(".ci/embed").lines.compactMap { $0.wholeMatch(of: #/[a-zA-Z]+ +([A-Z]\S+\/\S+)/#)?.1 }
        #expect(Self.guides + listed.map(String.init) == EmbeddedFile.all.map(\.path), "Run `make embed`.")
    }

    @Test func theGuideOfEveryConnectorIsEmbedded() throws {
        #expect(Set(Self.guides).isSuperset(of: try BuiltInConnectors.registry().descriptors.map(\.guide)))
    }

    private static let guides = RepositoryFile.paths(under: "Docs", endingIn: ".md").filter { $0.hasPrefix("Docs/Connect") }
}
