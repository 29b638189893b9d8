/// What a host passes to a connector.
///
/// Nothing in a connector reaches for a global.
public struct ConnectorContext: Sendable {
    /// Carries its requests.
    public var transport: any HTTPTransport
    /// Which addresses it may reach.
    public var addressPolicy: AddressPolicy
    /// Its time and chance.
    public var time: TimeSource
    /// Where its events go.
    public var log: any ConnectorLog
    /// Shared by all connections of the host, so that two of them to one tenant keep its limits together; by default
    /// ``TenantRateLimits/process``.
    public var tenants: TenantRateLimits
    /// How it repeats failed reads.
    public var retryPolicy: RetryPolicy
    /// How long a connection test may take against anything; a person waits for it.
    public var connectionTestLimit: Duration

    /// Passes the given parts, with the machine's time and no log unless stated otherwise.
    ///
    /// - Parameters:
    ///   - transport: Carries its requests.
    ///   - addressPolicy: Which addresses it may reach.
    ///   - time: Its time and chance.
    ///   - log: Where its events go.
    ///   - tenants: Who keeps the limits of the tenants. Without one, all contexts of the process with the machine's clocks share
    ///     ``TenantRateLimits/process``; a context with clocks of its own, such as a test's, has limits of its own.
    ///   - retryPolicy: How it repeats failed reads.
    ///   - connectionTestLimit: How long a connection test may take.
    public init(
        transport: any HTTPTransport, addressPolicy: AddressPolicy = .publicOnly, time: TimeSource = .system,
        log: any ConnectorLog = SilentLog(), tenants: TenantRateLimits? = nil, retryPolicy: RetryPolicy = .standard,
        connectionTestLimit: Duration = .seconds(10)
    ) {
        self.transport = transport
        self.addressPolicy = addressPolicy
        self.time = time
        self.log = log
        self.tenants = tenants ?? (time.isSystem ? .process : TenantRateLimits())
        self.retryPolicy = retryPolicy
        self.connectionTestLimit = connectionTestLimit
    }
}

/// Something worth recording.
///
/// Every case names exactly what it may hold; there is no free text a secret could slip into.
@nonexhaustive
public enum ConnectorEvent: Sendable, CustomStringConvertible {
    /// A request was answered.
    case answered(request: String, status: Int, bytes: Int, seconds: Double)
    /// A request got no answer.
    case unanswered(request: String, kind: TransportError.Kind, seconds: Double)
    /// A request is about to be made again.
    case repeating(request: String, attempt: Int, wait: Duration)
    /// A request waits for its place in the tenant's budget.
    case heldBack(request: String, wait: Duration)
    /// A new access token was issued.
    case tokenIssued(host: String, lifetime: Duration)
    /// An access token was refused before its time.
    case tokenRefused(host: String)

    /// The event on one line.
    public var description: String {
        switch self {
        case .answered(let request, let status, let bytes, let seconds):
            "\(request) answered \(status) with \(bytes) bytes in \(Self.milliseconds(seconds)) ms"
        case .unanswered(let request, let kind, let seconds):
            "\(request) got no answer: \(kind.rawValue) after \(Self.milliseconds(seconds)) ms"
        case .repeating(let request, let attempt, let wait):
            "\(request) is tried again in \(Self.milliseconds(wait.seconds)) ms, try \(attempt)"
        case .heldBack(let request, let wait):
            "\(request) waits \(Self.milliseconds(wait.seconds)) ms for its place in the tenant's request pace"
        case .tokenIssued(let host, let lifetime): "\(host) issued an access token for \(Int(lifetime.seconds)) s"
        case .tokenRefused(let host): "\(host) refused an access token before it expired"
        }
    }

    private static func milliseconds(_ seconds: Double) -> Int { Int((seconds * 1_000).rounded()) }
}

/// Takes the events of a connector; a host brings its own.
public protocol ConnectorLog: Sendable {
    /// Takes one event; must return quickly.
    func record(_ event: ConnectorEvent)
}

/// Records nothing.
public struct SilentLog: ConnectorLog {
    /// Makes the log.
    public init() {}
    /// Forgets the event.
    public func record(_ event: ConnectorEvent) {}
}
