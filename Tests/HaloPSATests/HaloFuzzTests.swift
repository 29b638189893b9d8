import Foundation
import HaloSimulator
import PSACore
import PSACurl
import PSATesting
import Synchronization
import TestSupport
import Testing
@testable import HaloPSA

/// Random and damaged answers through everything that reads them: never a crash, always a code.
///
/// `FUZZ_ROUNDS` sets how many, `FUZZ_SEED` which ones; each round depends on seed and number alone.
@Suite("HaloPSA read at its worst", .serialized)
struct HaloFuzzTests {
    private static let rounds = number("FUZZ_ROUNDS") ?? 50_000
    private static let seed = UInt64(number("FUZZ_SEED") ?? 20_260_101)

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    private static func generator(_ round: Int) -> SeededGenerator {
        SeededGenerator(seed: seed &+ UInt64(truncatingIfNeeded: round) &* 0xD134_2543_DE82_EF95)
    }

    @Test func whateverComesHasACodeAndNothingCrashes() async throws {
        let samples = try await Self.samples()
        let classifiers = [true, false].map { FailureClassifier(vendorRules: HaloErrorRules.rules(namesTenant: $0)) }
        let client = try Self.connector(ScriptedAnswers([])).client
        var reached = Reached()
        for round in 0..<Self.rounds {
            await letOtherTasksRun(in: round)
            var random = Self.generator(round)
            let response = Self.response(samples, &random)
            let shape = BodyShape(of: response.body)
            let body = client.declaration.errorParser.explanation(of: response)
            _ = RetryAfter.wait(response.headers["Retry-After"], now: Date(timeIntervalSince1970: 1_800_000_000))
            let token = ClientCredentialsGrant.token(in: response, receivedAt: MonotonicInstant(elapsed: .zero))
            reached.tokens += token == nil ? 0 : 1
            // Two stages in each round, so that every stage meets every kind of input without doubling the time.
            for stage in RequestStage.allCases.shuffled(using: &random).prefix(2) {
                let signal = FailureEvidence(
                    stage: stage, status: response.status, shape: shape, vendorCode: body.code, vendorMessage: body.message,
                    scopeIsMissing: [nil, true, false].randomElement(using: &random) ?? nil)
                let code = classifiers[round & 1].code(for: signal)
                try #require(Self.canBeSaid.contains(code), "\(code) at \(signal): \(Self.name(round))")
            }
            if body.message != nil {
                reached.messages += 1
                for stage in RequestStage.allCases {
                    _ = await client.error(
                        for: response, at: stage, about: .newTicket, requiredScope: "edit:tickets", request: client.request(.post, "/"))
                }
            }
            Self.map(response.body, round, client, &reached)
        }
        // The damage must not be such that nothing gets past the first reader.
        guard Self.rounds >= 10_000 else { return }
        #expect(reached.rows * 20 > Self.rounds && reached.records * 20 > Self.rounds, "\(reached)")
        #expect(reached.messages * 20 > Self.rounds && reached.tokens * 1_000 > Self.rounds, "\(reached)")
    }

    @Test func everyOperationEndsWithACodeOrAResult() async throws {
        let samples = try await Self.samples()
        for round in 0..<max(1, Self.rounds / 200) {
            await letOtherTasksRun(in: round)
            var random = Self.generator(-1 - round)
            let answers = (0..<8).map { _ in Self.response(samples, &random) }
            let connector = try Self.connector(ScriptedAnswers([Self.goodToken] + answers))
            do {
                switch round % 5 {
                case 0: _ = try await connector.tickets(changedSince: nil, at: nil)
                case 1: _ = try await connector.createTicket(TicketDraft(summary: "x", type: RecordID(1)))
                case 2: _ = try await connector.ticketStatuses(for: RecordID(1))
                case 3: _ = try await connector.addPrivateNote(NoteDraft("x"), to: RecordID(1))
                default:
                    let report = try await connector.testConnection { _ in }
                    try #require(report.isConnected || report.failure != nil, "\(Self.name(round))")
                }
            } catch is PSAError {
            } catch {
                Issue.record("\(error) is not a PSAError: \(Self.name(round))")
            }
        }
    }

