import PSAEngine
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
    /// - Throws: ``StoreError/stale`` or ``StoreError/notFound``.
    func replace(_ rule: Rule, audit: AuditEntry) async throws

    /// Removes a rule; what waits for it is dropped, and its history stays.
    ///
    /// - Throws: ``StoreError/notFound``.
    func removeRule(_ id: RuleID, audit: AuditEntry) async throws
}
