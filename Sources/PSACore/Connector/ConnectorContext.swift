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
    /// The host's own name for the connection, which its events carry; nil for none.
    public var connection: String?
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
    ///   - connection: The host's own name for the connection, which its events carry.
    ///   - tenants: Who keeps the limits of the tenants. Without one, all contexts of the process with the machine's clocks share
    ///     ``TenantRateLimits/process``; a context with clocks of its own, such as a test's, has limits of its own.
    ///   - retryPolicy: How it repeats failed reads.
    ///   - connectionTestLimit: How long a connection test may take.
    public init(
        transport: any HTTPTransport, addressPolicy: AddressPolicy = .publicOnly, time: TimeSource = .system,
        log: any ConnectorLog = SilentLog(), connection: String? = nil, tenants: TenantRateLimits? = nil,
        retryPolicy: RetryPolicy = .standard,
        connectionTestLimit: Duration = .seconds(10)
    ) {
        self.transport = transport
        self.addressPolicy = addressPolicy
        self.time = time
        self.log = log
        self.connection = connection
        self.tenants = tenants ?? (time.isSystem ? .process : TenantRateLimits())
        self.retryPolicy = retryPolicy
        self.connectionTestLimit = connectionTestLimit
    }
}

/// Something worth recording, and whose it is.
///
/// It holds exactly what its parts name; there is no free text a secret could slip into.
public struct ConnectorEvent: Sendable, Hashable, CustomStringConvertible {
    /// What happened.
    @nonexhaustive
    public enum Kind: Sendable, Hashable {
        /// A request was answered: the status, the size of the body, and the time from its sending to its last byte.
        case answered(RequestLabel, status: Int, bytes: Int, duration: Duration)
        /// A request got no answer: why, and after which time.
        case unanswered(RequestLabel, kind: TransportError.Kind, duration: Duration)
        /// A request is about to be made again: the number of the attempt, and the time until then.
        case repeating(RequestLabel, attempt: Int, wait: Duration)
        /// A request waits for its place in the tenant's rate limit.
        case heldBack(RequestLabel, wait: Duration)
        /// A new access token was issued by a host.
        case tokenIssued(host: String, lifetime: Duration)
        /// An access token was refused by a host before its time.
        case tokenRefused(host: String)
    }

    /// What happened.
    public var kind: Kind
    /// The host's own name for the connection; nil where its context names none.
    public var connection: String?

    /// States an event.
    public init(_ kind: Kind, connection: String? = nil) {
        self.kind = kind
        self.connection = connection
    }

    /// The request it is about, if it is about one.
    public var request: RequestLabel? {
        switch kind {
        case .answered(let request, _, _, _), .unanswered(let request, _, _), .repeating(let request, _, _), .heldBack(let request, _):
            request
        case .tokenIssued, .tokenRefused: nil
        }
    }

    /// The event on one line, without the connection.
    public var description: String {
        switch kind {
        case .answered(let request, let status, let bytes, let duration):
            "\(request) answered \(status) with \(bytes) bytes in \(Self.milliseconds(duration)) ms"
        case .unanswered(let request, let kind, let duration):
            "\(request) got no answer: \(kind.rawValue) after \(Self.milliseconds(duration)) ms"
        case .repeating(let request, let attempt, let wait):
            "\(request) is tried again in \(Self.milliseconds(wait)) ms, try \(attempt)"
        case .heldBack(let request, let wait):
            "\(request) waits \(Self.milliseconds(wait)) ms for its place in the tenant's rate limit"
        case .tokenIssued(let host, let lifetime): "\(host) issued an access token for \(Int(lifetime.seconds)) s"
        case .tokenRefused(let host): "\(host) refused an access token before it expired"
        }
    }

    private static func milliseconds(_ duration: Duration) -> Int { duration.wholeMilliseconds }
}

/// What may be recorded of a request: nothing of its path values, query, headers and body, which can be secret or personal.
public struct RequestLabel: Sendable, Hashable, CustomStringConvertible {
    /// What is done to the resource.
    public var method: TransportMethod
    /// The host, with its port unless it is the scheme's own.
    public var host: String
    /// The path of the installation and the route template: `/api/Tickets/{id}`.
    public var route: String

    /// Names a request.
    public init(_ method: TransportMethod, host: String, route: String) {
        self.method = method
        self.host = host
        self.route = route
    }

    /// Method, host and route.
    public var description: String { "\(method.rawValue) \(host)\(route)" }
}

extension TransportRequest {
    /// What may be recorded of it.
    public var label: RequestLabel { RequestLabel(method, host: origin.authority, route: origin.path + route) }
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

/// Passes events on with the name of their connection.
struct ConnectionLog: ConnectorLog {
    let connection: String
    let log: any ConnectorLog

    func record(_ event: ConnectorEvent) { log.record(ConnectorEvent(event.kind, connection: connection)) }
}
