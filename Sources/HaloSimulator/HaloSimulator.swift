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
