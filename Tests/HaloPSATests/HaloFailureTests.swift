import FoundationEssentials
import HaloSimulator
import PSACore
import Testing

@testable import HaloPSA

@Suite("HaloPSA failing, over a real socket")
struct HaloFailureTests {
    @Test(
        "a test of the connection names the cause",
        arguments: [
            ("token-invalid-client", ErrorCode.authInvalidClient), ("token-unauthorized-client", .authWrongGrant),
            ("token-invalid-scope", .authScopeRejected), ("token-not-found", .authEndpointNotFound),
            ("token-not-found-html", .authEndpointNotFound), ("token-server-error", .vendorUnavailable),
            ("token-rate-limited", .rateLimited),
            ("token-html-login-page", .proxyHTMLInsteadOfJSON), ("token-missing-fields", .vendorUnexpectedResponse),
            ("token-revoked-always", .authTokenRejected), ("deny:Tickets", .permissionRoleDenied),
            ("deny-401:Tickets", .permissionRoleDenied),
            ("html-200", .proxyHTMLInsteadOfJSON), ("html-502", .vendorUnavailable), ("redirect-login", .proxyLoginRedirect),
            ("server-error", .vendorUnavailable), ("unavailable", .vendorUnavailable), ("gateway-timeout", .vendorUnavailable),
            ("rate-limit", .rateLimited), ("rate-limit-no-header", .rateLimited), ("hang-up", .networkInterrupted),
            ("truncated-body", .vendorUnexpectedResponse), ("truncated-halfway", .networkInterrupted),
            ("garbage-json", .vendorUnexpectedResponse),
            ("gzip-flag-plain", .vendorUnexpectedResponse), ("wrong-host", .proxyHTMLInsteadOfJSON), ("not-halo", .authEndpointNotFound),
        ])
    func connectionTest(fault: String, code: ErrorCode) async throws {
        try await HaloFixture.run(faults: [fault]) { fixture in
            let report = try await fixture.session().testConnection()
            #expect(report.failure?.code == code)
            #expect(!report.isConnected)
            #expect(report.failure?.connector?.rawValue == "halopsa")
        }
    }

    @Test(
        "a quirk that is no failure passes",
        arguments: [
            "wrong-content-type", "bom", "slow-body:5", "latency:50", "id-as-double", "ids-as-text", "list-as-array", "no-record-count",
            "token-expires-now", "page-cap:1",
        ])
    func harmlessQuirk(fault: String) async throws {
        try await HaloFixture.run(faults: [fault]) { fixture in
            let report = try await fixture.session().testConnection()
            #expect(report.failure == nil)
            #expect(report.headline == "Connected to 127.0.0.1:\(fixture.server.port)")
        }
    }

