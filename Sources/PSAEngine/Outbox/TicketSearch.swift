#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

extension TicketWriter {
    /// Searches for a write of unknown outcome by its reference.
    ///
    /// If it is found, it is adopted. If the last search does not find it, it counts as absent: a refused write fails or waits as its error
    /// says, and a write without an answer is sent again with the same reference, as is one of which only the token was refused. A PSA that
    /// stores it after the last search can still get it twice. If a search cannot be completed, the job needs review.
    func search(for job: TicketJob, of connection: StoredConnection, through session: ConnectorSession) async -> JobOutcome {
        await reached(.beforeSearch)
        do {
            if let ticket = job.payload.operation.ticket {
                let found = try await findChange(job, ticket, session)
                await reached(.afterSearch)
                switch found {
                case .found(let state): return outcome(job, state)
                case .absent: return absent(job)
                case .unsearchable: return outcome(job, .needsReview(.outcomeUnknown))
                }
            }
            // A search by reference that worked once may stop working, and sending again because of it would duplicate the write: the last
            // search is always thorough.
            let isThorough =
                try await store.findsReferences(job.connection) != true || policy.isProof(searchAttempts: job.searchAttempts + 1)
            let found = try await find(job, session, isThorough: isThorough)
            await reached(.afterSearch)
            switch found {
            case .tickets(let first, let others):
                return outcome(
                    of: first, createdBy: job, for: job.company, remark: others.isEmpty ? nil : .foundAgain(others.map(\.number)),
                    connection, session)
            case .note(let ticket): return outcome(job, .appended(ticket))
            case .absent: return absent(job)
            case .unfinished:
                return JobOutcome(
                    state: .unknown, attempts: job.attempts, searchAttempts: job.searchAttempts,
                    dueAt: time.now().addingTimeInterval(policy.wait(beforeSearchAfter: 0).seconds), cause: job.cause)
            case .unsearchable: return outcome(job, .needsReview(.outcomeUnknown))
            }
        } catch {
            return outcome(ofFailedSearch: error, job)
        }
    }

    /// The outcome after a search that failed; it proves nothing and is not counted.
    func outcome(ofFailedSearch error: any Error, _ job: TicketJob) -> JobOutcome {
        if startup.age(of: job, time) > policy.maxAge.seconds {
            return outcome(job, .needsReview(.outcomeUnknown), error: error as? PSAError)
        }
        // Without an entry in the audit log, which has one from when the outcome became unknown.
        return JobOutcome(
            state: .unknown, attempts: job.attempts, searchAttempts: job.searchAttempts,
            dueAt: time.now().addingTimeInterval(policy.wait(after: max(job.searchAttempts, 0) + 2, random: time.random()).seconds),
            cause: job.cause, issue: (error as? PSAError)?.code, issueProblem: (error as? PSAError)?.storedProblem)
    }

    private func absent(_ job: TicketJob) -> JobOutcome {
        var job = job
        job.searchAttempts += 1
        guard policy.isProof(searchAttempts: job.searchAttempts) else {
            return JobOutcome(
                state: .unknown, attempts: job.attempts, searchAttempts: job.searchAttempts,
                dueAt: time.now().addingTimeInterval(policy.wait(beforeSearchAfter: job.searchAttempts).seconds), cause: job.cause)
        }
        startup.finish(job, on: job.target)
        // A refusal that alone proved nothing counts now if it is explained; without an explanation it may be temporary.
        let maySend = policy.provenAbsent(searchAttempts: job.searchAttempts) < policy.maxSends
        let isNote = job.payload.operation.ticket == nil && job.target != nil
        if maySend, job.cause?.isTokenEnded == true { return outcome(job, .waiting) }
        if let cause = job.cause, ![.writeOutcomeUnknown, .connectorDefect].contains(cause.code), cause.isExplained || !maySend {
            let operation = job.payload.operation
            // Another status of the ticket does not prove that nothing of the request was stored: its note has no reference.
            return outcome(ofRefusal: cause, retry: .afterFix, job, isNote: isNote, mayProbe: operation.name != .changeStatus)
        }
        if maySend { return outcome(job, .waiting) }
        // A later search needs the ticket that a note was meant for, which is kept for an unknown outcome only.
        return outcome(job, .needsReview(isNote ? .outcomeUnknown : .notExecuted))
    }