    private static func name(_ round: Int) -> String { "FUZZ_SEED=\(seed), round \(round)" }

    /// Codes that an answer can have; the others are about settings, certificates, or failures without any answer.
    private static let canBeSaid = Set(
        ErrorCode.allCases.filter { [.proxy, .auth, .permission, .request, .ticket, .rate, .vendor, .write].contains($0.area) }
            + [.urlNotVendor, .networkTimeout, .connectorDefect])
}

extension HaloFuzzTests {
    /// How deep the inputs got.
    struct Reached {
        var rows = 0
        var records = 0
        var tokens = 0
        var messages = 0
    }

    static let goodToken = TransportResponse(status: 200, body: Array(FaultPeer.tokenBody.utf8))

    /// Everything that reads a body for its rows.
    static func map(_ body: [UInt8], _ round: Int, _ client: HaloClient, _ reached: inout Reached) {
        guard let root = try? JSONDocument(body).root else { return }
        let resource = HaloResource.allCases[round % HaloResource.allCases.count]
        _ = HaloSavedRecord.find(in: root)
        _ = JSONValue(root)
        _ = HaloWebhookMessage(root).tickets
        guard let list = HaloList(root, key: resource.listKey) else { return }
        let id = HaloListID(resource: resource)
        if let position = try? HaloPagePosition(nil, of: id, client: client) {
            _ = position.following(rows: list.rows.count, total: list.recordCount, of: id)
        }
        for view in list.rows.prefix(3) {
            reached.rows += 1
            let row = HaloRow(view: view, fetchedAt: Date(timeIntervalSince1970: 1_800_000_000))
            reached.records += isRecord(row, client.declaration.origin) ? 1 : 0
        }
    }

    private static func isRecord(_ row: HaloRow, _ origin: ServiceURL) -> Bool {
        let records: [(any Sendable)?] = [
            Ticket(halo: row, origin: origin), TicketNote(halo: row, ticket: RecordID(1)), Company(halo: row), Contact(halo: row),
            Agent(halo: row), Agreement(halo: row), RecurringInvoice(halo: row), TicketType(halo: row),
            TicketStatus(halo: row, scope: .tenant, phase: .unknown), TicketPriority(halo: row),
        ]
        return records.contains { $0 != nil }
    }

