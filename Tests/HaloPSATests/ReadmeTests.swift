import HaloSimulator
import PSACore
import PSACurl
import TestSupport
import Testing

@Suite("README")
struct ReadmeTests {
    @Test("its samples are those that compile", arguments: ["host", "transport"])
    func sampleIsCurrent(name: String) throws {
        let source = try RepositoryFile("Tests/HaloPSATests/ReadmeExample.swift").lines
        let start = try #require(source.firstIndex(of: "// sample: \(name)"))
        let end = try #require(source[start...].firstIndex(of: "// end of sample"))
        let sample = source[(start + 1)..<end].joined(separator: "\n")
        let readme = try RepositoryFile("README.md").lines.joined(separator: "\n")
        #expect(readme.contains("```swift\n\(sample)\n```"))
    }

    @Test func theHostSampleDoesWhatItSays() async throws {
        try await HaloFixture.run { fixture in
            let settings: SettingsInput = [
                "tenantURL": fixture.address, "clientID": HaloSimulator.Configuration.demoClientID,
                "clientSecret": HaloSimulator.Configuration.demoClientSecret,
            ]
            let context = ConnectorContext(
                transport: fixture.transport, addressPolicy: .allowingLoopback, time: .skippingWaits, tenants: fixture.tenants,
                connectionTestLimit: .seconds(300))
            let open = try await openTickets(settings: settings, context: context)
            #expect(!open.isEmpty && open.allSatisfy { $0.phase == .open })
            #expect(await fixture.simulator.ticketCount() == 251)
        }
    }

    @Test func theTransportSampleReportsAMissingAnswer() async throws {
        let transport = OtherTransport(client: OtherClient())
        let request = TransportRequest(.get, try ServiceURL(typed: "acme.halopsa.com"), route: "/api/authinfo")
        await #expect(throws: TransportError(.interrupted, delivery: .maybeSent)) { try await transport.send(request) }
    }

    @Test func itsLinksLeadToFiles() throws {
        let readme = try RepositoryFile("README.md")
        let pictures = RepositoryFile.paths(under: "Docs/Pictures", endingIn: ".png")
        for line in readme.lines {
            for match in line.matches(of: /\]\(([A-Za-z][^)#:]*)(#[^)]*)?\)/) {
                let path = String(match.1)
                let isThere = path.hasSuffix(".png") ? pictures.contains(path) : (try? RepositoryFile(path)) != nil
                #expect(isThere, "\(path)")
            }
        }
    }
}