    /// The result of a search for a write.
    enum SearchResult {
        case tickets(PostedTicket, others: [PostedTicket])
        case note(PostedTicket)
        /// Every possible ticket was read, and none is the write.
        case absent
        /// There are more tickets to read than one search may; the next search continues.
        case unfinished
        /// The search cannot distinguish the write from other tickets, or cannot read them.
        case unsearchable
    }

    /// Searches for a write: by its reference, in the history of the ticket it was meant for, and thoroughly in all tickets of its time.
    func find(_ job: TicketJob, _ session: ConnectorSession, isThorough: Bool) async throws -> SearchResult {
        let search = try await session.search(externalReference: job.reference.rawValue)
        let found = search.tickets.sorted { $0.createdAt ?? .distantFuture < $1.createdAt ?? .distantFuture }.map(PostedTicket.init)
        if let first = found.first {
            if search.isExhaustive { try await store.setFindsReferences(true, job.connection) }
            return .tickets(first, others: Array(found.dropFirst()))
        }
        if let target = job.target, let id = Ticket.ID(target.id) {
            let note = try await findNote(job, on: id, target, session)
            if case .absent = note {} else { return note }
        }
        if search.isExhaustive, !isThorough { return .absent }
        guard session.can(.readTickets) else { return .unsearchable }
        return try await findInRows(job, session)
    }

    /// Searches for a note in the history of its ticket, and of the ticket into which that was merged.
    func findNote(_ job: TicketJob, on ticket: Ticket.ID, _ target: PostedTicket, _ session: ConnectorSession) async throws -> SearchResult
    {
        var hasGaps = false
        var places = [ticket]
        // A merged ticket may be merged again; its notes are in the last one.
        while session.can(.readTickets), let last = places.last, let merged = try await mergedTicket(of: last, session) {
            guard places.count <= Self.maxMerges, !places.contains(merged) else { return .unsearchable }
            places.append(merged)
        }
        for place in places {
            do {
                var completeness: ListCompleteness?
                for try await page in session.notes(of: place).pages {
                    if page.rows.contains(where: { isMarked($0.text, job) || isMarked($0.html ?? "", job) }) { return .note(target) }
                    completeness = page.completeness
                }
                hasGaps = hasGaps || completeness?.isComplete != true
            } catch let error as PSAError where error.code == .requestNotFound {
                // The ticket does not exist any more, nor do its notes.
                continue
            }
        }
        return hasGaps ? .unsearchable : .absent
    }

    /// The result of a search for a change to a ticket.
    enum ChangeSearchResult {
        case found(TicketJob.State)
        case absent
        case unsearchable
    }

    /// Searches for a note or reply by its reference in the history of the ticket, and for a status in the ticket.
    func findChange(_ job: TicketJob, _ id: Ticket.ID, _ session: ConnectorSession) async throws -> ChangeSearchResult {
        if case .changeStatus = job.payload.operation {
            guard session.can(.readTickets) else { return .unsearchable }
            let ticket = try await session.ticket(id)
            return ticket.status?.id.rawValue == job.payload.status ? .found(.statusChanged(PostedTicket(ticket))) : .absent
        }
        guard session.can(.readNotes) else { return .unsearchable }
        let target = PostedTicket(unread: id)
        switch try await findNote(job, on: id, target, session) {
        case .note(let ticket), .tickets(let ticket, _):
            if case .reply = job.payload.operation { return .found(.replied(ticket)) }
            return .found(.appended(ticket))
        case .absent: return .absent
        case .unfinished, .unsearchable: return .unsearchable
        }
    }

