import TestSupport
import Testing

@Suite("Session sweep")
struct SessionSweepTests {
    @Test func theSweepCallsEveryOperationTheSessionOffers() throws {
        let folder = "Sources/PSACore/Connector/"
        let declared = try ["ConnectorSession+Reading.swift", "ConnectorSession+Writing.swift"].flatMap { name in
            try RepositoryFile(folder + name).lines.compactMap { $0.firstMatch(of: /^ +public func (\w+)/).map { String($0.1) } }
        }
        #expect(!declared.isEmpty)
        #expect(SessionSweep().operations.map(\.name).sorted() == declared.sorted())
    }

    @Test func anchorsFollowGitHubsRules() throws {
        let anchors = try RepositoryFile("Docs/ConnectHaloPSA.md").anchors
        #expect(anchors.isSuperset(of: ["1-create-the-application", "404-on-authtoken", "common-errors"]))
    }
}
