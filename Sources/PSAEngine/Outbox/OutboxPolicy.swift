import PSACore

/// The delays, limits and number of attempts of the outbox.
///
/// The delays before searches must be longer than searches of the PSA lag behind its writes; shorter ones can duplicate tickets.
public struct OutboxPolicy: Sendable {
    /// How long a process may hold a job before another may take it; renewed while it works.
    public var lease: Duration = .seconds(60)
    /// The delay before each search for a write of unknown outcome.
    public var searchDelays: [Duration] = [.seconds(5), .seconds(30), .seconds(120)]
    /// How often a write is sent in all, each time proven absent before the next; then it needs review.
    public var maxSends = 3
    /// The age from which a job needs review instead of being sent.
    public var maxAge: Duration = .seconds(48 * 3_600)
    /// The longest wait before a job that could not be sent is tried again.
    public var maxWait: Duration = .seconds(900)
    /// The longest wait that the PSA itself may ask for.
    public var maxDeferral: Duration = .seconds(6 * 3_600)
    /// The wait after the store could not be read or written.
    public var storeRetryDelay: Duration = .seconds(1)

    /// Creates an ``OutboxPolicy``.
    public init(
        lease: Duration = .seconds(60), searchDelays: [Duration] = [.seconds(5), .seconds(30), .seconds(120)], maxSends: Int = 3,
        maxAge: Duration = .seconds(48 * 3_600), maxWait: Duration = .seconds(900), maxDeferral: Duration = .seconds(6 * 3_600),
        storeRetryDelay: Duration = .seconds(1)
    ) {
        self.lease = lease
        self.searchDelays = searchDelays
        self.maxSends = maxSends
        self.maxAge = maxAge
        self.maxWait = maxWait
        self.maxDeferral = maxDeferral
        self.storeRetryDelay = storeRetryDelay
    }

    /// The wait after so many attempts that did not reach the PSA.
    public func wait(after attempts: Int, random: Double) -> Duration {
        let doubled = Duration.seconds(10) * (1 << min(max(attempts - 1, 0), 10))
        // Half of it is random, so that processes do not retry at the same time.
        return min(doubled, maxWait) * (0.5 + random / 2)
    }

    /// The wait after so many attempts when the PSA has stated how long to wait.
    public func wait(askedFor: Duration, after attempts: Int, random: Double) -> Duration {
        // A stated wait of zero must not become a loop, nor one of a year a job that is never sent.
        max(min(askedFor, maxDeferral), wait(after: attempts, random: random))
    }

    /// The wait before a job is retried as a probe for its paused source.
    public func probeWait(_ wait: Duration) -> Duration { min(max(wait, .seconds(60)), maxWait) }

    /// Whether so many searches without a result prove that the latest request was not executed.
    public func isProof(searchAttempts: Int) -> Bool { searchAttempts % max(searchDelays.count, 1) == 0 }

    /// How many requests so many searches without a result have proven not executed.
    public func provenAbsent(searchAttempts: Int) -> Int { searchAttempts / max(searchDelays.count, 1) }

    /// The wait before the next search.
    public func wait(beforeSearchAfter searchAttempts: Int) -> Duration {
        searchDelays.isEmpty ? .seconds(5) : searchDelays[max(searchAttempts, 0) % searchDelays.count]
    }

    /// The number of searches with which the next search without a result is a proof, and no request has been proven not executed yet.
    public static let searchAttemptsBeforeTheLast = -1
}

/// The steps of a write at which a test may stop or end the process.
public enum WriteStep: String, Sendable, Codable, CaseIterable {
    /// The host has an event, and its rules have not decided about it.
    case beforeDecision = "before-decision"
    /// One of several decisions that are stored together was made, and the next one was not.
    case betweenEvents = "between-events"
    /// Several decisions were made together, and none is stored.
    case beforeCommit = "before-commit"
    /// Several decisions were stored together, and no sender knows.
    case afterCommit = "after-commit"
    /// The event and the jobs created from it are stored; the sender was not woken.
    case afterDecision = "after-decision"
    /// A process has leased a job and sent nothing for it.
    case afterLease = "after-lease"
    /// It is recorded that a file is being uploaded, and the upload has not begun.
    case beforeUpload = "before-upload"
    /// The upload of a file was sent, and no answer has come; reached in the transport of a test host.
    case duringUpload = "during-upload"
    /// The PSA has answered to an upload, and its id is not recorded yet.
    case afterUpload = "after-upload"
    /// The id of an uploaded file is recorded, and the ticket or note that uses it has not been sent.
    case afterUploadRecord = "after-upload-record"
    /// The request is planned; that it is about to be sent is not recorded.
    case beforeRequest = "before-request"
    /// The request was sent, and no answer has come; reached in the transport of a test host.
    case duringRequest = "during-request"
    /// The PSA has answered, and the outcome is not recorded.
    case afterAnswer = "after-answer"
    /// The outcome is recorded, and callers do not know.
    case afterCompletion = "after-completion"
    /// A job of unknown outcome is leased, and the PSA has not been searched for it.
    case beforeSearch = "before-search"
    /// The search for a job of unknown outcome has ended, and its result is not recorded.
    case afterSearch = "after-search"
}
