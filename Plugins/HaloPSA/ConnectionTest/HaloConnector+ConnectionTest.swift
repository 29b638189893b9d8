import FoundationEssentials
public import PSACore

extension HaloConnector {
    /// Checks the way to the server, credentials, permissions, one read of each resource and the ticket defaults, within the context's limit.
    ///
    /// The credentials are tried with a new token, not with one that is still held. If no token is issued, further checks tell its causes
    /// apart; they send the credentials to no other address than the typed one.
    public func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        let tester = HaloConnector(settings: settings, context: context, patience: .test(within: context.connectionTestLimit))
        let test = HaloConnectionTest(settings: settings, client: tester.client, connector: tester)
        let checks = try await ConnectionTestDeadline.run(context.connectionTestLimit, time: context.time, progress) {
            try await test.run($0)
        } whenLate: {
            let error = client.unanswered(
                TransportError(.timedOut, delivery: .maybeSent), stage: .read, object: .connectionTest, request: nil)
            return ConnectionCheck(.reachable, .failed, evidence: CoreMessage.unanswered(.timedOut), error: error)
        }
        return ConnectionReport(connector: Self.descriptor.id, host: settings.tenantURL.location, checks: checks)
    }
}

extension HaloConnector: TicketCreationTesting {
    /// Creates a ticket marked as a test with the ticket defaults, reads it back, and deletes it; if that is not allowed, closes it.
    public func testTicketCreation() async throws -> ConnectionCheck {
        let start = client.time.instant()
        func check(_ outcome: ConnectionCheck.Outcome, _ evidence: any LocalizedMessage, _ error: PSAError? = nil) -> ConnectionCheck {
            let took = client.time.instant() - start
            return ConnectionCheck(.write, outcome, evidence: evidence, duration: took, error: error)
        }
        do {
            let ticket = try await createTestTicket()
            func told(_ end: HaloMessage) -> HaloMessage {
                ticket.differences.isEmpty ? end : .storedOtherwise(ticket.differences, end)
            }
            if try await deleteTestTicket(ticket) {
                return check(ticket.differences.isEmpty ? .passed : .warning, told(.createdAndDeleted(ticket.number)))
            }
            if try await closeTestTicket(ticket) { return check(.warning, told(.createdAndClosed(ticket.number))) }
            return check(.warning, told(.createdAndLeft(ticket.number)))
        } catch let error as PSAError {
            return check(.failed, error.observed, error)
        }
    }

    private func createTestTicket() async throws -> Ticket {
        let reference = "connection-test-\(CorrelationID())"
        let draft = TicketDraft(
            summary: "Connection test, please ignore", details: "Created to test a connection, and deleted again.",
            externalReference: reference)
        do {
            let created = try await createTicket(draft)
            var stored = try await ticket(created.id)
            // What the answer to the create leaves out, the ticket itself may state.
            let asked = settings.withDefaults(draft)
            stored.differences = asked.differences(in: stored)
            let stated = Set(stored.differences.map(\.field))
            stored.differences += created.differences.filter { !stated.contains($0.field) }
            return stored
        } catch let error as PSAError where error.code == .writeOutcomeUnknown {
            // The marker tells whether it was created after all; if not, the unknown outcome stands.
            guard let found = try await tickets(externalReference: reference).first else { throw error }
            return found
        }
    }

    /// Whether the ticket is gone afterwards: HaloPSA answers 404 for it, or marks it as deleted.
    private func deleteTestTicket(_ ticket: Ticket) async throws -> Bool {
        do {
            try await client.delete(.tickets, id: try number(ticket.id, .testTicket), about: .testTicket)
            let afterwards = try await self.ticket(ticket.id)
            return afterwards.native["deleted"] == .bool(true)
        } catch let error as PSAError {
            return error.code == .requestNotFound
        }
    }

    /// Whether the ticket could be closed; only a status that is the one candidate of its type is used, never a guessed number.
    private func closeTestTicket(_ ticket: Ticket) async throws -> Bool {
        do {
            let closing = try await ticketStatuses(for: ticket.type?.id).filter { $0.phase == .closed }
            guard closing.count == 1 else { return false }
            _ = try await changeStatus(of: ticket.id, to: closing[0].id)
            return true
        } catch is PSAError {
            return false
        }
    }
}
