import PSACore

/// What the rules of one run share, so that it is found out once.
actor ConformanceRun {
    nonisolated let signIns = WrongSignIns()
    private var observed: ObservedWrites?
    private var reads: [ReadOperation]?
    private var secrecy: SecrecyFindings?

    /// The reading operations of a connector, without the lists of choices and fields that it knows without asking the vendor: nothing can
    /// go wrong with them.
    ///
    /// - Throws: Errors of the connector that are no ``/PSACore/PSAError``.
    func reads(of subject: ConformanceSubject) async throws -> [ReadOperation] {
        if let reads { return reads }
        var found: [ReadOperation] = []
        for operation in ReadOperation.all(of: subject) {
            if operation.mayBeKnown {
                // Whether it asks is seen without an answer.
                let fault = TransportFault(.fail(TransportError(.interrupted, delivery: .notSent))) { !subject.isTokenRequest($0) }
                let stage = ConformanceStage(subject, faults: [fault])
                _ = try await failure { try await operation.run(stage.session()) }
                if stage.transport.requests.allSatisfy(subject.isTokenRequest) { continue }
            }
            found.append(operation)
        }
        reads = found
        return found
    }

    /// What is shown and logged where something is refused or fails; it is played once.
    ///
    /// - Throws: Errors of the connector that are no ``/PSACore/PSAError``.
    func secrecy(of subject: ConformanceSubject) async throws -> SecrecyFindings {
        if let secrecy { return secrecy }
        let found = try await SecrecyFindings(of: subject)
        secrecy = found
        return found
    }

    /// The writes of a connector as they are without faults; they are made once.
    ///
    /// - Throws: The error of a ticket that can't be created.
    func writes(of subject: ConformanceSubject) async throws -> ObservedWrites {
        if let observed { return observed }
        let found = try await ObservedWrites(of: subject)
        observed = found
        return found
    }
}

/// What a connector's writes are without faults.
struct ObservedWrites: Sendable {
    /// One operation.
    struct Operation: Sendable {
        /// Faults are played at so many requests of a write.
        static let maxRequests = 4

        /// How many requests of it must not be repeated, within ``maxRequests``.
        var requests = 1
        /// The fields of which its result says that they were stored otherwise.
        var stated: Set<TicketField.ID> = []
    }

    /// A new ticket with a value for every field of every vendor that the tenant offers.
    private(set) var draft: TicketDraft
    /// The operations by their names.
    private(set) var operations: [String: Operation] = [:]
    /// Every request of them, those that read too.
    let requests: [TransportRequest]
    /// What was logged meanwhile.
    let log: [String]
    /// The ticket that was written to, and a status that it does not have.
    let target: WriteTarget

    /// Does each operation once, at a ticket of its own.
    ///
    /// - Throws: The error of a ticket that can't be created.
    init(of subject: ConformanceSubject) async throws {
        let writes = WriteOperation.all(of: subject)
        let stage = ConformanceStage(subject)
        let session = try stage.session()
        let plain = try await subject.draft.addressed(session, subject)
        draft = try await plain.withOwnValues(session, subject)
        var before = stage.transport.requests.count
        let ticket: Ticket
        do {
            ticket = try await session.createTicket(Marker().draft(from: draft))
        } catch is PSAError {
            // Whether a ticket takes every value is another rule's matter.
            draft = plain
            before = stage.transport.requests.count
            ticket = try await session.createTicket(Marker().draft(from: plain))
        }
        var target = WriteTarget.none(subject)
        target.draft = draft
        let created = Self.operation(stage, since: before, stating: Set(ticket.differences.map(\.field)))
        for write in writes where write.capability == .createTickets { operations[write.name] = created }
        try await target.aim(at: ticket, session, subject, writes)
        for write in writes where write.capability != .createTickets {
            before = stage.transport.requests.count
            // What the tenant refuses is seen where the rule tries it.
            var stated: Set<TicketField.ID> = []
            _ = try await failure { stated = try await write.run(session, target) }
            operations[write.name] = Self.operation(stage, since: before, stating: stated)
            // What follows an upload takes it away again.
            if write.isOfFile, session.uploadsAttachments { operations[write.name]?.requests = 1 }
        }
        if subject.can(.changeStatus), let status = ticket.status?.id { target.status = status }
        self.target = target
        requests = stage.transport.requests
        log = stage.log.lines
    }

    private static func operation(_ stage: ConformanceStage, since before: Int, stating stated: Set<TicketField.ID>) -> Operation {
        let sent = stage.transport.requests.dropFirst(before).count(where: stage.subject.isWrite)
        return Operation(requests: min(max(1, sent), Operation.maxRequests), stated: stated)
    }
}
