/// The resource limits and timeouts of a connector that runs in a process of its own.
public struct ExternalConnectorLimits: Sendable {
    /// The longest line it may write, in bytes.
    public var lineBytes = 1 << 20
    /// The largest response body it gets, in bytes.
    public var responseBytes = 8 << 20
    /// The maximum number of bytes that are kept for it until it reads them; one line is kept whatever its length.
    public var unreadBytes = 32 << 20
    /// The most bytes of the files of one ticket, note or reply: with them in base64 its own request must fit into a line.
    public var attachmentBytes = 512 << 10
    /// The timeout of its start, until its `hello`.
    public var start: Duration = .seconds(10)
    /// The idle timeout while it owes a response and waits for none itself.
    public var silence: Duration = .seconds(60)
    /// How long it is kept running without calls.
    public var idle: Duration = .seconds(300)
    /// How long it may take to exit after it is asked to.
    public var grace: Duration = .seconds(2)
    /// The maximum number of concurrent HTTP requests.
    public var openRequests = 16
    /// The maximum number of HTTP requests in one call.
    public var requestsPerCall = 1_000
    /// The maximum number of log lines, or checks of a test, between two responses.
    public var logLines = 1_000
    /// The maximum number of cancelled calls without a response.
    public var unansweredCancellations = 64
    /// How often it may fail within ``failurePeriod`` before it is not restarted for the rest of it.
    public var failures = 3
    /// See ``failures``.
    public var failurePeriod: Duration = .seconds(300)

    /// Creates the default limits.
    public init() {}
}
