/// The part of the storage that keeps rules.
protocol RuleStore: Sendable {
    /// All rules by name.
    func rules() async throws -> [Rule]

    /// One rule, or nil if there is none.
    func rule(_ id: RuleID) async throws -> Rule?

    /// Adds a rule.
    func add(_ rule: Rule, audit: AuditEntry) async throws

    /// Replaces a rule whose stored revision is one less than the given one.
    ///
    /// - Throws: ``StorageError/stale`` or ``StorageError/notFound``.
    func replace(_ rule: Rule, audit: AuditEntry) async throws

    /// Removes a rule; what waits for it is dropped, and its history stays.
    ///
    /// - Throws: ``StorageError/notFound``.
    func removeRule(_ id: RuleID, audit: AuditEntry) async throws

    /// Lets the rules of a connection go on that were paused because the PSA refused, and returns which.
    func resumeRefusedRules(of connection: ConnectionID, audit: @Sendable @escaping (Rule) -> AuditEntry) async throws -> [RuleID]
}
