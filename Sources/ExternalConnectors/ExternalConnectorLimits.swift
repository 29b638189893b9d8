/// How much a connector that runs in a process of its own may take.
public struct ExternalConnectorLimits: Sendable {
    /// The longest line it may write, in bytes.
    public var lineBytes = 1 << 20
    /// The largest answer body it is handed, in bytes.
    public var responseBytes = 8 << 20
    /// How long its start may take until it says hello.
    public var start: Duration = .seconds(10)
    /// How long it may be silent while it owes an answer and waits for none itself.
    public var silence: Duration = .seconds(60)
    /// How long it is kept without work.
    public var idle: Duration = .seconds(300)
    /// How long it may take to leave once it is told to.
    public var grace: Duration = .seconds(2)
    /// HTTP requests that may be under way at a time.
    public var openRequests = 16
    /// HTTP requests in one call.
    public var requestsPerCall = 1_000
    /// Lines of its log, or checks of a test, between two answers.
    public var logLines = 1_000
    /// Cancelled calls it may leave unanswered.
    public var unansweredCancellations = 64
    /// How often it may fail within ``failurePeriod`` before it is left alone for the rest of it.
    public var failures = 3
    /// See ``failures``.
    public var failurePeriod: Duration = .seconds(300)

    /// Takes the usual limits.
    public init() {}
}
