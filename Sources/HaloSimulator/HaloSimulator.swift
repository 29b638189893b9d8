public import FoundationEssentials
import Synchronization
package import WebServer

/// An in-memory HaloPSA tenant that implements the vendor's REST API, stores writes, and injects faults on request.
///
/// It is built from published facts about the API and shares no code with any client, so a shared bug cannot mask itself. Requests
/// arrive through `respond(to:)`, either over a socket from ``HaloSimulatorServer`` or directly from a test. Nothing is persisted.
public actor HaloSimulator {
    /// The configuration the tenant was created from.
    public let configuration: Configuration
    var store: Store
    var tokens = TokenStore()
    var plan = FaultPlan()
    var log = RequestLog()
    var writes: [StoredWrite] = []
    var limiter = RateLimiter()
    /// The number of ticket creations in progress, for the fault that rejects concurrent ones.
    var creationsInProgress = 0
    var webhookState: WebhookState?
    var requestHook: RequestHook?
    nonisolated let heldRequests = HeldRequests()

    /// Creates a tenant with seeded data; 100,000 tickets take about a second.
    public init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
        store = StoreSeeding.store(for: configuration, now: HaloTime(configuration.clock()))
    }

    /// Answers one request of any kind.
    ///
    /// It never throws; a fault may delay, truncate or suppress the response.
    package nonisolated func respond(to request: WebRequest) async -> WebResponse {
        if request.segments.first == "_simulator" { return await control(request) }
        let latency = await logRequest(request)
        if latency > 0, (try? await Task.sleep(for: .milliseconds(latency))) == nil { return WebResponse(status: 503, body: .hangUp) }
        let (reply, transforms, date) = await reply(to: request)
        if case .never = reply.content {
            await heldRequests.wait()
            return WebResponse(status: 503, body: .hangUp)
        }
        var response = ResponseBuilder(transforms: transforms).response(for: reply)
        if let date { response.headers["Date"] = date }
        return response
    }

    /// Activates these faults, deactivates all others, and resets counted faults.
    public func setFaults(_ faults: [HaloFault]) { plan.replace(with: faults) }

    /// Adds a fault unless it is active, or removes it; the counts of the other faults stay.
    public func setFault(_ fault: HaloFault, isActive: Bool) { plan.set(fault, isActive: isActive) }

    /// Calls a closure after each request to a resource of the API was answered, before the response is sent; nil ends that.
    ///
    /// The closure runs on the simulator, so it can change records between two requests: what it changes is in no response before the next.
    /// Requests that a fault answers are reported like others. Of several requests that arrive together, each is answered and reported
    /// before the next one is answered.
    package func afterEachRequest(_ hook: RequestHook?) { requestHook = hook }

    /// Returns the active faults.
    public func faults() -> [HaloFault] { plan.faults }

    /// Returns the requests so far, oldest first, at most the last 10,000; control requests are not logged.
    package func requestLog() -> [LoggedRequest] { log.entries }

    /// Clears the logged requests and writes.
    package func clearLog() {
        log.clear()
        writes = []
    }

    /// Releases every request that a fault holds; they end without a response.
    public nonisolated func releaseHeldRequests() { heldRequests.releaseAll() }

    /// Logs a request and returns the delay before its reply, in milliseconds.
    private func logRequest(_ request: WebRequest) -> Int {
        log.record(request)
        return plan.fault(.latency)?.number ?? 0
    }

    /// A reply, the transforms to apply to it, and the value of its Date header if it differs from the server's.
    private typealias TransformedReply = (Reply, [(fault: HaloFault, transform: FaultDefinition.ReplyTransform)], date: String?)

    private func reply(to request: WebRequest) async -> TransformedReply {
        let reply = await unreportedReply(to: request)
        if let requestHook, let answered = AnsweredRequest(request, status: reply.0.status) { requestHook(self, answered) }
        return reply
    }

    private func unreportedReply(to request: WebRequest) async -> TransformedReply {
        let route = Route(request)
        let date = plan.isOn(.clock) ? now.adding(seconds: plan.clockOffset(.clock)).httpDateText : nil
        if let canned = plan.cannedReply(to: route, method: request.method) { return (canned, [], date) }
        guard route.isAPI else { return (publicReply(to: request, route), [], date) }
        do {
            return (try await api(request, route), plan.transforms(for: route.resource), date)
        } catch let error as ErrorReply {
            return (error.reply, [], date)
        } catch {
            return (Reply(status: 500, content: .empty), [], date)
        }
    }
}

