import FoundationEssentials
package import PSACore
package import PSAEngine
package import VectisCore
import VectisRules
package import WebServer

/// One request with its context.
struct RequestContext: Sendable {
    let request: WebRequest
    /// The values of the path's parameters.
    let parameters: [String: String]
    /// The signed-in user; nil without a session.
    let user: SignedInUser?
    /// The API key of the program that sends the request; nil for requests of people.
    var sender: APIToken?
    /// The notices at the top of every page.
    var notices: [Notice] = []
    /// Correlates page, log and audit entry of this request.
    let correlationID: CorrelationID
    /// The time of arrival.
    let now: Date
    /// Where it came from: the peer, or what the proxy in front says.
    let clientAddress: String

    /// Whether a session or a token was sent that is valid.
    var isFromKnownClient: Bool { user != nil || sender != nil }

    /// The value of a parameter of the route's pattern.
    func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// The form that was sent.
    ///
    /// - Throws: ``WebError`` if the body is not a form.
    func form() throws -> SubmittedForm {
        guard let fields = request.formFields else {
            throw WebError(
                .badRequest, "The form could not be read: it is malformed, or its text is no UTF-8. Go back and send it again.")
        }
        return SubmittedForm(fields)
    }

    /// Account, time and address of the request.
    var origin: RequestOrigin {
        RequestOrigin(
            at: now, account: user?.account.name, apiKey: user == nil ? sender?.name : nil, correlationID: correlationID,
            address: clientAddress)
    }

    /// The audit entry of an action of this request.
    func audit(
        _ action: AuditAction, _ target: String, _ outcome: AuditEntry.Outcome = .done, _ detail: String = "", error: PSAError? = nil,
        actor: AuditEntry.Actor? = nil
    ) -> AuditEntry {
        origin.audit(action, target, outcome, detail, error: error, actor: actor)
    }
}

/// Who is signed in, and in which browser.
struct SignedInUser: Sendable {
    let account: Account
    let session: SignInSession
    /// The form token that every form of this browser has to send.
    let formToken: String

    var isAdmin: Bool { account.role == .admin }
    /// Whether the user may work with rules, jobs and company mappings; administrators may too.
    var isOperator: Bool { account.role.includes(.operator) }
}

/// The fields of a form as they were sent.
struct SubmittedForm: Sendable {
    private var fields: [(name: String, value: String)]

    init(_ fields: [(name: String, value: String)]) { self.fields = fields }

    /// Removes all fields whose names begin with a text, and one of another name.
    ///
    /// - Returns: Whether any of the first had a value.
    mutating func remove(prefix: String, and name: String) -> Bool {
        let hadValue = fields.contains { $0.name.hasPrefix(prefix) && !$0.value.trimmingSpaces.isEmpty }
        fields.removeAll { $0.name.hasPrefix(prefix) || $0.name == name }
        return hadValue
    }

    /// The value of a field, or nil if the form had none of that name.
    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The value of a field, or nothing.
    func text(_ name: String) -> String { self[name] ?? "" }

