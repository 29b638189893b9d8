import FoundationEssentials
import PSACore

/// Decides on firings that depend on their company in the PSA: for all of a connection with one reading of its list.
struct CompanyChecker: Sendable {
    let storage: any Storage
    let connections: ConnectionService
    let companies: CompanyDirectory
    var policy: OutboxPolicy
    let time: TimeSource

    /// How many are decided in one transaction; others want to write too.
    private static let mostAtOnce = 500

    /// Decides on everything that is due for a connection, or puts it off if the list can't be read.
    ///
    /// - Throws: What the storage throws, or that the task was cancelled; then what is left stays due.
    func work(on id: ConnectionID) async throws {
        while true {
            let due = try await storage.dueChecks(of: id, now: time.now(), lease: policy.lease, limit: Self.mostAtOnce)
            guard !due.isEmpty else { return }
            guard let connection = try await storage.connection(id) else {
                try await finish(due) { _ in .answered(.skipped("The connection was removed.")) }
                continue
            }
            do {
                let list = try await companies.list(of: connection) { try await connections.session(of: connection) }
                let answers = try await answers(to: due, of: connection, list)
                try await finish(due) { answers[$0.id] ?? .later($0.dueAt) }
            } catch let error as PSAError {
                try Task.checkCancellation()
                return try await putOff(id, tries: due.map(\.attempts).max() ?? 0, error)
            }
        }
    }

    /// What the list of companies says about a firing.
    private enum Answer {
        case fires
        case answered(FiringState)
        case held(HoldReason)
        /// The list was read before the event came; the company may be younger.
        case later(Date)
    }

    /// The answers for firings, each company looked for once.
    private func answers(to due: [Firing], of connection: StoredConnection, _ list: CompanyList) async throws -> [Firing.ID: Answer] {
        var findings: [CompanyKey: CompanyList.Finding] = [:]
        var answers: [Firing.ID: Answer] = [:]
        for firing in due {
            let sent = SentCompany(id: firing.order.companyID, name: firing.order.company)
            var finding = findings[sent.key]
            if finding == nil { finding = try await companies.finding(of: sent, of: connection, in: list) }
            findings[sent.key] = finding
            answers[firing.id] = Self.answer(finding ?? .unknown, list, firing)
        }
        return answers
    }

    private static func answer(_ finding: CompanyList.Finding, _ list: CompanyList, _ firing: Firing) -> Answer {
        switch finding {
        case .unknown where list.readAt < firing.createdAt: .later(list.expiresAt)
        case .unknown: .held(.companyNotFound)
        case .several: .held(.companyAmbiguous)
        // A list with gaps is no proof: it is read again, and a person decides about what is not in the next one either.
        case .notKnown where list.readAt < firing.createdAt: .later(list.expiresAt)
        case .notKnown: .held(.companiesIncomplete)
        case .unreadable: .held(.companiesUnreadable)
        case .one(let company):
            switch firing.state.check?.holds(for: company) {
            case true?: .fires
            case false?: .answered(.skipped("The rule’s conditions on the company don’t hold for “\(company.name)”."))
            case nil: .held(.companySilent)
            }
        }
    }

    private func finish(_ due: [Firing], _ answer: @escaping @Sendable (Firing) -> Answer) async throws {
        let now = time.now()
        try await storage.finishChecks(due.map(\.id), at: now) { firing, rule, counts in
            let isDryRun = firing.state.check?.isDryRun ?? true
            switch answer(firing) {
            case .fires where isDryRun: return CheckOutcome(state: .wouldCreate, dueAt: now)
            case .fires:
                // By when it came, not by when it was looked at: an outage of the PSA makes no storm.
                let (state, pauses) = try RuleEngine.brake(rule, firing.connection, at: firing.createdAt, counts)
                return CheckOutcome(state: state, dueAt: now, pauses: pauses)
            case .answered(let state): return CheckOutcome(state: state, dueAt: now)
            case .held(let reason) where isDryRun:
                return CheckOutcome(state: .skipped("Dry run: it would be held back. \(reason.sentence)"), dueAt: now)
            case .held(let reason): return CheckOutcome(state: .held(reason), dueAt: now)
            case .later(let moment): return CheckOutcome(state: firing.state, dueAt: max(moment, now))
            }
        }
    }

    private func putOff(_ id: ConnectionID, tries: Int, _ error: PSAError) async throws {
        let now = time.now()
        var wait = policy.wait(after: tries + 1, random: time.random())
        if case .afterDelay(let asked) = error.retry { wait = policy.wait(askedFor: asked, after: tries + 1, random: time.random()) }
        // Credentials that are refused are not tried over and over: accounts get locked.
        if error.code.area == "auth" { wait = policy.longestWait }
        try await storage.putOffChecks(of: id, until: now.addingTimeInterval(wait.seconds), at: now)
        try await storage.noteIssue(error.code, of: id, at: now)
    }
}