extension HaloSimulator {
    /// The settings of a simulator: credentials, amount of data, limits.
    public struct Configuration: Sendable {
        /// The number of requests allowed in a time window before the API answers 429.
        public struct RateLimit: Sendable, Hashable {
            /// The number of API requests allowed in a window.
            public var requests: Int
            /// The length of the rolling window in seconds.
            public var windowSeconds: Int
            /// Whether 429 has a `Retry-After` header; the vendor's behaviour is not documented.
            public var sendsRetryAfter: Bool

            /// Creates a limit, by default the vendor's fair-use limit of 500 requests in three minutes.
            public init(requests: Int = 500, windowSeconds: Int = 180, sendsRetryAfter: Bool = true) {
                self.requests = requests
                self.windowSeconds = windowSeconds
                self.sendsRetryAfter = sendsRetryAfter
            }
        }

        /// The client id of the demo application.
        ///
        /// It is public on purpose and valid only for a simulator.
        public static let demoClientID = "11111111-2222-4333-8444-555555555555"
        /// The secret of the demo application, two GUIDs in the vendor's format.
        ///
        /// It is public on purpose and valid only for a simulator.
        public static let demoClientSecret = "de300000-0000-4000-8000-000000000001-de300000-0000-4000-8000-000000000002"

        /// The tenant's name in `?tenant=` and `authinfo`.
        public var tenant = "acme"
        /// The client id that the token endpoint accepts.
        public var clientID = Self.demoClientID
        /// The secret that the token endpoint accepts.
        public var clientSecret = Self.demoClientSecret
        /// The user name that the password grant accepts.
        public var username = "demo.agent"
        /// The password that the password grant accepts; a demo value, like the secret.
        public var password = "demo-password"
        /// The scopes of the application; a token request is granted those that it requests and the application has.
        public var applicationScopes = ["all"]
        /// The number of seeded tickets.
        public var ticketCount = 250
        /// The number of seeded companies besides the built-in one.
        public var companyCount = 24
        /// The number of seeded contacts besides the "General User" of every site.
        public var contactCount = 120
        /// Determines every name, date and number; the same seed and clock create the same tenant.
        public var seed: UInt64 = 1
        /// The lifetime of tokens in seconds.
        public var tokenLifetime = 3600
        /// The limit on API requests, or nil for no limit.
        public var rateLimit: RateLimit?
        /// The number of bytes added to every ticket row; 7,000 create rows of about 8 kB, as in real tenants.
        public var rowPadding = 0
        /// Whether a ticket without a type is rejected, as in many real tenants.
        public var ticketTypeRequired = false
        /// The clock of the simulator.
        public var clock: @Sendable () -> Date = { Date() }

        /// Creates the default configuration; change the properties that should differ.
        public init() {}
    }
}

extension HaloSimulator {
    /// Called after a request was answered, on the simulator.
    package typealias RequestHook = @Sendable (isolated HaloSimulator, AnsweredRequest) -> Void

    /// A request to a resource that was answered.
    package struct AnsweredRequest: Sendable {
        /// The method, in upper case.
        package var method: String
        /// The resource by its route name, such as `Tickets`.
        package var resource: String
        /// The id in the path as text, or nil for a list or a POST.
        package var recordID: String?
        /// The number of the page of a list, from 1.
        package var page: Int
        /// The query.
        package var query: [(name: String, value: String)]
        /// The status of the response; 0 for one that a fault does not send.
        package var status: Int

        /// Whether it read a list.
        package var isList: Bool { method == "GET" && recordID == nil }

        init?(_ request: WebRequest, status: Int) {
            guard case .resource(let resource, let id) = Route(request) else { return nil }
            method = request.method
            self.resource = resource.rawValue
            recordID = id
            page = request.queryValue("page_no").flatMap { Int($0) } ?? 1
            query = request.query
            self.status = status
        }
    }
}

/// Holds requests that are never answered until they are cancelled or released.
final class HeldRequests: Sendable {
    private let waiting = Mutex<[Int: Task<Void, Never>]>([:])
    private let lastNumber = Atomic<Int>(0)

    /// The number of held requests.
    var count: Int { waiting.withLock { $0.count } }

    func wait() async {
        let number = lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
        let sleeper = Task { _ = try? await Task.sleep(for: .seconds(86_400)) }
        waiting.withLock { $0[number] = sleeper }
        await withTaskCancellationHandler {
            await sleeper.value
        } onCancel: {
            sleeper.cancel()
        }
        waiting.withLock { $0[number] = nil }
    }

    func releaseAll() {
        for sleeper in waiting.withLock({ Array($0.values) }) { sleeper.cancel() }
    }
}
