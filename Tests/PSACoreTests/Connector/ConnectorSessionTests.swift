import Testing

@testable import PSACore

@Suite struct ConnectorSessionTests {
    private func session(
        _ descriptor: ConnectorDescriptor = SampleConnector.descriptor, _ change: (inout SampleConnector) -> Void = { _ in }
    ) -> ConnectorSession {
        var connector = SampleConnector()
        change(&connector)
        return ConnectorSession(connector, descriptor: descriptor)
    }

    private func companies(_ session: ConnectorSession) async throws -> [Company] {
        try await session.companies().reduce(into: []) { $0.append($1) }
    }

    @Test func aDeclaredAbilityIsCarriedOut() async throws {
        let session = session()
        #expect(session.can(.readCompanies) && !session.can(.readTickets))
        #expect(try await companies(session).isEmpty)
        #expect(try await session.createTicket(TicketDraft(summary: "s")).summary == "s")
        #expect(try await session.ticketRequirements().map(\.field) == [.summary])
        #expect(try await session.tickets(externalReference: "x").isEmpty)
    }

    @Test func anUndeclaredAbilityIsRefusedAndNeverAskedFor() async throws {
        let session = session(SampleConnector.describing(capabilities: [])) {
            $0.companyPage = { _ in
                Issue.record("The connector was asked.")
                return Page(items: [])
            }
        }
        let error = try await #require(throws: PSAError.self) { try await companies(session) }
        #expect(error.code == .connectorUnsupported && error.connector?.rawValue == "sample")
        #expect(error.guidance.detail == "The connector for Sample PSA does not offer companies.")
    }

    @Test func everyOperationChecksItsOwnCapability() async throws {
        let session = session(SampleConnector.describing(capabilities: []))
        let id = Ticket.ID(1)
        let operations: [@Sendable () async throws -> Void] = [
            { for try await _ in session.companies() {} }, { for try await _ in session.contacts() {} },
            { for try await _ in session.agents() {} },
            { for try await _ in session.tickets() {} }, { _ = try await session.ticket(id) },
            { for try await _ in session.notes(of: id) {} },
            { for try await _ in session.agreements() {} }, { for try await _ in session.recurringInvoices() {} },
            { _ = try await session.recurringInvoice(RecurringInvoice.ID(1)) }, { _ = try await session.ticketTypes() },
            { _ = try await session.ticketStatuses() }, { _ = try await session.ticketPriorities() },
            { _ = try await session.ticketRequirements() },
            { _ = try await session.createTicket(TicketDraft(summary: "s")) }, { _ = try await session.tickets(externalReference: "x") },
            { _ = try await session.addPrivateNote("n", to: id) }, { _ = try await session.reply("r", to: id) },
            { _ = try await session.changeStatus(of: id, to: TicketStatus.ID(1)) },
        ]
        for operation in operations {
            let error = try await #require(throws: PSAError.self) { try await operation() }
            #expect(error.code == .connectorUnsupported)
        }
    }

    @Test func anAbilityDeclaredButNotBuiltIsADefect() async throws {
        let error = try await #require(throws: PSAError.self) { try await session().addPrivateNote("n", to: Ticket.ID(1)) }
        #expect(error.code == .connectorDefect && error.connector?.rawValue == "sample")
        #expect(error.guidance.causes.first?.evidence == "The capability is declared, but not built.")
    }

    @Test func aPlaceholderAnswersThatItIsOneToEverything() async throws {
        struct Placeholder: PlaceholderConnector {
            static let descriptor = SampleConnector.describing(tier: .placeholder, capabilities: [])
        }
        let session = ConnectorSession(Placeholder(), descriptor: Placeholder.descriptor)
        let error = try await #require(throws: PSAError.self) { try await companies(session) }
        #expect(error.code == .connectorPlaceholder && error.connector?.rawValue == "sample")
        let progress = Shared<[String?]>([])
        let report = try await session.testConnection { check in progress.update { $0.append(check.error?.code.rawValue) } }
        #expect(!report.isConnected && report.failure?.code == .connectorPlaceholder)
        #expect(progress.value == ["connector.placeholder"])
    }

    @Test func aForeignErrorBecomesADefectWithoutItsText() async throws {
        let session = session {
            $0.companyPage = { _ in throw ForeignError(text: "hunter2") }
            $0.check = { throw ForeignError(text: "hunter2") }
        }
        for operation in [{ _ = try await companies(session) }, { _ = try await session.testConnection() }] as [() async throws -> Void] {
            let error = try await #require(throws: PSAError.self) { try await operation() }
            #expect(error.code == .connectorDefect && error.connector?.rawValue == "sample")
            #expect(!error.problem.encodedText.contains("hunter2") && !String(reflecting: error).contains("hunter2"))
            #expect(error.guidance.causes.first?.evidence == "An error of type ForeignError escaped.")
        }
    }

    @Test func cancellationPassesUntouched() async throws {
        let session = session {
            $0.companyPage = { _ in throw CancellationError() }
            $0.check = { throw CancellationError() }
        }
        await #expect(throws: CancellationError.self) { try await companies(session) }
        await #expect(throws: CancellationError.self) { try await session.testConnection() }
    }

    @Test func anErrorOfTheConnectorKeepsEverythingAndGetsItsConnector() async throws {
        let original = PSAError(.rateLimited, request: "GET acme.example.com/api/x", vendor: VendorReply(status: 429))
        let error = try await #require(throws: PSAError.self) { try await companies(session { $0.companyPage = { _ in throw original } }) }
        #expect(error.connector?.rawValue == "sample")
        #expect(
            error.code == .rateLimited && error.correlationID == original.correlationID && error.vendor == original.vendor
                && error.request == original.request)
    }

    @Test func everyCheckOfATestNamesItsConnectorInTheReportAndOnTheWay() async throws {
        let session = session {
            $0.check = { ConnectionCheck(.credentials, .failed, evidence: Plain("no"), error: PSAError(.authInvalidClient)) }
        }
        let progress = Shared<[String?]>([])
        let report = try await session.testConnection { check in progress.update { $0.append(check.error?.connector?.rawValue) } }
        #expect(report.failure?.connector?.rawValue == "sample")
        #expect(progress.value == ["sample"])
    }
}
