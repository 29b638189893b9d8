import FoundationEssentials
import PSACore

extension TicketWriter {
    /// Looks for a write of unknown outcome by its marker.
    ///
    /// Found, it is adopted. Not found at the last look, it counts as absent: what was refused fails or waits as its error says, and what got
    /// no answer is sent again with the same marker. A vendor that stores later than that can still double it. What can't be searched to its
    /// end goes to a person.
    func search(for job: TicketJob, through session: ConnectorSession) async -> JobOutcome {
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
            // A filter that held once may not hold for ever, and what is sent again because of it is there twice: the last look is a thorough
            // one, whatever the search says.
            let isThorough =
                try await store.findsReferences(job.connection) != true || policy.isProof(searchAttempts: job.searchAttempts + 1)
            let found = try await find(job, session, isThorough: isThorough)
            await reached(.afterSearch)
            switch found {
            case .tickets(let first, let others):
                let remark = others.isEmpty ? "" : "Found more than once: \(others.map(\.number).joined(separator: ", ")) as well."
                return outcome(job, .created(first), remark: remark)
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

    /// How a job goes on that could not be looked for: that tells nothing, and does not count.
    func outcome(ofFailedSearch error: any Error, _ job: TicketJob) -> JobOutcome {
        if time.now().timeIntervalSince(job.wantedSince) > policy.maxAge.seconds {
            return outcome(job, .needsReview(.outcomeUnknown), error: error as? PSAError)
        }
        // Without an entry in the audit log, which has one from when the outcome became unknown.
        return JobOutcome(
            state: .unknown, attempts: job.attempts, searchAttempts: job.searchAttempts,
            dueAt: time.now().addingTimeInterval(policy.wait(after: max(job.searchAttempts, 0) + 2, random: time.random()).seconds),
            cause: job.cause, issue: (error as? PSAError)?.code)
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
        // An answer that refused the write, and that alone proves nothing, is believed now if it says why. Without a word it may pass.
        let maySend = policy.provenAbsent(searchAttempts: job.searchAttempts) < policy.maxSends
        if let cause = job.cause, ![.writeOutcomeUnknown, .connectorDefect].contains(cause.code), cause.isExplained || !maySend {
            return outcome(ofRefusal: cause, retry: .afterFix, job, isNote: job.target != nil)
        }
        return outcome(job, maySend ? .waiting : .needsReview(.outcomeUnknown))
    }

    /// What a search for a write found.
    enum SearchResult {
        case tickets(PostedTicket, others: [PostedTicket])
        case note(PostedTicket)
        /// Each ticket that it could be was seen, and is another one.
        case absent
        /// There are more tickets to open than one search may; the next goes on where this one ended.
        case unfinished
        /// What it could be can't be told apart from what it is not.
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

    /// What was sent as a note is looked for in the history of its ticket, and of the one it was merged into.
    func findNote(_ job: TicketJob, on ticket: Ticket.ID, _ target: PostedTicket, _ session: ConnectorSession) async throws -> SearchResult
    {
        var hasGaps = false
        var places = [ticket]
        if session.can(.readTickets), let merged = try await mergedTicket(of: ticket, session) { places.append(merged) }
        for place in places {
            do {
                var completeness: ListCompleteness?
                for try await page in session.notes(of: place).pages {
                    if page.rows.contains(where: { isMarked($0.text, job) || isMarked($0.html ?? "", job) }) { return .note(target) }
                    completeness = page.completeness
                }
                hasGaps = hasGaps || completeness?.isComplete != true
            } catch let error as PSAError where error.code == .requestNotFound {
                // The ticket is gone, and any note with it.
                continue
            }
        }
        return hasGaps ? .unsearchable : .absent
    }

    /// What a search for a change to a ticket found.
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

    private func isMarked(_ text: String, _ job: TicketJob) -> Bool { WriteReference.all(in: text).contains(job.reference.rawValue) }

    /// How much earlier than here the PSA may have dated a ticket: its clock may be off by a day, and its dates of another zone.
    private static let clockTolerance: TimeInterval = 48 * 3_600
    private static let maxRows = 10_000
    private static let maxOpenedTickets = 100

    /// Goes through the tickets of the time in which it may have been created, and opens each that does not name a reference of its own.
    ///
    /// A subject proves nothing, because PSAs cut and rewrite them. But a ticket without any reference whose subject is alike, or whose text is
    /// gone, may be the one, stored without its reference: then nothing is concluded.
    private func findInRows(_ job: TicketJob, _ session: ConnectorSession) async throws -> SearchResult {
        let reference = job.reference.rawValue
        let earliest = job.createdAt.addingTimeInterval(-Self.clockTolerance)
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
        // What looks alike is opened first.
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

    /// Opens a ticket; nil if it is gone since it was listed.
    private func open(_ id: Ticket.ID, _ connection: ConnectionID, _ session: ConnectorSession) async throws -> OpenedTickets.Ticket? {
        do {
            return opened.note(try await session.ticket(id), of: connection)
        } catch let error as PSAError where error.code == .requestNotFound {
            return nil
        }
    }
}

/// A subject as it is recognised after a PSA has rewritten it: by its letters and digits alone.
struct SubjectKey: Sendable {
    private let letters: String

    init(_ subject: String) { letters = Self.letters(of: subject) }

    /// Whether a stored subject may be this one: equal, or one the beginning of the other.
    func resembles(_ stored: String) -> Bool {
        let stored = Self.letters(of: stored)
        return stored == letters || stored.isEmpty || !letters.isEmpty && (letters.hasPrefix(stored) || stored.hasPrefix(letters))
    }

    private static func letters(of subject: String) -> String {
        CompanyName.key(of: subject).filter { $0.isLetter || $0.isNumber }
    }
}
