import TestSupport
import Testing

/// The walks of Docs/Architecture.md name files that exist, and as many as the text says.
@Suite("Docs/Architecture.md") struct ArchitectureTests {
    @Test func eachWalkNamesAsManyFilesAsItStatesAndEachExistsOnce() throws {
        let document = try RepositoryFile("Docs/Architecture.md").text
        let paths = ["Sources", "Plugins"].flatMap { RepositoryFile.paths(under: $0, endingIn: ".swift") }
        let names = paths.map { String($0.split(separator: "/").last ?? "").replacing(".swift", with: "") }
        let start = try #require(document.firstRange(of: "## Three walks"))
        let end = try #require(document.firstRange(of: "## The way of a request"))
        let walks = document[start.upperBound..<end.lowerBound].split(separator: "**: ").dropFirst()
        #expect(walks.count == 3)
        for walk in walks {
            let stated = try #require(Int(walk.prefix { $0.isNumber }))
            let diagram = try #require(walk.split(separator: "```").first { $0.hasPrefix("mermaid") })
            let words = diagram.split(separator: "\n").dropFirst(2).joined(separator: " ").split(separator: " ").map(String.init)
            let files = Set(words.filter { $0 != "-->" })
            #expect(files.count == stated)
            for file in files { #expect(names.count { $0 == file } == 1, "\(file)") }
        }
    }
}
