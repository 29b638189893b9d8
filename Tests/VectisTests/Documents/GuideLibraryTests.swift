import Markdown
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

@Suite("Guide library")
struct GuideLibraryTests {
    private static let registry = try? BuiltInConnectors.registry()
    private static let shared = Result { try GuideLibrary(registry: BuiltInConnectors.registry()) }

    private let library: GuideLibrary
    private let descriptors: [ConnectorDescriptor]

    init() throws {
        library = try Self.shared.get()
        descriptors = try #require(Self.registry).descriptors
    }

    @Test func eachConnectorHasItsGuide() throws {
        #expect(library.guides.map(\.slug) == descriptors.map { "connect-" + $0.id.rawValue })
        let guide = try #require(library.guide("connect-halopsa"))
        #expect(guide.title.text == "Connect HaloPSA" && guide.displayName == "HaloPSA" && guide.path == "/guides/connect-halopsa")
        #expect(guide.headings.contains { $0.text == "5. Find the tenant URL" && $0.id == "5-find-the-tenant-url" && $0.level == 2 })
        #expect(library.guide("connect-HaloPSA") == nil && library.guide("") == nil && library.guide("errors") == nil)
    }

    @Test func theDataPageHasAGuide() {
        #expect(
            library.topics.map(\.path) == ["/guides/data", "/guides/notifications"]
                && library.guide("data")?.title.text.hasPrefix("Local copies") == true)
    }

    @Test func theTitleIsLeftToThePage() {
        for page in library.guides + library.topics {
            #expect(!page.html.contains("<h1") && page.title.level == 1 && page.html.contains("<h2 id="), "\(page.slug)")
        }
    }

    @Test func guideAnchorsAreFoundInTheApp() {
        let halo = "Docs/ConnectHaloPSA.md"
        #expect(library.path(of: GuideAnchor(halo, "5-find-the-tenant-url")) == "/guides/connect-halopsa#5-find-the-tenant-url")
        #expect(library.path(of: GuideAnchor(halo, "")) == "/guides/connect-halopsa")
        #expect(library.path(of: GuideAnchor(halo, "no-such-heading")) == "/guides/connect-halopsa")
        #expect(library.path(of: GuideAnchor("Docs/Errors.md", "auth-invalid-client")) == "/errors/auth.invalid_client")
        #expect(library.path(of: ErrorCode.authInvalidClient) == "/errors/auth.invalid_client")
        #expect(library.path(of: GuideAnchor("Docs/Architecture.md", "the-parts")) == nil)
    }

    @Test(arguments: BuiltIns.names)
    func everyAnchorOfAConnectorIsAPlaceInAPage(connector: String) throws {
        let descriptor = try #require(descriptors.first { $0.id.rawValue == connector })
        let ofSettings = descriptor.settings.fields.map(\.guideAnchor)
        let ofCodes = ErrorCode.allCases.map { PSAError($0, catalogue: descriptor.guidance).guidance.guide }
        #expect(!ofSettings.isEmpty && ofCodes.allSatisfy { $0 != nil })
        for anchor in ofSettings + ofCodes.compactMap(\.self) { try expectPlace(anchor) }
    }

    @Test(arguments: ErrorCode.allCases)
    func everyCodeIsExplained(code: ErrorCode) throws {
        try expectPlace(GuideAnchor("Docs/Errors.md", code.anchor))
        let shared = try #require(PSAError(code).guidance.guide)
        try expectPlace(shared)
        #expect(library.path(of: code) == "/errors/" + code.rawValue)
    }

    /// Links of the pages into one another and into themselves, as a browser follows them.
    @Test func everyInternalLinkResolves() throws {
        var followed = 0
        let errors = Set(["/errors"] + ErrorReference.codes.map(library.path(of:)))
        for page in library.guides + library.topics {
            for link in page.html.matches(of: #/<a href="([^"#]*)(?:#([^"]*))?"/#) {
                if errors.contains(String(link.1)) { continue }
                let target = link.1.isEmpty ? page : (library.guides + library.topics).first { $0.path == link.1 }
                let arrival = try #require(target, "\(page.slug): \(link.1)")
                if let anchor = link.2 { #expect(arrival.html.contains(" id=\"\(anchor)\""), "\(page.slug): \(link.1)#\(anchor)") }
                followed += 1
            }
        }
        #expect(followed > 10)
    }

    @Test func aConnectorWhoseGuideIsNotEmbeddedHasNoPage() throws {
        let library = try GuideLibrary(registry: #require(Self.registry), files: [.connectHaloPSA])
        #expect(library.guides.map(\.slug) == ["connect-halopsa"])
        #expect(library.path(of: GuideAnchor("Docs/ConnectAutotaskPSA.md", "4-the-zone")) == nil)
    }

    @Test func aGuideThatIsTooLargeIsReported() throws {
        let file = EmbeddedFile(path: "Docs/ConnectHaloPSA.md", text: String(repeating: "a", count: 1 << 20))
        #expect(throws: (any Error).self) { try GuideLibrary(registry: #require(Self.registry), files: [file]) }
    }

    private func expectPlace(_ anchor: GuideAnchor) throws {
        let path = try #require(library.path(of: anchor), "\(anchor)")
        if anchor.document == "Docs/Errors.md" {
            #expect(ErrorReference.codes.contains { $0.anchor == anchor.heading && path == "/errors/" + $0.rawValue }, "\(anchor)")
            return
        }
        let page = try #require((library.guides + library.topics).first { path.hasPrefix($0.path + "#") }, "\(anchor)")
        #expect(path == page.path + "#" + anchor.heading, "\(anchor)")
        #expect(page.html.contains(" id=\"\(anchor.heading)\""), "\(anchor)")
    }
}

@Suite("Guide anchors")
struct GuidePlacesTests {
    @Test(arguments: [
        ("#own", "#own"), ("Errors.md", "/errors"), ("Errors.md#auth-invalid-client", "/errors/auth.invalid_client"),
        ("ConnectHaloPSA.md#x", "/guides/connect-halopsa#x"), ("ConnectAutotaskPSA.md", "/guides/connect-autotask"),
        ("Data.md#records", "/guides/data#records"), ("https://a.example/b#c", "https://a.example/b#c"),
        ("mailto:a@b.example", "mailto:a@b.example"), ("Architecture.md", nil),
        ("../README.md", nil), ("Decisions/README.md#x", nil), ("ConnectHaloPSA.md/x", nil), ("", nil),
    ])
    func aLinkLeadsWhereTheHostShowsTheDocument(written: String, expected: String?) throws {
        let places = GuidePlaces(registry: try BuiltInConnectors.registry(), documents: Set(EmbeddedFile.all.map(\.path)))
        #expect(places.destination(written) == expected)
    }
}

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
        let assets = ["css", "js", "svg", "txt"].flatMap { RepositoryFile.paths(under: "Sources/VectisWeb/Assets", endingIn: "." + $0) }
        #expect(assets.count == 4)
        #expect(
            EmbeddedFile.all.map(\.path) == Self.guides + ["Docs/Data.md", "Docs/Notifications.md", "Docs/OpenAPI.json"] + assets.sorted())
    }

    @Test func theGuideOfEveryConnectorIsEmbedded() throws {
        #expect(Set(Self.guides).isSuperset(of: try BuiltInConnectors.registry().descriptors.map(\.guide)))
    }

    private static let guides = RepositoryFile.paths(under: "Docs", endingIn: ".md").filter { $0.hasPrefix("Docs/Connect") }
}
