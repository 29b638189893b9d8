#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

/// Executes one leased job, or searches the PSA for what may have been executed already.
struct TicketWriter: Sendable {
    let store: any EngineStore
    let companies: CompanyDirectory
    var policy: OutboxPolicy
    let time: TimeSource
    /// The jobs from before this process started.
    let startup: StartupVerification
    /// Called at each step; a test may end the process there.
    let reached: @Sendable (WriteStep) async -> Void
    /// The tickets that searches have read.
    var opened = OpenedTickets()

    /// Sends a job through the session of a connection.
    ///
    /// - Returns: The outcome. No error is thrown: each failure is an outcome.
    func send(_ job: TicketJob, of connection: StoredConnection, through session: ConnectorSession) async -> JobOutcome {
        if startup.age(of: job, time) > policy.maxAge.seconds { return outcome(job, .needsReview(.tooOld)) }
        let plan: Plan
        let attachments: [DraftAttachment]
        do {
            plan = try await self.plan(job, connection, session)
            if let earlier = try await earlierOutcome(of: job, plan, connection, session) { return earlier }
            if case .check(let precondition) = plan { return outcome(job, .checking(precondition), attempts: 0) }
            attachments = plan.isLater ? [] : try await self.attachments(of: job, for: plan.draft, session)
            await reached(.beforeRequest)
            try await recordIntent(job, plan)
        } catch {
            return outcome(ofUnsent: error, job)
        }
        do {
            return try await execute(plan, job, with: attachments, connection, session)
        } catch let error as PSAError
            where error.code == .requestCompanyUnusable && !error.mayHaveBeenExecuted && plan.draft != nil
        {
            // The company may have been removed and made again since the list was read.
            guard await companies.distrustList(of: connection.id, since: job.createdAt) else {
                return outcome(of: error, job, isNote: false)
            }
            return outcome(job, .waiting, in: .zero, attempts: job.attempts - 1)
        } catch {
            return outcome(of: error, job, isNote: plan.isNote)
        }
    }

    /// The request to make.
    ///
    /// Making a plan only reads.
    private enum Plan {
        /// `former` is the ticket of an earlier job that no longer accepts notes, but may already contain one of this job.
        case create(TicketDraft, CompanyResolution, former: PostedTicket?)
        /// A note on the ticket of an earlier job.
        case append(Ticket.ID, PostedTicket, CompanyResolution)
        /// A change to the ticket that the job names.
        case change(Ticket.ID)
        /// Nothing before the host has checked the job again, whose company is another one than the one it was checked for.
        case check(JobPrecondition)
        /// Nothing before a time: the job whose ticket may accept it as a note has no outcome yet.
        case later(Date)

        var isNote: Bool {
            if case .append = self { true } else { false }
        }

        /// The ticket to be created.
        var draft: TicketDraft? {
            if case .create(let draft, _, _) = self { draft } else { nil }
        }

        var isLater: Bool {
            if case .later = self { true } else { false }
        }
    }

    private func plan(_ job: TicketJob, _ connection: StoredConnection, _ session: ConnectorSession) async throws -> Plan {
        if let ticket = job.payload.operation.ticket {
            try await requireChangeable(ticket, by: job, connection, session)
            return .change(ticket)
        }
        let payload = job.payload
        let company = try await companies.resolve(
            id: payload.companyID, name: payload.company, since: job.createdAt, of: connection
        ) { session }
        // A person who has released it has decided about that.
        if let precondition = job.precondition, let checked = job.company, checked != company, !job.isReleased {
            return .check(precondition)
        }
        if case .unresolved(let reason) = company, job.attempts <= 1 {
            try await store.recordUnmatched(
                SentCompany(id: payload.companyID, name: payload.company), reason, of: connection.id, at: time.now())
        }
        var former: PostedTicket?
        if session.can(.addNotes), session.can(.readTickets), session.can(.readNotes), let since = payload.appendsSince,
            let earlier = try await predecessor(of: job, company, since: since, connection, session),
            !earlier.state.isOutcomeUnknown
        {
            if let posted = earlier.state.ticket {
                if let id = Ticket.ID(posted.id), let current = try await openTicket(id, posted, of: earlier, company, session) {
                    return .append(id, current, company)
                }
                former = posted
            } else if waitsForConnection(earlier, before: job)
                || (0..<Self.maxWaitForPredecessor).contains(time.now().timeIntervalSince(job.wantedSince))
            {
                return .later(earlier.dueAt)
            }
        }
        return .create(try await draft(for: job, company, connection, session), company, former: former)
    }