    /// All values of a field, in their order.
    func texts(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// Whether a field is there.
    func has(_ name: String) -> Bool { self[name] != nil }
}

/// Everything the pages and the JSON API work with.
package struct HostServices: Sendable {
    package let registry: ConnectorRegistry
    package let storage: any Storage
    package let vault: Vault
    package let connections: ConnectionService
    /// Shared by pages and outbox, so that a list is read once for both.
    package let companies: CompanyDirectory
    /// Keeps the local copies, and answers questions about them.
    package let sync: SyncEngine
    /// Takes the messages of vendors about changes.
    package let hooks: ChangeHookService
    /// Whether this host reads the local copies.
    package let isSyncing: Bool
    package let events: EventService
    package let rules: RuleService
    package let detectors: DetectorService
    /// Removes what was kept for long enough.
    package let retention: RetentionService
    /// Finds out what to report to contact points, and reports it.
    package let notifications: NotificationService
    package let signIn: SignInService
    package let guides: GuideLibrary
    package let metrics: HostMetrics
    package let log: HostLog
    package let time: TimeSource
    /// Programs in the connectors folder that can't be used.
    package var unusableConnectors: [UnusableProgram] = []
    package private(set) var environment: WebEnvironment
    /// The forms that have created something.
    package let usedForms = UsedForms()

    /// Creates a ``HostServices``.
    package init(
        registry: ConnectorRegistry, storage: any Storage, vault: Vault, connections: ConnectionService, companies: CompanyDirectory,
        sync: SyncEngine, events: EventService, rules: RuleService, detectors: DetectorService,
        retention: RetentionService, notifications: NotificationService, signIn: SignInService, guides: GuideLibrary, metrics: HostMetrics,
        log: HostLog, time: TimeSource,
        isSyncing: Bool = true,
        unusableConnectors: [UnusableProgram] = [], environment: WebEnvironment
    ) {
        self.registry = registry
        self.storage = storage
        self.vault = vault
        self.connections = connections
        self.companies = companies
        self.sync = sync
        self.isSyncing = isSyncing
        hooks = ChangeHookService(storage: storage, vault: vault, sync: sync, log: log, time: time)
        self.events = events
        self.rules = rules
        self.detectors = detectors
        self.retention = retention
        self.notifications = notifications
        self.signIn = signIn
        self.guides = guides
        self.metrics = metrics
        self.log = log
        self.time = time
        self.unusableConnectors = unusableConnectors
        self.environment = environment
    }

    /// Whether the storage can be written.
    package var health: StorageHealth { storage.health }

    /// What people decide on jobs.
    package var jobs: JobService { JobService(storage: storage, connections: connections, time: time, wake: rules.wake) }

    /// What can be done with API keys.
    package var apiKeys: APIKeyService { APIKeyService(storage: storage, events: events) }

    /// What can be done with second factors.
    package var secondFactors: SecondFactorService { SecondFactorService(storage: storage, vault: vault, time: time) }

    /// What can be done with accounts.
    package var accounts: AccountService { AccountService(storage: storage, signIn: signIn) }

    /// The same in another environment.
    package func with(_ environment: WebEnvironment) -> HostServices {
        var services = self
        services.environment = environment
        return services
    }
}

/// How the web server is reached, as far as its responses depend on it.
package struct WebEnvironment: Sendable {
    /// The values of `Host` that are answered, in lower case and with the port where one is sent; another one is a sign of DNS rebinding.
    package var hosts: Set<String>
    /// Whether a proxy in front speaks TLS with the browser: cookies are Secure then, and the proxy says where a request came from.
    package var isBehindTLS = false
    /// The demo tenant beside the host, if there is one.
    package var demo: DemoTenant?
    /// The token with which a program may read the metrics; nil to allow signed-in users only.
    package var metricsToken: Secret?

    /// Creates a ``WebEnvironment``.
    package init(hosts: Set<String>, isBehindTLS: Bool = false, demo: DemoTenant? = nil, metricsToken: Secret? = nil) {
        self.hosts = hosts
        self.isBehindTLS = isBehindTLS
        self.demo = demo
        self.metricsToken = metricsToken
    }

}

/// A simulator whose settings may be filled in with one press.
package struct DemoTenant: Sendable {
    package let connector: ConnectorID
    /// The values by setting; they are public and open nothing real.
    package let settings: [SettingKey: String]

    /// Creates a ``DemoTenant``.
    package init(connector: ConnectorID, settings: [SettingKey: String]) {
        self.connector = connector
        self.settings = settings
    }

}

extension WebResponse {
    /// A page.
    static func page(_ status: Int = 200, _ page: some WebPage) -> WebResponse {
        WebResponse(
            status: status, headers: ["Content-Type": "text/html; charset=utf-8"], body: .bytes(Array(page.document.description.utf8)))
    }

    /// A piece of a page, fetched by the script.
    static func fragment(_ html: HTML) -> WebResponse {
        WebResponse(status: 200, headers: ["Content-Type": "text/html; charset=utf-8"], body: .bytes(Array(html.description.utf8)))
    }

    /// Sends the browser to another page, with `GET`.
    package static func redirect(to path: String) -> WebResponse { WebResponse(status: 303, headers: ["Location": path]) }

    /// JSON.
    package static func json(_ value: JSONValue, status: Int = 200) -> WebResponse {
        WebResponse(status: status, headers: ["Content-Type": "application/json"], body: .bytes(value.encoded))
    }

    /// Problem JSON, RFC 9457.
    package static func problem(_ status: Int, _ value: JSONValue) -> WebResponse {
        WebResponse(status: status, headers: ["Content-Type": "application/problem+json"], body: .bytes(value.encoded))
    }
}

/// Paths of this site.
enum WebPath {
    /// A text as one value of a query.
    static func encoded(_ text: String) -> String { PercentEncoding.component(text) }

    /// Path and query of a request.
    static func address(of request: WebRequest) -> String {
        guard !request.query.isEmpty else { return request.path }
        return request.path + "?" + PercentEncoding.form(request.query.map { QueryItem($0.name, $0.value) })
    }

    /// The path of this host's page that a form was sent from, if the browser sends it.
    static func pageBefore(_ request: WebRequest) -> String? {
        let parts = request.headers["Referer"]?.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false) ?? []
        guard parts.count == 4, parts[2].lowercased() == request.headers["Host"]?.lowercased() else { return nil }
        return "/" + parts[3]
    }

    /// Where to go after signing in: a path of this site, or the overview.
    ///
    /// `//host` and `/\host` are addresses of other sites to a browser.
    static func safe(_ path: String) -> String {
        let isOurs =
            path.hasPrefix("/") && !path.hasPrefix("//") && !path.contains("\\")
            && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        return isOurs && !path.hasPrefix("/sign-in") ? path : "/integrations"
    }
}

/// A program in the connectors folder that cannot be used.
package struct UnusableProgram: Sendable {
    /// The name of its file.
    package let name: String
    /// Why it cannot be used, in a sentence.
    package let reason: String
    /// The last lines that it wrote to standard error.
    package let stderrTail: [String]

    /// Creates a ``UnusableProgram``.
    package init(name: String, reason: String, stderrTail: [String]) {
        self.name = name
        self.reason = reason
        self.stderrTail = stderrTail
    }

}
