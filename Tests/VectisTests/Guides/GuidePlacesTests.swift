import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Guide anchors")
struct GuidePlacesTests {
    @Test(arguments: [
        ("#own", "#own"), ("Errors.md", "/errors"), ("Errors.md#auth-invalid-client", "/errors#auth-invalid-client"),
        ("ConnectHaloPSA.md#x", "/guides/connect-halopsa#x"), ("ConnectAutotaskPSA.md", "/guides/connect-autotask"),
        ("https://a.example/b#c", "https://a.example/b#c"), ("mailto:a@b.example", "mailto:a@b.example"), ("Architecture.md", nil),
        ("../README.md", nil), ("Decisions/README.md#x", nil), ("ConnectHaloPSA.md/x", nil), ("", nil),
    ])
    func aLinkLeadsWhereTheHostShowsTheDocument(written: String, expected: String?) throws {
        let places = GuidePlaces(registry: try BuiltInConnectors.registry(), documents: Set(EmbeddedFile.all.map(\.path)))
        #expect(places.destination(written) == expected)
    }
}
