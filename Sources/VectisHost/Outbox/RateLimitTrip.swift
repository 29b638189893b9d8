import FoundationEssentials

/// A rule that exceeded its rate limit, as long as jobs of it need review.
struct RateLimitTrip: Sendable, Equatable {
    let rule: RuleID
    /// What the rule is called.
    let name: String
    /// How many jobs need review because of it.
    let count: Int
    /// When the first of them was created.
    let since: Date
}
