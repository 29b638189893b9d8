import FoundationEssentials
import HaloPSA
import PSACore
import Synchronization
import Testing

/// Answers each request from a table, in memory: for answers no simulator would give.
final class AnsweringTransport: HTTPTransport {
    private let answers: [String: TransportResponse]
    private let sent = Mutex<[TransportRequest]>([])

    /// Takes answers by method and route, such as `GET /api/Tickets`.
    ///
    /// Tokens are issued by themselves, and a ticket type without an answer demands nothing.
    init(_ answers: [String: TransportResponse]) { self.answers = answers }

    /// The requests so far, without those for tokens and for ticket types without an answer.
    var requests: [TransportRequest] { sent.withLock { $0 } }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        if request.route == "/auth/token" { return .json(#"{"access_token":"t","expires_in":3600,"scope":"all"}"#) }
        let route = "\(request.method.rawValue) \(request.route)"
        if route == "GET /api/TicketType/{id}", answers[route] == nil { return .json(#"{"id":1}"#) }
        sent.withLock { $0.append(request) }
        guard let answer = answers[route] else {
            throw TransportError(.unusableRequest, delivery: .notSent, note: "\(request) was not expected")
        }
        return answer
    }

    /// A connection over this transport, with a ticket type and outcomes set.
    func session(_ changes: [SettingKey: String] = [:]) throws -> ConnectorSession {
        var input: SettingsInput = [
            "tenantURL": "acme.halopsa.com", "clientID": "id", "clientSecret": "a-secret-of-some-length", "ticketTypeID": "1",
        ]
        for (key, value) in changes { input[key] = Secret(value) }
        let context = ConnectorContext(transport: self, time: .skippingWaits, tenants: TenantRateLimits(pace: nil))
        return try ConnectorRegistry([HaloConnector.self]).connect("halopsa", settings: input, context: context)
    }
}

extension HaloConnector {
    /// A connector without a session, which takes its own cursors.
    init(_ address: String, over transport: any HTTPTransport) throws {
        let input: SettingsInput = [
            "tenantURL": address, "clientID": "id", "clientSecret": "a-secret-of-some-length", "ticketTypeID": "1",
        ]
        let settings = try #require(Self.descriptor.settings.validate(input, policy: .allowingLoopback).settings)
        let context = ConnectorContext(
            transport: transport, addressPolicy: .allowingLoopback, time: .skippingWaits, tenants: TenantRateLimits(pace: nil))
        try self.init(settings: settings, context: context)
    }

    /// All tickets behind one of the connector's own cursors.
    func tickets(behind cursor: PageCursor, changedSince date: Date? = nil) async throws -> [Ticket] {
        try await PagedSequence(startingAt: cursor) { try await tickets(changedSince: date, at: $0) }.collected()
    }
}

extension TransportResponse {
    /// A successful answer with a JSON body.
    static func json(_ text: String, status: Int = 200) -> TransportResponse { TransportResponse(status: status, body: Array(text.utf8)) }
}

/// Passes requests on, keeps them, and holds each against the vendor's contract.
final class InspectingTransport: HTTPTransport {
    private struct State {
        var requests: [TransportRequest] = []
        var violations: [String] = []
    }

    private let inner: any HTTPTransport
    private let contract: HaloContract
    private let maxWait: Duration?
    private let state = Mutex(State())

    init(_ inner: any HTTPTransport, contract: HaloContract, maxWait: Duration? = nil) {
        self.inner = inner
        self.contract = contract
        self.maxWait = maxWait
    }

    /// The requests so far, in the order in which they were sent.
    var requests: [TransportRequest] { state.withLock { $0.requests } }
    /// What was sent that the vendor does not have.
    var violations: [String] { state.withLock { $0.violations } }

    /// How many requests went to a route.
    func count(_ method: TransportMethod, _ route: String) -> Int { requests.count { $0.method == method && $0.route == route } }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        let found = contract.violations(of: request)
        state.withLock { state in
            state.requests.append(request)
            state.violations += found
        }
        guard let maxWait else { return try await inner.send(request) }
        var hurried = request
        hurried.timeout = min(request.timeout, maxWait)
        return try await inner.send(hurried)
    }
}
