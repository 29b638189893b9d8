import FoundationEssentials

/// A rule that fired more often than its limit allows, as long as anything of it waits for a person.
struct RateLimitTrip: Sendable, Equatable {
    let rule: RuleID
    /// What the rule is called.
    let name: String
    /// How many jobs are held back because of it.
    let held: Int
    /// When the first of them was decided.
    let since: Date
}
