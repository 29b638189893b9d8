public import PSACore

/// A running RT and what is needed to connect to it: for tests and conformance runs.
///
/// `make test-rt` starts one and names it in the environment.
public struct RequestTrackerServer: Sendable {
    /// The connector's name in the registry.
    public static let connectorName = "request-tracker"

    /// The settings of the connection: address, token, and a queue for new tickets.
    public var settings: SettingsInput
    /// The registry that knows the connector.
    public let registry: ConnectorRegistry

    /// The server that `RT_SERVER_URL`, `RT_TOKEN` and, optionally, `RT_QUEUE_ID` name; nil if one of the first two is missing.
    ///
    /// It is reached over plain http on this machine, so the context needs the address policy `allowingLoopback`.
    public init?(environment: [String: String]) {
        guard let address = environment["RT_SERVER_URL"], let token = environment["RT_TOKEN"],
            let registry = try? ConnectorRegistry([RequestTrackerConnector.self])
        else { return nil }
        settings = ["serverURL": address, "token": token, "queueID": environment["RT_QUEUE_ID"] ?? "1"]
        self.registry = registry
    }
}
