import PSACore
import TestSupport
import Testing

@testable import ConnectWise

@Suite("ConnectWise PSA guide")
struct ConnectWiseGuideTests {
    private let descriptor = ConnectWiseFixture.descriptor

    @Test(arguments: ConnectWiseFixture.descriptor.settings.fields.map(\.key))
    func theGuideHasTheHeadingASettingPointsAt(key: SettingKey) throws {
        let anchor = try #require(descriptor.settings[key]?.guideAnchor)
        #expect(anchor.document == descriptor.guide)
        #expect(try RepositoryFile(anchor.document).anchors.contains(anchor.heading))
    }

    @Test(arguments: ConnectWiseFixture.descriptor.settings.fields.map(\.key))
    func theGuideNamesASettingAsFormAndEnvironmentDo(key: SettingKey) throws {
        let guide = try RepositoryFile(descriptor.guide)
        let label = try #require(descriptor.settings[key]?.label)
        #expect(guide.mentions(label))
        #expect(guide.mentions("`\(key)`"))
        #expect(guide.mentions("`\(key.environmentVariable(for: descriptor.id))`"))
    }

    @Test func theGuideSaysAtTheTopThatItIsAPlaceholder() throws {
        let guide = try RepositoryFile("Docs/ConnectConnectWisePSA.md")
        #expect(guide.lines.prefix(5).contains { $0.contains("can't connect yet") })
    }

    @Test func theGuidesOwnLinksLeadSomewhere() throws {
        let guide = try RepositoryFile(descriptor.guide)
        #expect(guide.ownLinks.subtracting(guide.anchors).isEmpty)
    }
}