    @Test func aScopeThatWasNotGrantedIsNamed() async throws {
        var configuration = HaloSimulator.Configuration()
        configuration.applicationScopes = ["read:tickets", "edit:tickets", "read:customers"]
        try await HaloFixture.run(configuration) { fixture in
            let report = try await fixture.session().testConnection()
            let failure = try #require(report.failure)
            #expect(failure.code == .permissionScopeMissing)
            #expect(failure.guidance.detail.contains("read:contracts"))
            let scope = report.checks.first { $0.subject == .scope }
            #expect(
                scope?.outcome == .warning
                    && scope.map { TextRenderer().text($0.evidence) } == "Not granted: read:contracts, read:invoices.")
        }
    }

    @Test func aResourceThatIsNotNeededOnlyWarns() async throws {
        try await HaloFixture.run(faults: ["deny:RecurringInvoice"]) { fixture in
            let report = try await fixture.session().testConnection()
            #expect(report.isConnected)
            #expect(report.warnings.map(\.subject) == [.read(.readRecurringInvoices)])
            #expect(!report.allowed.contains(.readRecurringInvoices) && report.allowed.contains(.readTickets))
        }
    }

    @Test func nothingVisibleIsAWarning() async throws {
        try await HaloFixture.run(faults: ["empty:Tickets"]) { fixture in
            let report = try await fixture.session().testConnection()
            #expect(report.warnings.map { $0.error?.code } == [.permissionNothingVisible])
        }
    }

    @Test(
        "a new ticket refused in any shape says what HaloPSA said",
        arguments: [
            ("error-shape:string", true), ("error-shape:exception", true), ("error-shape:modelstate", true), ("error-shape:older", true),
            ("error-shape:html", false), ("error-shape:empty", false),
        ])
    func refusedTicket(fault: String, hasWords: Bool) async throws {
        try await HaloFixture.run(faults: [fault]) { fixture in
            do {
                _ = try await fixture.session().createTicket(TicketDraft(summary: "x"))
                Issue.record("The ticket was created.")
            } catch let error as PSAError {
                #expect([.requestRejected, .ticketDefaultInvalid, .ticketFieldRequired, .proxyHTMLInsteadOfJSON].contains(error.code))
                #expect(error.vendor?.status == 400)
                #expect((error.vendor?.message?.isEmpty == false) == hasWords)
                #expect(error.vendor?.message?.contains("<") != true)
            }
            #expect(fixture.transport.count(.post, "/api/Tickets") == 1)
        }
    }

    @Test(
        "a write of unknown outcome is sent once and completed by its reference",
        arguments: [
            ("create-lost-reply", 1), ("create-504-stored", 1), ("create-500-stored", 1), ("create-lost-request", 0),
        ])
    func unknownOutcome(fault: String, stored: Int) async throws {
        try await HaloFixture.run(faults: [fault]) { fixture in
            let session = try fixture.session()
            #expect(
                await code { _ = try await session.createTicket(TicketDraft(summary: "x", externalReference: "m-1")) }
                    == .writeOutcomeUnknown)
            #expect(fixture.transport.count(.post, "/api/Tickets") == 1)
            try await fixture.setFaults()
            #expect(try await session.tickets(externalReference: "m-1").count == stored)
            #expect(await fixture.simulator.tickets(thirdPartyIDString: "m-1").count == stored)
        }
    }

    @Test("a read survives what passes", arguments: [["flaky:3"], ["rate-limit-times:3"]])
    func passingFault(faults: [String]) async throws {
        try await HaloFixture.run(faults: faults) { fixture in
            let tickets = try await fixture.session().tickets().collected()
            #expect(tickets.count == 250)
        }
    }

    @Test func anAnswerLargerThanAllowedIsRefused() async throws {
        try await HaloFixture.run(faults: ["huge-body:64"]) { fixture in
            let session = try fixture.session()
            #expect(await code { _ = try await session.companies().collected() } == .vendorUnexpectedResponse)
        }
    }

    @Test func theFirstPageOfAListIsNeverTakenForAllOfIt() async throws {
        try await HaloFixture.run { fixture in
            try await fixture.setFaultsAfterFirstTicketPage("server-error")
            let session = try fixture.session()
            var read = 0
            do {
                for try await _ in session.tickets() { read += 1 }
                Issue.record("The list ended as if it were complete, after \(read) rows.")
            } catch let error as PSAError {
                #expect(error.code == .vendorUnavailable)
            }
            #expect(read <= 100)
        }
    }

    @Test func silenceEndsInTimeoutWithinTheTest() async throws {
        try await HaloFixture.run(faults: ["silent"], time: .system) { fixture in
            let report = try await fixture.session(testLimit: .seconds(2)).testConnection()
            #expect(report.failure?.code == .networkTimeout)
        }
    }

    @Test func nobodyListening() async throws {
        try await HaloFixture.run { fixture in
            let closed = try ClosedPort()
            let session = try fixture.session(["tenantURL": "http://127.0.0.1:\(closed.number)"])
            #expect(try await session.testConnection().failure?.code == .networkRefused)
        }
    }
}
