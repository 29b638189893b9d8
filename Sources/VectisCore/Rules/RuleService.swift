package import FoundationEssentials
package import PSACore
import PSAEngine
package import VectisRules

/// Why a rule was not saved.
package enum RuleError: Error, Sendable {
    /// What is wrong, by field.
    case invalid([(field: String, problem: RuleProblem)])
    /// It was changed in the meantime.
    case stale
}

/// What is known, when a rule is saved, of the fields that its ticket type demands.
package enum RuleFieldState: Sendable, Hashable {
    /// They are filled in, or it is not known whether they are.
    case fine
    /// The rule is saved paused until they are.
    case paused(TicketFieldsPause)
    /// A person saved it in spite of missing fields; the text is the fingerprint of the type's fields.
    case accepted(String)

    /// The pause of the rule.
    package var pause: TicketFieldsPause? { if case .paused(let pause) = self { pause } else { nil } }
    /// The fingerprint that was accepted.
    package var acceptedForm: String? { if case .accepted(let form) = self { form } else { nil } }
}

/// The operations on rules and their jobs, shared by pages and the JSON API.
package struct RuleService: Sendable {
    package let storage: any Storage
    package let time: TimeSource
    /// Notifies the engine that a job may be due.
    package let wake: @Sendable () -> Void

    /// Creates a ``RuleService``.
    package init(storage: any Storage, time: TimeSource, wake: @escaping @Sendable () -> Void) {
        self.storage = storage
        self.time = time
        self.wake = wake
    }

    /// Stores a new rule; it always starts in dry-run mode.
    ///
    /// - Parameters:
    ///   - name: What it is called.
    ///   - definition: What it does.
    ///   - fields: What is known of the fields that its ticket type demands.
    ///   - audit: The entry to keep.
    /// - Returns: The rule as stored.
    /// - Throws: ``RuleError``, or an error of the storage.
    package func create(
        name: String, _ definition: RuleDefinition, fields: RuleFieldState = .fine, audit: AuditEntry
    ) async throws -> Rule {
        try await check(name, definition)
        let now = time.now()
        let rule = Rule(
            id: RuleID(), name: name.trimmingSpaces, revision: 1, mode: .dryRun, fieldPause: fields.pause,
            acceptedForm: fields.acceptedForm, definition: definition, createdAt: now, changedAt: now)
        try await storage.add(rule, audit: audit)
        return rule
    }

    /// Stores a change; the rule is in dry run afterwards, because a change is a new rule to the PSA.
    package func change(
        _ rule: Rule, revision: Int, name: String, _ definition: RuleDefinition, fields: RuleFieldState = .fine, audit: AuditEntry
    ) async throws -> Rule {
        guard revision == rule.revision else { throw RuleError.stale }
        try await check(name, definition)
        var changed = rule
        changed.name = name.trimmingSpaces
        if definition != rule.definition { changed.mode = rule.mode == .off ? .off : .dryRun }
        changed.definition = definition
        changed.fieldPause = fields.pause
        changed.acceptedForm = fields.acceptedForm
        return try await store(changed, audit)
    }

    /// Promotes a rule, puts it back into dry run, or turns it off.
    package func setMode(_ mode: Rule.Mode, of rule: Rule, revision: Int, audit: AuditEntry) async throws -> Rule {
        guard revision == rule.revision else { throw RuleError.stale }
        var changed = rule
        changed.mode = mode
        return try await store(changed, audit)
    }

    private func store(_ rule: Rule, _ audit: AuditEntry) async throws -> Rule {
        var changed = rule
        // A change of a rule whose tickets the PSA rejected is meant to fix it, so the next attempt is due now.
        changed.refusal = nil
        changed.revision += 1
        changed.changedAt = time.now()
        do {
            try await storage.replace(changed, audit: audit)
        } catch StoreError.stale {
            throw RuleError.stale
        }
        wake()
        // The rule may have exceeded its rate limit since it was read.
        if let stored = try await storage.rule(changed.id) { changed.isRateLimited = stored.isRateLimited }
        return changed
    }

    /// What is wrong with a name and a definition, by field; empty if nothing is.
    package func issues(_ name: String, _ definition: RuleDefinition) async throws -> [(field: String, problem: RuleProblem)] {
        var issues = definition.issues
        if !(1...100).contains(name.trimmingSpaces.count) { issues.insert(("name", .name), at: 0) }
        if try await storage.connection(definition.action.connection) == nil { issues.append(("connection", .connection)) }
        return issues
    }

    private func check(_ name: String, _ definition: RuleDefinition) async throws {
        let issues = try await issues(name, definition)
        guard issues.isEmpty else { throw RuleError.invalid(issues) }
    }

    /// Runs the latest events through a rule and writes into its history what it would have done; nothing is sent.
    ///
    /// - Returns: How many events there were, how many would have fired, and for how many the company is checked first.
    package func replay(_ rule: Rule, latest count: Int, audit: AuditEntry) async throws -> (events: Int, jobs: Int, checks: Int) {
        var place: HostEvent.ID?
        var (seen, fired, checked) = (0, 0, 0)
        while seen < count {
            let events = try await storage.events(before: place, limit: min(50, count - seen))
            guard let last = events.last else { break }
            for stored in events {
                let state: TicketJob.State
                switch rule.definition.verdict(on: stored.event) {
                case .doesNotFire: continue
                case .fires:
                    state = .wouldCreate
                    fired += 1
                case .depends(let groups):
                    state = .checking(CompanyCheck(groups: groups, isDryRun: true).precondition)
                    checked += 1
                }
                try await storage.add([RuleEngine.decision(stored.event, rule, state)], at: time.now())
            }
            seen += events.count
            place = last.id
        }
        var entry = audit
        entry.detail = "\(seen) events, \(fired) would have fired." + (checked == 0 ? "" : " \(checked) depend on the company.")
        try await storage.append(entry)
        if checked > 0 { wake() }
        return (seen, fired, checked)
    }

    /// Releases or drops the jobs that need review because of a rate limit or their age.
    package func decideReviews(of rule: Rule, release: Bool, audit: AuditEntry) async throws -> Int {
        let count = try await storage.decideReviews(of: rule.id, release: release, at: time.now(), audit: audit)
        wake()
        return count
    }
}

/// The part of the storage that keeps rules.
package protocol RuleStore: Sendable {
    /// All rules by name.
    func rules() async throws -> [Rule]

    /// A page of the rules by name, and how many there are.
    func rules(from place: Int, limit: Int) async throws -> (rules: [Rule], total: Int)

    /// How often rules have fired in each hour; a rule that has not is left out, and replays don't count.
    func activity(of rules: [RuleID], since start: Date) async throws -> [RuleID: RuleActivity]

    /// One rule, or nil if there is none.
    func rule(_ id: RuleID) async throws -> Rule?

    /// Adds a rule.
    func add(_ rule: Rule, audit: AuditEntry) async throws

    /// Replaces a rule whose stored revision is one less than the given one; whether it exceeded its rate limit stays as stored.
    ///
    /// - Throws: ``StoreError/stale`` or ``StoreError/notFound``.
    func replace(_ rule: Rule, audit: AuditEntry) async throws

    /// Removes a rule; what waits for it is dropped, and its history stays.
    ///
    /// - Throws: ``StoreError/notFound``.
    func removeRule(_ id: RuleID, audit: AuditEntry) async throws
}
