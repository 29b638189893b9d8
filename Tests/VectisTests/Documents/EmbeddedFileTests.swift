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

@Suite("Embedded files")
struct EmbeddedFileTests {
    @Test(arguments: EmbeddedFile.all.map(\.path))
    func anEmbeddedFileIsTheOneInTheRepository(path: String) throws {
        let embedded = try #require(EmbeddedFile.all.first { $0.path == path })
        let isEqual = try embedded.text.utf8.elementsEqual(RepositoryFile(path).text.utf8)
        #expect(isEqual, "Build again: it has changed since.")
    }

    @Test func eachIsThereOnce() {
        let paths = EmbeddedFile.all.map(\.path)
        #expect(Set(paths).count == paths.count && !paths.isEmpty)
    }

    @Test func theyAreTheGuidesTheDescriptionOfTheAPIAndTheAssets() {
        let assets = ["css", "js", "svg"].flatMap { RepositoryFile.paths(under: "Sources", endingIn: "." + $0) }
        #expect(assets.count == 3)
        #expect(EmbeddedFile.all.map(\.path) == Self.guides + ["Docs/OpenAPI.json"] + assets.sorted())
    }

    @Test func theGuideOfEveryConnectorIsEmbedded() throws {
        #expect(Set(Self.guides).isSuperset(of: try BuiltInConnectors.registry().descriptors.map(\.guide)))
    }

    private static let guides = RepositoryFile.paths(under: "Docs", endingIn: ".md").filter { $0.hasPrefix("Docs/Connect") }
}