    /// Checks, where tickets can be read, that the ticket of a job is there, belongs to the company that the job names and takes the change.
    ///
    /// PSAs differ in what they do with a note on a closed or merged ticket: some accept it where people do not see it any more. A reply goes
    /// to the contact that the ticket has when it is sent: while the job waited, the ticket may have been moved to another company.
    ///
    /// - Throws: ``PSAError``: `ticket.not_writable` if the ticket is deleted, merged into another one, at another company or, for a note,
    ///   closed; or the error of reading it, such as `request.not_found`.
    private func requireChangeable(
        _ id: Ticket.ID, by job: TicketJob, _ connection: StoredConnection, _ session: ConnectorSession
    ) async throws {
        guard session.can(.readTickets) else { return }
        let ticket: Ticket
        do {
            ticket = try await session.ticket(id)
        } catch let error as PSAError where error.code.area == .permission {
            return
        }
        var obstacle: TicketStateMessage?
        if ticket.isDeleted {
            obstacle = .deleted
        } else if let target = ticket.mergedInto {
            obstacle = .merged(into: target.rawValue)
        } else if case .addNote = job.payload.operation, ticket.phase == .closed {
            obstacle = .closed
        } else if let company = ticket.company, try await !isNamed(company, by: job, connection, session) {
            let named = [job.payload.company, job.payload.companyID].filter { !$0.isEmpty }
            obstacle = .moved(to: company.id.rawValue, wanted: named.joined(separator: ", id "))
        }
        if let obstacle { throw obstacle.error(.ticketNotWritable, id, of: connection, session) }
    }

    /// Whether a job names the company of its ticket, or none.
    ///
    /// Where the company that it names is not found for certain, the ticket has to have its name, or without one its id.
    private func isNamed(
        _ company: Reference<Company>, by job: TicketJob, _ connection: StoredConnection, _ session: ConnectorSession
    ) async throws -> Bool {
        let payload = job.payload
        let resolution = try await companies.resolve(
            id: payload.companyID, name: payload.company, since: job.createdAt, of: connection
        ) { session }
        switch resolution {
        case .notNamed: return true
        case .resolved(let wanted): return company.id == wanted
        case .unresolved(.contradictory): return false
        case .unresolved where payload.company.trimmingSpaces.isEmpty: return company.id.rawValue == payload.companyID
        case .unresolved: return company.label.map(CompanyName.key(of:)) == CompanyName.key(of: payload.company)
        }
    }

    /// The ticket with the status that a job gave it.
    ///
    /// A success status is no proof: workflows can keep a ticket where it is, and answers can leave the status out.
    ///
    /// - Throws: ``PSAError``: `ticket.status_not_allowed` if the ticket has another status, `write.outcome_unknown` if it cannot be read.
    private func verify(
        _ status: TicketStatus.ID, of ticket: Ticket, _ connection: StoredConnection, _ session: ConnectorSession
    ) async throws -> Ticket {
        if ticket.status?.id == status { return ticket }
        let unverified = PSAError(.writeOutcomeUnknown, catalogue: session.descriptor.guidance)
        guard session.can(.readTickets) else { throw unverified }
        let current: Ticket
        do {
            current = try await session.ticket(ticket.id)
        } catch {
            throw unverified
        }
        if current.status?.id == status { return current }
        throw TicketStateMessage.hasStatus(current.status?.id.rawValue ?? "")
            .error(.ticketStatusNotAllowed, ticket.id, of: connection, session)
    }

