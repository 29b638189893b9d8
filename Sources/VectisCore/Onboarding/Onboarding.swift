package import FoundationEssentials

/// What a host has of what its first steps need.
package struct OnboardingFacts: Sendable, Equatable {
    /// Whether a program may send events.
    package var hasKey = false
    /// Whether an event has arrived.
    package var hasEvent = false
    package var hasRule = false
    /// Whether a rule creates tickets.
    package var hasActiveRule = false
    /// When an administrator dismissed the checklist; nil while it is shown.
    package var dismissedAt: Date?

    /// Creates facts of a host that has nothing.
    package init() {}
}

/// The part of the storage that knows how far a host is set up.
package protocol OnboardingStore: Sendable {
    /// What the host has at a time.
    func onboarding(at now: Date) async throws -> OnboardingFacts

    /// Dismisses the checklist, or with nil brings it back.
    func setOnboardingDismissed(_ time: Date?, audit: AuditEntry) async throws
}
