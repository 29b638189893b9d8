/// What the suites about rules share.
enum RulePages {
    /// One host for all of them: each test has event types and rules of its own.
    static let host = SharedHost()
}