    /// How long a job waits until it is known whether the one before it became a ticket; one event must not stop another.
    private static let maxWaitForPredecessor: TimeInterval = 600
    /// How many earlier jobs of a device are read at once.
    private static let predecessorPage = 50

    /// Whether an earlier job waits only until the PSA can be reached again, as this one did: then it goes first, however long that takes.
    private func waitsForConnection(_ earlier: TicketJob, before job: TicketJob) -> Bool {
        guard earlier.state == .waiting, earlier.dueAt >= job.dueAt else { return false }
        // Without a cause it was not tried: it waits for the job before it.
        return earlier.cause.map { FailureScope($0.code) == .connection } ?? true
    }

    /// The latest job to whose ticket this job is added: the same company in the PSA and the same device.
    ///
    /// Jobs without a company are grouped by device and source. Jobs with neither, and jobs whose company was not found, are never grouped,
    /// because different customers use the same device names.
    private func predecessor(
        of job: TicketJob, _ company: CompanyResolution, since: Date, _ connection: StoredConnection, _ session: ConnectorSession
    ) async throws -> TicketJob? {
        switch company {
        case .unresolved: return nil
        case .notNamed where job.payload.deviceKey.isEmpty: return nil
        case .notNamed, .resolved: break
        }
        var resolutions: [CompanyKey: CompanyResolution] = [:]
        var place: TicketJob.ID?
        repeat {
            let candidates = try await store.predecessors(
                of: job, for: company, since: since, before: place, isSameOrigin: company == .notNamed, limit: Self.predecessorPage)
            for candidate in candidates where !connection.isOfFormerTenant(candidate.id) {
                let sent = SentCompany(id: candidate.payload.companyID, name: candidate.payload.company)
                var known = candidate.company ?? resolutions[sent.key]
                if known == nil {
                    // It was not sent yet: its company is resolved as it will be then.
                    known = try await companies.resolve(id: sent.id, name: sent.name, since: candidate.createdAt, of: connection) {
                        session
                    }
                    resolutions[sent.key] = known
                }
                if known == company { return candidate }
            }
            place = candidates.count < Self.predecessorPage ? nil : candidates.last?.id
        } while place != nil
        return nil
    }

    /// The current ticket of an earlier job, if people will see a note on it: it exists, is open, and still belongs to the same customer.
    ///
    /// One that a person has named as the outcome of the job, without its reference, may be about something else and gets no notes.
    private func openTicket(
        _ id: Ticket.ID, _ posted: PostedTicket, of job: TicketJob, _ company: CompanyResolution, _ session: ConnectorSession
    ) async throws -> PostedTicket? {
        let ticket: Ticket
        do {
            ticket = try await session.ticket(id)
        } catch let error as PSAError where error.code == .requestNotFound || error.code.area == .permission {
            return nil
        }
        guard ticket.id == id, ticket.phase != .closed, ticket.mergedInto == nil, !ticket.isDeleted else { return nil }
        let current = PostedTicket(ticket)
        if let before = posted.company, before != current.company { return nil }
        if case .resolved(let wanted) = company, let owner = ticket.company?.id, owner != wanted { return nil }
        let isMarked = [ticket.externalReference, ticket.details].contains { self.isMarked($0 ?? "", job) }
        if !isMarked, job.state.name == .created, try await store.attempts(of: job.id).first?.kind == .decision { return nil }
        return current
    }

    /// Records the target of the request, as the last step before it, if this process still holds the lease.
    private func recordIntent(_ job: TicketJob, _ plan: Plan) async throws {
        guard case .sending(let holder, _) = job.state else { throw LeaseLostError() }
        let (ticket, company): (PostedTicket?, CompanyResolution)
        switch plan {
        case .later, .check: return
        case .create(_, let resolution, _): (ticket, company) = (nil, resolution)
        case .append(_, let posted, let resolution): (ticket, company) = (posted, resolution)
        case .change(let id): (ticket, company) = (PostedTicket(unread: id), .notNamed)
        }
        guard try await store.recordIntent(job.id, on: ticket, for: company, by: holder, now: time.now()) else { throw LeaseLostError() }
    }

