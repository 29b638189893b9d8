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
    /// Shared by all connections of the host, so that two of them to one tenant keep its limits together.
    public var tenants: TenantRateLimits
    /// How it repeats failed reads.
    public var retryPolicy: RetryPolicy
    /// How long a connection test may take against anything; a person waits for it.
    public var connectionTestLimit: Duration

    /// Passes the given parts, with the machine's time and no log unless stated otherwise.
    public init(
        transport: any HTTPTransport, addressPolicy: AddressPolicy = .publicOnly, time: TimeSource = .system,
        log: any ConnectorLog = SilentLog(), tenants: TenantRateLimits = TenantRateLimits(), retryPolicy: RetryPolicy = .standard,
        connectionTestLimit: Duration = .seconds(10)
    ) {
        self.transport = transport
        self.addressPolicy = addressPolicy
        self.time = time
        self.log = log
        self.tenants = tenants
        self.retryPolicy = retryPolicy
        self.connectionTestLimit = connectionTestLimit
    }
}
