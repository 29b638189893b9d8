import Markdown
import PSACore
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
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

    @Test func theTitleIsLeftToThePage() {
        for page in library.guides + [library.errorReference] {
            #expect(!page.html.contains("<h1") && page.title.level == 1 && page.html.contains("<h2 id="), "\(page.slug)")
        }
    }

    @Test func guideAnchorsAreFoundInTheApp() {
        let halo = "Docs/ConnectHaloPSA.md"
        #expect(library.path(of: GuideAnchor(halo, "5-find-the-tenant-url")) == "/guides/connect-halopsa#5-find-the-tenant-url")
        #expect(library.path(of: GuideAnchor(halo, "")) == "/guides/connect-halopsa")
        #expect(library.path(of: GuideAnchor(halo, "no-such-heading")) == "/guides/connect-halopsa")
        #expect(library.path(of: GuideAnchor("Docs/Errors.md", "auth-invalid-client")) == "/errors#auth-invalid-client")
        #expect(library.path(of: ErrorCode.authInvalidClient) == "/errors#auth-invalid-client")
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
        #expect(library.path(of: code).hasSuffix("#" + code.anchor))
    }

    /// Links of the pages into one another and into themselves, as a browser follows them.
    @Test func everyInternalLinkResolves() throws {
        var followed = 0
        for page in library.guides + [library.errorReference] {
            for link in page.html.matches(of: #/<a href="([^"#]*)(?:#([^"]*))?"/#) {
                let target = link.1.isEmpty ? page : (library.guides + [library.errorReference]).first { $0.path == link.1 }
                let arrival = try #require(target, "\(page.slug): \(link.1)")
                if let anchor = link.2 { #expect(arrival.html.contains(" id=\"\(anchor)\""), "\(page.slug): \(link.1)#\(anchor)") }
                followed += 1
            }
        }
        #expect(followed > ErrorCode.allCases.count)
    }

    @Test func aConnectorWhoseGuideIsNotEmbeddedHasNoPage() throws {
        let library = try GuideLibrary(registry: #require(Self.registry), files: [.connectHaloPSA])
        #expect(library.guides.map(\.slug) == ["connect-halopsa"])
        #expect(library.path(of: GuideAnchor("Docs/ConnectAutotaskPSA.md", "4-the-zone")) == nil)
        #expect(!library.errorReference.html.contains("/guides/connect-autotask"))
    }

    @Test func aGuideThatIsTooLargeIsReported() throws {
        let file = EmbeddedFile(path: "Docs/ConnectHaloPSA.md", text: String(repeating: "a", count: 1 << 20))
        #expect(throws: (any Error).self) { try GuideLibrary(registry: #require(Self.registry), files: [file]) }
    }

    private func expectPlace(_ anchor: GuideAnchor) throws {
        let path = try #require(library.path(of: anchor), "\(anchor)")
        let page = try #require((library.guides + [library.errorReference]).first { path.hasPrefix($0.path + "#") }, "\(anchor)")
        #expect(path == page.path + "#" + anchor.heading, "\(anchor)")
        #expect(page.html.contains(" id=\"\(anchor.heading)\""), "\(anchor)")
    }
}
