import PSACore

/// How patient the outbox is.
///
/// What depends on the place, an administrator sets with ``OutboxLimits``. The waits before looks are no setting: they come from how far
/// vendors' searches lag behind their writes, and shorter ones would send tickets twice.
struct OutboxPolicy: Sendable {
    /// For how long a host holds a job before another may take it for lost; prolonged while it works.
    var lease: Duration = .seconds(60)
    /// The waits before each look for a write of unknown outcome.
    var searchDelays: [Duration] = [.seconds(5), .seconds(30), .seconds(120)]
    /// How often a write is sent in all, each time proven absent before the next; then a person decides.
    var sends = 3
    /// What is older is not sent by itself: after an outage of days nobody wants the tickets of the first.
    var oldest: Duration = .seconds(48 * 3_600)
    /// The longest wait before something that could not be sent is tried again.
    var maxWait: Duration = .seconds(900)
    /// The longest wait that the PSA itself may ask for.
    var maxDeferral: Duration = .seconds(6 * 3_600)
    /// The pause after the storage could not be read or written.
    var storageWait: Duration = .seconds(1)

    /// The wait after so many tries that did not reach the PSA.
    func wait(after attempts: Int, random: Double) -> Duration {
        let doubled = Duration.seconds(10) * (1 << min(max(attempts - 1, 0), 10))
        // Half of it by chance, so that hosts that lost the PSA together don't come back together.
        return min(doubled, maxWait) * (0.5 + random / 2)
    }

    /// The wait after so many tries of which the PSA said itself when to come back.
    func wait(askedFor: Duration, after attempts: Int, random: Double) -> Duration {
        // “Come back at once” must not become a request in a circle, nor “in a year” a ticket that nobody gets.
        max(min(askedFor, maxDeferral), wait(after: attempts, random: random))
    }

    /// The wait before an item is tried again that stands for its whole rule: what refuses one refuses all.
    func probeWait(_ wait: Duration) -> Duration { min(max(wait, .seconds(60)), maxWait) }

    /// Whether so many looks in vain prove that the latest send was not executed.
    func isProof(searchAttempts: Int) -> Bool { searchAttempts % max(searchDelays.count, 1) == 0 }

    /// How many sends so many looks in vain have proven absent.
    func provenAbsent(searchAttempts: Int) -> Int { searchAttempts / max(searchDelays.count, 1) }

    /// The wait before the next look.
    func wait(beforeSearchAfter searchAttempts: Int) -> Duration {
        searchDelays.isEmpty ? .seconds(5) : searchDelays[max(searchAttempts, 0) % searchDelays.count]
    }

    /// The number of looks with which the next look in vain is a proof, and no send has been proven absent yet.
    static let attemptsBeforeTheLastSearch = -1
}

/// The moments on the way of a write at which a test may end the process, or stop it.
enum WriteStep: String, Sendable, CaseIterable {
    case beforeDecision = "before-decision"
    case afterDecision = "after-decision"
    case afterTaking = "after-taking"
    case beforeRequest = "before-request"
    case duringRequest = "during-request"
    case afterAnswer = "after-answer"
    case afterCompletion = "after-settling"
    case beforeLook = "before-look"
    case afterLook = "after-look"
}
