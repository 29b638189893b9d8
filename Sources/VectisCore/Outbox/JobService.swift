import FoundationEssentials
package import PSACore
package import PSAEngine
package import VectisRules

/// What a person decides on one job.
package enum JobDecision: Sendable, Hashable {
    /// It is sent, after a search where a request may have been executed.
    case resend
    /// It is not sent.
    case discard
    /// It is the ticket that a person found in the PSA; unless it is confirmed, a ``TicketDoubt`` refuses it.
    case adopt(Ticket.ID, isConfirmed: Bool = false)
    /// A person did not find it in the PSA: it is sent without a search.
    case absent
}

/// Why a decision on a job was refused.
package enum JobDecisionError: Error, Sendable {
    /// Its connection was removed, so it can only be discarded.
    case connectionRemoved
    /// The ticket does not look like the one of the job, and nothing was confirmed.
    case doubtful([TicketDoubt])

    /// The refusal for a person.
    package var sentence: String {
        switch self {
        case .connectionRemoved: "The connection of this job was removed, so nothing can be sent or looked up for it. It can be discarded."
        case .doubtful(let doubts): doubts.map { TextRenderer().text($0) }.joined(separator: " ")
        }
    }
}

/// Why a ticket that a person names is probably not the one of a job.
package enum TicketDoubt: LocalizedMessage, Hashable {
    /// The company of the ticket, by its id and perhaps its name, and the id of the company of the job.
    case otherCompany(String, wanted: String)
    /// The external reference of the ticket.
    case otherReference(String)
    /// It is so much older than the job that no clock explains it.
    case olderThanJob

    /// How much older than its job a ticket may be: the PSA's clock may be wrong by a day, and its dates may be in another time zone.
    private static let clockTolerance: TimeInterval = 48 * 3_600

    /// The doubt as programs name it.
    package var name: String {
        switch self {
        case .otherCompany: "other_company"
        case .otherReference: "other_reference"
        case .olderThanJob: "older_than_job"
        }
    }

    package var values: [String: MessageValue] {
        switch self {
        case .otherCompany(let company, let wanted): ["company": .verbatim(company), "wanted": .verbatim(wanted)]
        case .otherReference(let reference): ["reference": .verbatim(reference)]
        case .olderThanJob: [:]
        }
    }

    package func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.otherCompany, .english): "The ticket is at company {company}, and the job is for company {wanted}."
        case (.otherCompany, .german): "Das Ticket liegt bei Firma {company}, und der Auftrag ist für Firma {wanted}."
        case (.otherReference, .english): "The ticket has another external reference: {reference}."
        case (.otherReference, .german): "Das Ticket hat eine andere externe Referenz: {reference}."
        case (.olderThanJob, .english): "The ticket was created more than two days before the job."
        case (.olderThanJob, .german): "Das Ticket wurde mehr als zwei Tage vor dem Auftrag angelegt."
        }
    }

    /// The company of the ticket as a difference, if it is among the doubts.
    static func differences(_ doubts: [TicketDoubt], of ticket: Ticket) -> [TicketDifference] {
        doubts.compactMap { doubt in
            guard case .otherCompany(_, let wanted) = doubt, let company = ticket.company else { return nil }
            return TicketDifference(.company, requested: wanted, stored: company.id.rawValue, storedLabel: company.label)
        }
    }

    /// What speaks against a ticket; nothing if it is the one that the job was to change.
    static func all(of ticket: Ticket, for job: TicketJob) -> [TicketDoubt] {
        let known = job.payload.operation.ticket?.rawValue ?? job.target?.id
        guard ticket.id.rawValue != known else { return [] }
        var doubts: [TicketDoubt] = []
        if case .resolved(let wanted)? = job.company, let company = ticket.company, company.id != wanted {
            doubts.append(.otherCompany(company.id.rawValue + (company.label.map { " (\($0))" } ?? ""), wanted: wanted.rawValue))
        }
        // With the reference of the job it is its ticket, whatever its other values are.
        let texts = [ticket.externalReference ?? "", ticket.details ?? ""]
        guard !texts.contains(where: { WriteReference.all(in: $0).contains(job.reference.rawValue) }) else { return doubts }
        if let reference = ticket.externalReference, !reference.isEmpty { doubts.append(.otherReference(reference)) }
        if let createdAt = ticket.createdAt, createdAt < job.createdAt.addingTimeInterval(-clockTolerance) { doubts.append(.olderThanJob) }
        return doubts
    }
}