    private func execute(
        _ plan: Plan, _ job: TicketJob, with attachments: [DraftAttachment], _ connection: StoredConnection, _ session: ConnectorSession
    ) async throws -> JobOutcome {
        switch plan {
        case .change(let id):
            return outcome(job, try await change(id, job, with: attachments, connection, session))
        case .check(let precondition):
            return outcome(job, .checking(precondition), attempts: 0)
        case .later(let dueAt):
            let wait = min(max(dueAt.timeIntervalSince(time.now()), policy.wait(beforeSearchAfter: 0).seconds), 60)
            return outcome(job, .waiting, in: .seconds(wait), attempts: job.attempts - 1)
        case .create(var draft, let company, _):
            draft.attachments = attachments
            let ticket = try await session.createTicket(draft)
            await reached(.afterAnswer)
            await learn(from: ticket, job, session)
            return outcome(
                of: PostedTicket(ticket), createdBy: job, for: company, differences: ticket.differences, connection, session)
        case .append(let id, let ticket, _):
            let text = job.payload.summary + "\n\n" + job.payload.details + Self.reference(job.reference)
            _ = try await session.addPrivateNote(NoteDraft(text, attachments: attachments), to: id)
            await reached(.afterAnswer)
            return outcome(job, .appended(ticket))
        }
    }

    /// Executes a change to the ticket that a job names.
    private func change(
        _ id: Ticket.ID, _ job: TicketJob, with attachments: [DraftAttachment], _ connection: StoredConnection, _ session: ConnectorSession
    ) async throws -> TicketJob.State {
        let text = job.payload.details + Self.reference(job.reference)
        switch job.payload.operation {
        case .createTicket, .addNote:
            let note = try await session.addPrivateNote(NoteDraft(text, fields: job.payload.fields, attachments: attachments), to: id)
            await reached(.afterAnswer)
            return .appended(PostedTicket(unread: note.ticket))
        case .reply:
            let reply = try await session.reply(NoteDraft(text, fields: job.payload.fields, attachments: attachments), to: id)
            await reached(.afterAnswer)
            return .replied(PostedTicket(unread: reply.note.ticket))
        case .changeStatus:
            guard let status = TicketStatus.ID(job.payload.status) else {
                return .failed(.requestInvalid, problem: PSAError(.requestInvalid).storedProblem)
            }
            let note = job.payload.note
            let ticket = try await session.changeStatus(
                of: id, StatusChange(to: status, note: note.isEmpty ? nil : note, fields: job.payload.fields))
            await reached(.afterAnswer)
            return .statusChanged(PostedTicket(try await verify(status, of: ticket, connection, session)))
        }
    }

    /// Whether an earlier request for a job was answered with a refusal.
    ///
    /// A refusal normally proves that nothing was stored; one search guards against a PSA that stores and then refuses.
    private func mayHaveEarlierOutcome(_ job: TicketJob) -> Bool {
        guard job.attempts > 1, let cause = job.cause else { return false }
        return ![.network, .tls, .url].contains(cause.code.area)
    }

