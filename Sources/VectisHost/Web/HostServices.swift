import ExternalConnectors
import PSACore
import PSAEngine

/// Everything the pages and the JSON API work with.
struct HostServices: Sendable {
    let registry: ConnectorRegistry
    let storage: any Storage
    let vault: Vault
    let connections: ConnectionService
    /// One for pages and outbox, so that a list is read once for both.
    let companies: CompanyDirectory
    let events: EventService
    let rules: RuleService
    let signIn: SignInService
    let guides: GuideLibrary
    let metrics: HostMetrics
    let log: HostLog
    let time: TimeSource
    /// Programs in the connectors folder that can't be used.
    var unusableConnectors: [UnusableConnector] = []
    private(set) var environment: WebEnvironment

    /// Whether it can store what it is given.
    var health: StorageHealth { storage.health }

    /// What can be done with accounts.
    var accounts: AccountService { AccountService(storage: storage, signIn: signIn) }

    /// The same in other surroundings.
    func with(_ environment: WebEnvironment) -> HostServices {
        var services = self
        services.environment = environment
        return services
    }
}

/// How the web server is reached, as far as its answers depend on it.
struct WebEnvironment: Sendable {
    /// The values of `Host` that are answered, in lower case and with the port where one is sent; another one is a sign of DNS rebinding.
    var hosts: Set<String>
    /// Whether a proxy in front speaks TLS with the browser: cookies are Secure then, and the proxy says where a request came from.
    var isBehindTLS = false
    /// The demo tenant beside the host, if there is one.
    var demo: DemoTenant?
    /// The token by which a machine may read the metrics; nil for nobody but signed-in people.
    var metricsToken: Secret?
}

/// A stand-in whose settings may be filled in with one press.
struct DemoTenant: Sendable {
    let connector: ConnectorID
    /// The values by setting; they are public and open nothing real.
    let settings: [SettingKey: String]
}