/// What a person decides on many jobs.
package enum JobBulkAction: String, Sendable, CaseIterable {
    case resend, discard
}

/// The jobs that a decision on many is about.
package enum JobSelection: Sendable, Equatable {
    case jobs([TicketJob.ID])
    /// Those that match a filter, up to a job that was the newest when the decision was shown.
    case matching(TicketJob.Filter, upTo: TicketJob.ID?)
}

/// What a decision on many jobs will do, in numbers.
package struct JobBulkPreview: Sendable, Equatable {
    /// How many it will change, at most ``JobService/bulkLimit``.
    package let count: Int
    /// How many more match; the action has to be repeated for them.
    package let left: Int
    /// How many match whose outcome is unknown: a person decides on each.
    package let outcomeUnknown: Int
    /// How many were selected in a state that can’t be decided on.
    package let unsuitable: Int
    /// How many tickets will be created.
    package let tickets: Int
    package let byState: [TicketJob.State.Name: Int]
    package let bySource: [JobSource: Int]
    package let byConnection: [ConnectionID: Int]
    /// How many new tickets were made while their connection led to another tenant, by the connection.
    package let ofFormerTenant: [ConnectionID: Int]
    /// How many are of a connection that was removed.
    package let ofRemovedConnection: Int
    /// The newest job that matches; nil if none does.
    package let newest: TicketJob.ID?

    /// Counts jobs.
    init(_ candidates: [JobCandidate], limit: Int, connections: [StoredConnection]) {
        // The oldest first, as they are changed.
        let decidable = candidates.filter(\.isDecidable).sorted { $0.id < $1.id }
        let chosen = decidable.prefix(limit)
        count = chosen.count
        left = decidable.count - chosen.count
        outcomeUnknown = candidates.count(where: \.isOutcomeUnknown)
        unsuitable = candidates.count { !$0.isDecidable && !$0.isOutcomeUnknown }
        tickets = chosen.count { $0.operation == .createTicket }
        byState = chosen.reduce(into: [:]) { $0[$1.state, default: 0] += 1 }
        bySource = chosen.reduce(into: [:]) { counts, job in if let source = job.source { counts[source, default: 0] += 1 } }
        byConnection = chosen.reduce(into: [:]) { $0[$1.connection, default: 0] += 1 }
        let known = Dictionary(connections.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        ofFormerTenant = chosen.reduce(into: [:]) { counts, job in
            guard job.operation == .createTicket, known[job.connection]?.isOfFormerTenant(job.id) ?? false else { return }
            counts[job.connection, default: 0] += 1
        }
        ofRemovedConnection = chosen.count { known[$0.connection] == nil }
        newest = candidates.map(\.id).max()
    }
}

/// The decisions of people on jobs, shared by pages and the JSON API.
package struct JobService: Sendable {
    /// The most jobs that one action changes.
    package static let bulkLimit = 1_000

    private let storage: any Storage
    private let connections: ConnectionService
    private let time: TimeSource
    /// Notifies the engine that a job may be due.
    private let wake: @Sendable () -> Void

    /// Creates a ``JobService``.
    package init(storage: any Storage, connections: ConnectionService, time: TimeSource, wake: @escaping @Sendable () -> Void) {
        self.storage = storage
        self.connections = connections
        self.time = time
        self.wake = wake
    }

    /// Changes a job that failed or is on hold.
    ///
    /// - Parameters:
    ///   - job: The job as it was read.
    ///   - decision: What to do with it.
    ///   - seen: The state that the person saw, as ``PSAEngine/TicketJob/State/seenValue``; nil if they did not say.
    ///   - origin: Who decides.
    /// - Throws: ``StoreError/stale`` if the job is in another state, ``JobDecisionError``, or an error of the connector for a ticket that can’t be read.
    package func decide(_ job: TicketJob, _ decision: JobDecision, seen: String?, by origin: RequestOrigin) async throws {
        guard seen == nil || seen == job.state.seenValue, [.failed, .needsReview].contains(job.state.name) else { throw StoreError.stale }
        if decision != .discard, try await storage.connection(job.connection) == nil { throw JobDecisionError.connectionRemoved }
        let (state, sentence, remark) = try await result(of: decision, on: job)
        let now = time.now()
        let outcome = JobOutcome(
            state: state, attempts: 0, searchAttempts: state == .unknown ? OutboxPolicy.searchAttemptsBeforeTheLast : 0, dueAt: now,
            remark: remark)
        let audit = origin.audit(.jobDecided, job.payload.summary, .done, "\(sentence) Reference \(job.reference).")
        try await storage.decide(job.id, from: job.state, to: outcome, at: now, audit: audit)
        wake()
    }

    /// The state after a decision, with a sentence for the audit log and a remark of the job.
    private func result(of decision: JobDecision, on job: TicketJob) async throws -> (TicketJob.State, String, remark: String) {
        switch decision {
        case .discard: return (.dropped, "Discarded.", "")
        // A connector may have failed after the PSA had stored the write, and a search costs little.
        case .resend where job.state.mayHaveBeenSent: return (.unknown, "To be sent again.", "")
        // What was never sent is sent.
        case .resend: return (.waiting, "To be sent again.", "")
        case .absent:
            guard job.state.isOutcomeUnknown else { throw StoreError.stale }
            return (.waiting, "To be sent again.", "")
        case .adopt(let id, let isConfirmed):
            guard job.state.isOutcomeUnknown else { throw StoreError.stale }
            guard let connection = try await storage.connection(job.connection) else { throw JobDecisionError.connectionRemoved }
            let session = try await connections.session(of: connection)
            guard !connection.isOfFormerTenant(job.id) else {
                throw PSAError(ticketOfFormerTenant: id, of: connection, session.descriptor)
            }
            // The ticket is read once, so that a mistyped id of no or another ticket is not accepted.
            let ticket = try await session.ticket(id)
            let doubts = TicketDoubt.all(of: ticket, for: job)
            guard doubts.isEmpty || isConfirmed else { throw JobDecisionError.doubtful(doubts) }
            let words = doubts.map { TextRenderer().text($0) }
            return (
                .created(PostedTicket(ticket)), (["Taken: ticket \(ticket.number)."] + words).joined(separator: " "),
                JobRemark.differences(TicketDoubt.differences(doubts, of: ticket)).stored
            )
        }
    }

    /// What a decision on many jobs would do.
    ///
    /// - Throws: An error of the storage.
    package func preview(_ selection: JobSelection) async throws -> JobBulkPreview {
        JobBulkPreview(
            try await storage.jobCandidates(selection), limit: Self.bulkLimit, connections: try await storage.connections())
    }

    /// Sends many jobs again or discards them, at most ``bulkLimit``.
    ///
    /// - Parameters:
    ///   - action: What to do with them.
    ///   - selection: The jobs.
    ///   - origin: Who decides.
    /// - Returns: How many were changed, and how many are left.
    /// - Throws: An error of the storage.
    package func decideAll(
        _ action: JobBulkAction, _ selection: JobSelection, by origin: RequestOrigin
    ) async throws -> (done: Int, left: Int) {
        let result = try await storage.decideAll(selection, action, limit: Self.bulkLimit, at: time.now()) { count in
            origin.audit(
                .jobDecided, count == 1 ? "1 job" : "\(count) jobs", .done, action == .resend ? "To be sent again." : "Discarded.")
        }
        wake()
        return result
    }
}

extension TicketJob {
    /// The event that created it; nil for jobs of replays, and others without one.
    package var event: HostEvent.ID? {
        let parts = key.rawValue.split(separator: "/")
        guard parts.count > 2, parts[0] == "event" else { return nil }
        return Int64(parts[1]).map(HostEvent.ID.init(rawValue:))
    }

    /// Whether a replay created it, which sends nothing.
    package var isReplay: Bool { payload.origin.isEmpty }
}

extension TicketJob.State {
    /// What a form sends back so that a decision only applies to the state that was shown.
    package var seenValue: String { isOutcomeUnknown ? ReviewReason.outcomeUnknown.rawValue : name.rawValue }
}
