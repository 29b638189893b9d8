package import FoundationEssentials

/// What the host did in each of the last hours.
///
/// Hours are numbered since 1970, as ``RuleActivity`` numbers them; hours without any are left out.
package struct HostActivity: Sendable, Equatable {
    /// How many hours the pages show.
    package static let shownHours = 24

    /// The events that arrived.
    package var events: [Int: Int]
    /// The jobs that wrote to the PSA: a ticket, a note, a reply or a status.
    package var written: [Int: Int]
    /// The attempts that ended with an error; of each job the latest ``JobAttempt/limit`` attempts are kept.
    package var failures: [Int: Int]

    /// Creates a ``HostActivity``.
    package init(events: [Int: Int] = [:], written: [Int: Int] = [:], failures: [Int: Int] = [:]) {
        self.events = events
        self.written = written
        self.failures = failures
    }

    /// Whether nothing happened at all.
    package var isEmpty: Bool { events.isEmpty && written.isEmpty && failures.isEmpty }
}

/// Counts what happened in each hour.
package protocol HostActivityStore: Sendable {
    /// The numbers of the last hours up to a time.
    ///
    /// An hour that ended a while ago is counted once, and its numbers are remembered until the process ends.
    ///
    /// - Parameters:
    ///   - hours: How many hours, from 1 to ``RuleActivity/keptHours``; the last one is that of the time.
    ///   - end: The time.
    /// - Returns: The numbers.
    /// - Throws: What the storage throws if it is unavailable.
    func hostActivity(hours: Int, until end: Date) async throws -> HostActivity
}