    /// The outcome of a job that was sent before without a record in this store, such as before a backup was restored.
    ///
    /// - Returns: Nil if the write is not in the PSA and may be sent.
    private func earlierOutcome(
        of job: TicketJob, _ plan: Plan, _ connection: StoredConnection, _ session: ConnectorSession
    ) async throws -> JobOutcome? {
        let (ticket, company): (PostedTicket?, CompanyResolution)
        switch plan {
        case .later: return nil
        // It may have been written for the company that it was checked for.
        case .check: (ticket, company) = (nil, job.company ?? .notNamed)
        case .create(_, let resolution, let former): (ticket, company) = (former, resolution)
        case .append(_, let posted, let resolution): (ticket, company) = (posted, resolution)
        case .change(let id): (ticket, company) = (PostedTicket(unread: id), .notNamed)
        }
        let mustBeCertain = try await startup.isNeeded(for: job, on: ticket) { try await store.attempts(of: job.id) }
        guard mustBeCertain || mayHaveEarlierOutcome(job) else { return nil }
        if case .change(let id) = plan { return try await earlierOutcome(ofChange: id, job, session, mustBeCertain: mustBeCertain) }
        if let ticket, let id = Ticket.ID(ticket.id), session.can(.readNotes),
            case .note = try await findNote(job, on: id, ticket, session)
        {
            return outcome(job, .appended(ticket), remark: .foundBeforeSending)
        }
        switch try await find(job, session, isThorough: try await store.findsReferences(job.connection) != true) {
        case .tickets(let first, _):
            return outcome(of: first, createdBy: job, for: company, remark: .foundBeforeSending, connection, session)
        case .note(let ticket): return outcome(job, .appended(ticket), remark: .foundBeforeSending)
        case .unfinished where !mustBeCertain, .unsearchable where !mustBeCertain: return nil
        case .unfinished: return outcome(job, .waiting, in: policy.wait(beforeSearchAfter: 0), attempts: job.attempts - 1)
        case .unsearchable: return outcome(job, .needsReview(.notVerified))
        case .absent:
            startup.finish(job, on: ticket)
            return nil
        }
    }

    /// The outcome of a change that was sent before without a record in this store; nil if it is proven absent.
    private func earlierOutcome(
        ofChange id: Ticket.ID, _ job: TicketJob, _ session: ConnectorSession, mustBeCertain: Bool
    ) async throws -> JobOutcome? {
        switch try await findChange(job, id, session) {
        case .found(let state): return outcome(job, state, remark: .foundBeforeSending)
        case .unsearchable: return mustBeCertain ? outcome(job, .needsReview(.notVerified)) : nil
        case .absent:
            startup.finish(job, on: PostedTicket(unread: id))
            return nil
        }
    }

    /// Tests once per connection whether a search by reference finds the ticket that has it.
    ///
    /// The reference in the answer to the create proves nothing: some PSAs store it and ignore it as a filter.
    private func learn(from ticket: Ticket, _ job: TicketJob, _ session: ConnectorSession) async {
        guard ticket.externalReference == job.reference.rawValue else { return }
        do {
            guard try await store.findsReferences(job.connection) == nil else { return }
            let found = try await session.search(externalReference: job.reference.rawValue)
            try await store.setFindsReferences(
                found.isExhaustive && found.tickets.contains { $0.id == ticket.id }, job.connection)
        } catch {
            // The write has succeeded. The test is repeated with the next ticket; until then the text contains the reference as well.
        }
    }

    private func draft(
        for job: TicketJob, _ company: CompanyResolution, _ connection: StoredConnection, _ session: ConnectorSession
    ) async throws -> TicketDraft {
        let payload = job.payload
        var details = payload.details
        var id: Company.ID?
        switch company {
        case .notNamed: break
        case .resolved(let company): id = company
        case .unresolved:
            details += "\n\nCompany: " + [payload.company, payload.companyID].filter { !$0.isEmpty }.joined(separator: ", id ")
        }
        if try await store.findsReferences(connection.id) != true { details += Self.reference(job.reference) }
        let type = TicketType.ID(payload.type)
        return TicketDraft(
            summary: payload.summary, details: details, company: id, type: type, status: TicketStatus.ID(payload.status),
            priority: TicketPriority.ID(payload.priority), externalReference: job.reference.rawValue,
            fields: connection.ticketFields(payload.fields, for: type, schema: session.descriptor.settings))
    }

    /// The line by which a write is found where the PSA does not find external references.
    static func reference(_ reference: WriteReference) -> String { "\n\nReference: \(reference)" }
}

/// The lease of a job was lost to another process.
struct LeaseLostError: Error {}

extension PostedTicket {
    /// A ticket of which only the id is known.
    init(unread id: Ticket.ID) { self.init(id: id.rawValue, number: id.rawValue) }
}
