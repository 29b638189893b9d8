public import PSACore

extension HaloConnector {
    /// Checks the way to the server, credentials, permissions, one read of each resource and the ticket defaults, within the context's limit.
    ///
    /// The credentials are tried with a new token, not with one that is still held. If no token is issued, further checks tell its causes
    /// apart; they send the credentials to no other address than the typed one.
    public func testConnection(progress: @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        let connector = HaloConnector(
            settings: settings, context: context, timeouts: .connectionTest(within: context.connectionTestLimit))
        let test = HaloConnectionTest(settings: settings, client: connector.client, connector: connector)
        return try await withoutActuallyEscaping(progress) { progress in
            try await client.connectionTest(about: .connectionTest, progress: progress) { try await test.run($0) }
        }
    }
}

extension HaloConnector: TicketCreationTesting {
    /// Creates a ticket marked as a test with the ticket defaults, reads it back, and deletes it; if that is not allowed, closes it.
    public func testTicketCreation() async throws -> ConnectionCheck {
        var (check, duration) = try await client.measured {
            do {
                return try await createdAndRemoved()
            } catch let error as PSAError {
                return ConnectionCheck(.write, .failed, error: error)
            }
        }
        check.duration = duration
        return check
    }

    private func createdAndRemoved() async throws -> ConnectionCheck {
        let ticket = try await createTestTicket()
        func check(_ outcome: ConnectionCheck.Outcome, _ end: HaloMessage) -> ConnectionCheck {
            ConnectionCheck(.write, outcome, evidence: ticket.differences.isEmpty ? end : .storedOtherwise(ticket.differences, end))
        }
        if try await deleteTestTicket(ticket) {
            return check(ticket.differences.isEmpty ? .passed : .warning, .createdAndDeleted(ticket.number))
        }
        if try await closeTestTicket(ticket) { return check(.warning, .createdAndClosed(ticket.number)) }
        return check(.warning, .createdAndLeft(ticket.number))
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