    /// One input: noise, a good answer as it is, or a damaged one, with a status and headers that need not fit.
    static func response(_ samples: [[UInt8]], _ random: inout SeededGenerator) -> TransportResponse {
        let sample = samples[Int.random(in: 0..<samples.count, using: &random)]
        let body =
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2: FuzzedBytes.noise(&random)
            case 3: sample
            default: FuzzedBytes.mutation(of: sample, &random)
            }
        let statuses = [
            200, 200, 201, 204, 302, 400, 400, 401, 403, 404, 405, 408, 409, 429, 500, 503, Int.random(in: 100...599, using: &random),
        ]
        var headers: TransportHeaders = [:]
        if Bool.random(using: &random) {
            headers["Retry-After"] = String(
                decoding: FuzzedBytes.mutation(of: Array("Sun, 06 Nov 2033 08:49:37 GMT".utf8), &random), as: UTF8.self)
            headers["WWW-Authenticate"] = String(
                decoding: FuzzedBytes.mutation(of: Array(#"Bearer error="invalid_token""#.utf8), &random), as: UTF8.self)
        }
        return TransportResponse(status: statuses[Int.random(in: 0..<statuses.count, using: &random)], headers: headers, body: body)
    }

    /// Answers of the simulator, over a socket: a page of tickets, a list of actions, records, a token, and every shape of a refusal; rows are
    /// reduced to what the connector reads, so that a round is short.
    static func samples() async throws -> [[UInt8]] {
        var samples: [[UInt8]] = []
        try await HaloFixture.run { fixture in
            let origin = try ServiceURL(typed: fixture.address, policy: .allowingLoopback)
            let transport = CurlTransport()
            let grant = ClientCredentialsGrant(
                clientID: HaloSimulator.Configuration.demoClientID, clientSecret: Secret(HaloSimulator.Configuration.demoClientSecret),
                scope: "read:tickets edit:tickets read:customers read:contracts read:invoices")
            let issued = try await transport.send(grant.request(at: origin, route: "/auth/token", policy: .allowingLoopback))
            let token = try #require(ClientCredentialsGrant.token(in: issued, receivedAt: TimeSource.system.instant()))
            samples.append(Array(String(decoding: issued.body, as: UTF8.self).replacing(/eyJ[^"]*/, with: "eyJ").utf8))
            func body(_ method: TransportMethod, _ route: String, _ query: [QueryItem] = [], _ body: String? = nil) async throws -> [UInt8]
            {
                let request = TransportRequest(
                    method, origin, route: route, query: query,
                    headers: ["Authorization": "Bearer " + token.value.reveal(), "Content-Type": "application/json"],
                    body: body.map { Array($0.utf8) }, addressPolicy: .allowingLoopback)
                return try await transport.send(request).body
            }
            let page = [QueryItem("pageinate", "true"), QueryItem("page_no", "1"), QueryItem("page_size", "1")]
            for resource in [
                "Tickets", "Client", "Users", "ClientContract", "RecurringInvoice", "TicketType", "Status", "Priority", "Agent",
            ] {
                samples.append(try reduced(try await body(.get, "/api/\(resource)", page)))
            }
            samples.append(try reduced(try await body(.get, "/api/Actions", [QueryItem("ticket_id", "1000"), QueryItem("count", "2")])))
            samples.append(try reduced(try await body(.post, "/api/Tickets", [], #"[{"summary":"x","tickettype_id":1}]"#)))
            for shape in ["string", "exception", "modelstate", "older", "html"] {
                try await fixture.setFaults("error-shape:\(shape)")
                samples.append(try await body(.post, "/api/Tickets", [], #"[{"summary":"x","tickettype_id":1}]"#))
            }
        }
        samples.append(Array(#"{"error":"invalid_client","error_description":"The specified client credentials are invalid."}"#.utf8))
        try #require(samples.allSatisfy { !$0.isEmpty })
        return samples
    }

    /// A list with its first two rows, and those with the members that the connector reads.
    private static func reduced(_ body: [UInt8]) throws -> [UInt8] {
        func thin(_ value: JSONValue) -> JSONValue {
            switch value {
            case .object(let members):
                return JSONValue(present: members.filter { read.contains($0.name) }.map { ($0.name, thin($0.value)) })
            case .array(let elements): return .array(elements.prefix(2).map(thin))
            default: return value
            }
        }
        return thin(JSONValue(try JSONDocument(body).root)).encoded
    }

    private static let read: Set<String> = [
        "record_count", "tickets", "actions", "clients", "users", "contracts", "invoices", "id", "summary", "hasbeenclosed", "client_id",
        "client_name", "status_id", "agent_id", "dateoccurred", "last_update", "customfields", "name", "value", "ticket_id", "outcome",
        "who_agentid", "note_html", "datetime", "timetaken", "inactive", "emailaddress", "ref", "start_date", "total", "lines", "qty_order",
        "unit_price", "nextcreationdate", "default_sla", "cancreate", "sequence", "priorityid", "slaid", "isapiagent",
    ]

    static func connector(_ transport: ScriptedAnswers) throws -> HaloConnector {
        let context = ConnectorContext(
            transport: transport, addressPolicy: .allowingLoopback, time: .skippingWaits, tenants: TenantRateLimits(pace: nil))
        let input: SettingsInput = [
            "tenantURL": "http://127.0.0.1:9", "clientID": "id", "clientSecret": "a secret of this test", "ticketTypeID": "1",
        ]
        let settings = try #require(HaloConnector.descriptor.settings.validate(input, policy: .allowingLoopback).settings)
        return try HaloConnector(settings: settings, context: context)
    }
}

/// Gives its answers in order, and the last one again and again.
final class ScriptedAnswers: HTTPTransport {
    private let answers: Mutex<[TransportResponse]>

    init(_ answers: [TransportResponse]) { self.answers = Mutex(answers.reversed()) }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        try Task.checkCancellation()
        return answers.withLock { $0.count > 1 ? $0.removeLast() : $0.first ?? TransportResponse(status: 500) }
    }
}
