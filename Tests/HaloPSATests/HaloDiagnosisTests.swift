import FoundationEssentials
import HaloSimulator
import PSACore
import PSATesting
import Testing

@testable import HaloPSA

@Suite("Diagnosis of a HaloPSA connection")
struct HaloDiagnosisTests {
    @Test func aTenantThatIsWrongIsProvenByLeavingItOut() async throws {
        try await HaloFixture.run { fixture in
            let report = try await fixture.session(["tenant": "nobody"]).testConnection()
            let failure = try #require(report.failure)
            #expect(failure.code == .authTenantUnknown)
            #expect(failure.guidance.causes.first?.confidence == .certain)
            #expect(failure.guidance.causes.first?.evidence == "A token was issued when the tenant was left out.")
            #expect(failure.suggestion == Suggestion(field: "tenant", value: ""))
            #expect(failure.problem["suggestion"]?["value"]?.string == "")
        }
    }

    @Test func aServerThatFailsWithAndWithoutTenantIsToBlameItself() async throws {
        try await HaloFixture.run(faults: ["token-server-error"]) { fixture in
            let failure = try #require(try await fixture.session(["tenant": "another"]).testConnection().failure)
            #expect(failure.code == .vendorUnavailable)
            #expect(failure.guidance.causes.first?.evidence == "Leaving the tenant out changed nothing.")
        }
    }

    @Test("an address that points to HaloPSA leads to the value to paste", arguments: [302, 301, 307])
    func redirect(status: Int) async throws {
        try await HaloFixture.run { fixture in
            let elsewhere = try StubServer(status: status, headers: ["Location": fixture.address + "/auth/login?ReturnUrl=%2F"])
            defer { elsewhere.stop() }
            let failure = try #require(try await fixture.session(["tenantURL": elsewhere.address]).testConnection().failure)
            #expect(failure.suggestion == Suggestion(field: "tenantURL", value: fixture.address))
            #expect(failure.fields == ["tenantURL"])
            #expect(failure.guidance.causes.first?.confidence == .certain)
            let strangers = fixture.transport.requests.filter { $0.origin.text == fixture.address }
            #expect(strangers.map(\.route) == ["/api/authinfo"], "no credentials go to an address that was not typed")
        }
    }

    @Test func anAddressInsideTheNetworkIsNotFollowed() async throws {
        try await HaloFixture.run { fixture in
            let elsewhere = try StubServer(status: 302, headers: ["Location": "http://169.254.169.254/latest/meta-data/"])
            defer { elsewhere.stop() }
            let failure = try #require(try await fixture.session(["tenantURL": elsewhere.address]).testConnection().failure)
            #expect(failure.suggestion == nil)
            #expect(fixture.transport.requests.allSatisfy { $0.origin.host == "127.0.0.1" })
        }
    }

    @Test func whenEveryReadIsRefusedTheLoginTypeIsTheLikelyCause() async throws {
        let denied = ["Client", "Users", "Tickets", "TicketType", "ClientContract", "RecurringInvoice", "Agent"].map { "deny:\($0)" }
        try await HaloFixture.run(faults: denied) { fixture in
            let failure = try #require(try await fixture.session().testConnection().failure)
            let login = failure.guidance.causes.first { $0.id == "login_type" }
            #expect(login?.confidence == .likely && login?.evidence == "Every read was refused, so this is not about single permissions.")
        }
    }

    @Test func oneCompanyAloneIsAWarning() async throws {
        try await HaloFixture.run(faults: ["restricted-rows"]) { fixture in
            let report = try await fixture.session().testConnection()
            #expect(report.warnings.contains { $0.subject == .read(.readCompanies) && $0.error?.code == .permissionNothingVisible })
        }
    }

    @Test(
        "ticket defaults are checked against what HaloPSA has",
        arguments: [
            (["ticketTypeID": "999"], "ticketTypeID", "no_such_id"), (["ticketTypeID": "29"], "ticketTypeID", "not_creatable"),
            (["ticketStatusID": "777"], "ticketStatusID", "no_such_id"),
            (["ticketTypeID": "4", "ticketPriorityID": "1"], "ticketPriorityID", "not_for_type"),
        ] as [([SettingKey: String], SettingKey, CauseID)])
    func defaults(settings: [SettingKey: String], field: SettingKey, cause: CauseID) async throws {
        try await HaloFixture.run { fixture in
            let failure = try #require(try await fixture.session(settings).testConnection().failure)
            #expect(failure.code == .ticketDefaultInvalid && failure.fields == [field])
            #expect(failure.guidance.causes.first?.id == cause && failure.guidance.causes.first?.confidence == .certain)
        }
    }

    @Test func anOutcomeThatDoesNotExistIsAWarning() async throws {
        try await HaloFixture.run { fixture in
            let report = try await fixture.session(["replyOutcome": "Mail an Kunde"]).testConnection()
            #expect(report.isConnected)
            #expect(report.warnings.map { $0.error?.fields } == [["replyOutcome"]])
        }
    }

    @Test func aTestTicketIsCreatedReadAndDeleted() async throws {
        try await HaloFixture.run { fixture in
            let before = await fixture.simulator.ticketCount()
            let check = try await fixture.session().testTicketCreation()
            #expect(check.outcome == .passed)
            #expect(await fixture.simulator.ticketCount() == before)
            #expect(fixture.transport.count(.post, "/api/Tickets") == 1 && fixture.transport.count(.delete, "/api/Tickets/{id}") == 1)
        }
    }

    @Test("a test ticket whose answer is lost is found and deleted all the same", arguments: ["create-lost-reply", "create-504-stored"])
    func lostTestTicket(fault: String) async throws {
        try await HaloFixture.run(faults: [fault]) { fixture in
            let before = await fixture.simulator.ticketCount()
            let check = try await fixture.session().testTicketCreation()
            #expect(check.outcome == .passed)
            #expect(await fixture.simulator.ticketCount() == before)
            #expect(fixture.transport.count(.post, "/api/Tickets") == 1)
        }
    }

    @Test func aTestTicketThatIsRefusedSaysWhy() async throws {
        try await HaloFixture.run(faults: ["error-shape:string"]) { fixture in
            let check = try await fixture.session().testTicketCreation()
            #expect(check.outcome == .failed && check.error?.vendor?.message?.isEmpty == false)
            #expect(check.error?.connector?.rawValue == "halopsa")
        }
    }

    @Test func aSpentBudgetEndsATestInsteadOfHoldingIt() async throws {
        try await HaloFixture.run { fixture in
            let context = ConnectorContext(
                transport: fixture.transport, addressPolicy: .allowingLoopback,
                tenants: TenantRateLimits(pace: RateLimit(1, per: .seconds(3_600))))
            let settings: SettingsInput = [
                "tenantURL": fixture.address, "clientID": HaloSimulator.Configuration.demoClientID,
                "clientSecret": HaloSimulator.Configuration.demoClientSecret,
            ]
            let report = try await ConnectorRegistry([HaloConnector.self]).connect("halopsa", settings: settings, context: context)
                .testConnection()
            #expect(report.failure?.code == .rateLimited)
        }
    }
}
