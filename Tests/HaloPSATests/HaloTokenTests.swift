import FoundationEssentials
import HaloSimulator
import PSACore
import PSATesting
import Synchronization
import TestSupport
import Testing

@testable import HaloPSA

@Suite("HaloPSA tokens")
struct HaloTokenTests {
    @Test func aHundredCallersWithAnExpiredTokenCauseOneTokenRequest() async throws {
        let time = SkippingClock()
        try await HaloFixture.run(time: time.source) { fixture in
            let session = try fixture.session()
            _ = try await session.ticketTypes()
            #expect(fixture.transport.count(.post, "/auth/token") == 1)
            time.advance(by: .seconds(7_200))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<100 { group.addTask { _ = try await session.ticketTypes() } }
                try await group.waitForAll()
            }
            #expect(fixture.transport.count(.post, "/auth/token") == 2)
        }
    }

    @Test func aTokenThatDiesEarlyIsReplacedOnceAndNothingIsLost() async throws {
        try await HaloFixture.run { fixture in
            try await fixture.setFaultsAfterFirstTicketPage("token-revoked-once")
            let tickets = try await fixture.session().tickets().collected()
            #expect(tickets.count == 250)
            #expect(fixture.transport.count(.post, "/auth/token") == 2)
            #expect(fixture.log.lines.contains { $0.contains("refused an access token") })
        }
    }

    @Test func aTokenThatIsAlwaysRefusedIsReplacedOnceAndNoMore() async throws {
        try await HaloFixture.run(faults: ["token-revoked-always"]) { fixture in
            let session = try fixture.session()
            #expect(await code { _ = try await session.ticketTypes() } == .authTokenRejected)
            #expect(fixture.transport.count(.post, "/auth/token") == 2)
            #expect(fixture.transport.count(.get, "/api/TicketType") == 2)
        }
    }

    @Test func aWriteRefusedForItsTokenIsNotRepeatedBeforeItWasLookedFor() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            _ = try await session.ticketFields()
            try await fixture.setFaults("token-revoked-once")
            let draft = TicketDraft(summary: "x", externalReference: "once")
            let error = await #expect(throws: PSAError.self) { try await session.createTicket(draft) }
            #expect(error?.mayHaveBeenExecuted == true)
            #expect(try await session.tickets(externalReference: "once").isEmpty)
            // The refused token is gone, so the next attempt works.
            _ = try await session.createTicket(draft)
            #expect(await fixture.simulator.tickets(thirdPartyIDString: "once").count == 1)
        }
    }

    @Test func theTenantGoesIntoTheQueryOfTheTokenRequestOnly() async throws {
        try await HaloFixture.run { fixture in
            _ = try await fixture.session(["tenant": "acme"]).ticketTypes()
            let token = try #require(fixture.transport.requests.first { $0.route == "/auth/token" })
            #expect(token.query == [QueryItem("tenant", "acme")])
            #expect(
                fixture.transport.requests.filter { $0.route != "/auth/token" }.allSatisfy { !$0.query.contains { $0.name == "tenant" } })
        }
    }

    @Test func aRefusedSecretIsNotTriedAgainAtOnce() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session(["clientSecret": "wrong-secret-0000"])
            for _ in 0..<5 { #expect(await code { _ = try await session.ticketTypes() } == .authInvalidClient) }
            #expect(fixture.transport.count(.post, "/auth/token") == 1)
        }
    }
}
