public import FoundationEssentials
import Synchronization
public import WebServer

/// A HaloPSA tenant that exists in memory: it answers the vendor's REST API, keeps what is written, and misbehaves on request.
///
/// It is built from published facts about the API and shares no code with any client, so it can judge one. Requests come in
/// through ``respond(to:)``, over a socket by way of ``HaloSimulatorServer`` or straight from a test. Nothing survives it.
public actor HaloSimulator {
    /// What the tenant was made from.
    public let configuration: Configuration
    var store: Store
    var tokens = TokenLedger()
    var plan = FaultPlan()
    var journal = RequestJournal()
    var writes: [StoredWrite] = []
    var limiter = RateLimiter()
    /// Tickets that are being created at this moment, for the fault that forbids a second one.
    var creationsUnderWay = 0
    nonisolated let parking = Parking()

    /// Makes a tenant and fills it; a hundred thousand tickets take about a second.
    public init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
        store = StoreSeeding.store(for: configuration, now: HaloTime(configuration.clock()))
    }

    /// Answers one request, whatever it is.
    ///
    /// Never throws; a fault may make the answer late, partial or absent.
    public nonisolated func respond(to request: WebRequest) async -> WebResponse {
        if request.segments.first == "_simulator" { return await control(request) }
        let latency = await begin(request)
        if latency > 0, (try? await Task.sleep(for: .milliseconds(latency))) == nil { return WebResponse(status: 503, body: .hangUp) }
        let (reply, reshapings, date) = await answer(request)
        if case .never = reply.content {
            await parking.wait()
            return WebResponse(status: 503, body: .hangUp)
        }
        var response = FaultedDelivery(reshapings: reshapings).response(for: reply)
        if let date { response.headers["Date"] = date }
        return response
    }

    /// Switches faults on, and all others off; counted faults start again from nothing.
    public func setFaults(_ faults: [HaloFault]) { plan.replace(with: faults) }

    /// The faults that are switched on.
    public func faults() -> [HaloFault] { plan.faults }

    /// The requests so far, oldest first, at most the last 10,000; control requests are not among them.
    public func requestLog() -> [LoggedRequest] { journal.entries }

    /// Forgets the requests and writes so far.
    public func clearLog() {
        journal.clear()
        writes = []
    }

    /// Lets every request go that a fault keeps waiting; they end without an answer.
    public nonisolated func releaseWaiting() { parking.open() }

    private func begin(_ request: WebRequest) -> Int {
        journal.record(request)
        return plan.fault(.latency)?.number ?? 0
    }

    /// A reply, what happens to it on its way out, and the moment in its header where it is another than the server's.
    private typealias Outgoing = (Reply, [(fault: HaloFault, reshaping: FaultEntry.Reshaping)], date: String?)

    private func answer(_ request: WebRequest) async -> Outgoing {
        let route = Route(request)
        let date = plan.isOn(.clock) ? now.adding(seconds: plan.shift(.clock)).headerText : nil
        if let canned = plan.answer(to: route, method: request.method) { return (canned, [], date) }
        guard route.isAPI else { return (front(request, route), [], date) }
        do {
            return (try await api(request, route), plan.reshapings(for: route.resource), date)
        } catch let refusal as Refusal {
            return (refusal.reply, [], date)
        } catch {
            return (Reply(status: 500, content: .empty), [], date)
        }
    }
}

extension HaloSimulator {
    /// What the stand-in is like: who may connect, how much it holds, how it is limited.
    public struct Configuration: Sendable {
        /// How many requests a window allows before 429.
        public struct RateLimit: Sendable, Hashable {
            /// The number of API requests in a window.
            public var requests: Int
            /// The length of the rolling window in seconds.
            public var windowSeconds: Int
            /// Whether 429 carries `Retry-After`; the vendor's behaviour is not on record.
            public var sendsRetryAfter: Bool

            /// Sets a limit, by default the vendor's fair-use figure of 500 requests in three minutes.
            public init(requests: Int = 500, windowSeconds: Int = 180, sendsRetryAfter: Bool = true) {
                self.requests = requests
                self.windowSeconds = windowSeconds
                self.sendsRetryAfter = sendsRetryAfter
            }
        }

        /// The client id of the demo application.
        ///
        /// It is public on purpose and opens nothing but a stand-in.
        public static let demoClientID = "11111111-2222-4333-8444-555555555555"
        /// The secret of the demo application, two GUIDs as the vendor makes them.
        ///
        /// It is public and opens nothing real.
        public static let demoClientSecret = "de300000-0000-4000-8000-000000000001-de300000-0000-4000-8000-000000000002"

        /// The tenant's name, as `?tenant=` and `authinfo` spell it.
        public var tenant = "acme"
        /// The client id that the token endpoint accepts.
        public var clientID = Self.demoClientID
        /// The secret that the token endpoint accepts.
        public var clientSecret = Self.demoClientSecret
        /// The user name that the password grant accepts.
        public var username = "demo.agent"
        /// The password that the password grant accepts; a demo value, like the secret.
        public var password = "demo-password"
        /// The scopes the application was given; a request is granted what it shares with them.
        public var applicationScopes = ["all"]
        /// How many tickets there are at the start.
        public var ticketCount = 250
        /// How many companies there are besides the built-in one.
        public var companyCount = 24
        /// How many people there are besides the "General User" of every site.
        public var contactCount = 120
        /// Decides every name, date and number of the tenant; the same seed and clock make the same tenant.
        public var seed: UInt64 = 1
        /// How long tokens live, in seconds.
        public var tokenLifetime = 3600
        /// A real limit on API requests, or nil for none.
        public var rateLimit: RateLimit?
        /// How many bytes are added to every ticket row; 7,000 make rows of about 8 kB, as real tenants send them.
        public var rowPadding = 0
        /// Whether a ticket without a type is refused, as many real tenants do.
        public var ticketTypeRequired = false
        /// The time that the stand-in goes by.
        public var clock: @Sendable () -> Date = { Date() }

        /// Describes the default tenant; change what should differ.
        public init() {}
    }
}

/// Where requests wait that are never to be answered: until they are cancelled or everybody is let go.
final class Parking: Sendable {
    private let waiting = Mutex<[Int: Task<Void, Never>]>([:])
    private let next = Atomic<Int>(0)

    /// How many wait at this moment.
    var count: Int { waiting.withLock { $0.count } }

    func wait() async {
        let number = next.wrappingAdd(1, ordering: .relaxed).newValue
        let sleeper = Task { _ = try? await Task.sleep(for: .seconds(86_400)) }
        waiting.withLock { $0[number] = sleeper }
        await withTaskCancellationHandler {
            await sleeper.value
        } onCancel: {
            sleeper.cancel()
        }
        waiting.withLock { $0[number] = nil }
    }

    func open() {
        for sleeper in waiting.withLock({ Array($0.values) }) { sleeper.cancel() }
    }
}