    private func mergedTicket(of ticket: Ticket.ID, _ session: ConnectorSession) async throws -> Ticket.ID? {
        do {
            return try await session.ticket(ticket).mergedInto
        } catch let error as PSAError where error.code == .requestNotFound {
            return nil
        }
    }

    func isMarked(_ text: String, _ job: TicketJob) -> Bool { WriteReference.all(in: text).contains(job.reference.rawValue) }

    /// The tolerance for ticket dates: the PSA's clock may be wrong by a day, and its dates may be in another time zone.
    private static let clockTolerance: TimeInterval = 48 * 3_600
    private static let maxRows = 10_000
    /// How often a ticket may have been merged into another one, one after the other.
    private static let maxMerges = 10
    private static let maxOpenedTickets = 100

    /// Reads the tickets of the time in which the write may have been executed; a ticket without an external reference is read in full.
    ///
    /// A subject proves nothing, because PSAs shorten and rewrite subjects. But a ticket without a reference that has a similar subject or no
    /// text may be the write without its reference: then the search is inconclusive.
    private func findInRows(_ job: TicketJob, _ session: ConnectorSession) async throws -> SearchResult {
        let reference = job.reference.rawValue
        // A job can have been created by a clock that was ahead and has been set back since.
        let earliest = min(job.createdAt, time.now()).addingTimeInterval(-Self.clockTolerance)
        var candidates: [Ticket] = []
        var rowCount = 0
        var completeness: ListCompleteness?
        for try await page in session.tickets(changedSince: earliest).pages {
            for row in page.rows {
                rowCount += 1
                guard rowCount <= Self.maxRows else { return .unsearchable }
                if row.externalReference == reference || isMarked(row.details ?? "", job) {
                    return .tickets(PostedTicket(row), others: [])
                }
                guard row.externalReference?.isEmpty ?? true, row.createdAt ?? .distantFuture >= earliest else { continue }
                candidates.append(row)
            }
            completeness = page.completeness
        }
        let subject = SubjectKey(job.payload.summary)
        // Tickets with similar subjects are read first.
        candidates = candidates.filter { subject.resembles($0.summary) } + candidates.filter { !subject.resembles($0.summary) }
        var reads = 0
        var isDoubtful = false
        for row in candidates {
            let ticket: OpenedTickets.Ticket
            if let known = opened[job.connection, row.id.rawValue] {
                ticket = known
            } else {
                guard reads < Self.maxOpenedTickets else { return .unfinished }
                reads += 1
                guard let read = try await open(row.id, job.connection, session) else { continue }
                ticket = read
            }
            if ticket.references.contains(reference) { return .tickets(PostedTicket(row), others: []) }
            if ticket.references.isEmpty, !ticket.isReferenced, ticket.isEmpty || subject.resembles(row.summary) { isDoubtful = true }
        }
        return completeness?.isComplete != true || isDoubtful ? .unsearchable : .absent
    }

    /// Reads a ticket; nil if it was deleted since it was listed.
    private func open(_ id: Ticket.ID, _ connection: ConnectionID, _ session: ConnectorSession) async throws -> OpenedTickets.Ticket? {
        do {
            return opened.record(try await session.ticket(id), of: connection)
        } catch let error as PSAError where error.code == .requestNotFound {
            return nil
        }
    }
}

/// A subject reduced to its letters and digits, which remain recognizable after a PSA has rewritten it.
struct SubjectKey: Sendable {
    private let letters: String

    init(_ subject: String) { letters = Self.letters(of: subject) }

    /// Whether a stored subject may be this one: equal, or one a prefix of the other.
    func resembles(_ stored: String) -> Bool {
        let stored = Self.letters(of: stored)
        return stored == letters || stored.isEmpty || !letters.isEmpty && (letters.hasPrefix(stored) || stored.hasPrefix(letters))
    }

    private static func letters(of subject: String) -> String {
        CompanyName.key(of: subject).filter { $0.isLetter || $0.isNumber }
    }
}
