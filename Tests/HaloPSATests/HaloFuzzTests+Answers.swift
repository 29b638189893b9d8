import Foundation
import HaloSimulator
import PSACore
import PSACurl
import PSATesting
import Synchronization
import Testing

@testable import HaloPSA

extension HaloFuzzTests {
    /// How deep the inputs got.
    struct Reached {
        var rows = 0
        var records = 0
        var tokens = 0
        var messages = 0
    }

    static let goodToken = HTTPResponse(status: 200, body: Array(FaultPeer.tokenBody.utf8))

    /// Everything that reads a body for its rows.
    static func map(_ body: [UInt8], _ round: Int, _ client: HaloClient, _ reached: inout Reached) {
        guard let root = try? JSONDocument(body).root else { return }
        let resource = HaloResource.allCases[round % HaloResource.allCases.count]
        _ = HaloSavedRecord.find(in: root)
        _ = JSONValue(root)
        guard let list = HaloList(root, key: resource.listKey) else { return }
        if let position = try? HaloPagePosition(nil, of: resource, client: client) {
            _ = position.following(rows: list.rows.count, total: list.recordCount, of: resource)
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
    static func response(_ samples: [[UInt8]], _ random: inout SeededGenerator) -> HTTPResponse {
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
        var headers: HTTPHeaders = [:]
        if Bool.random(using: &random) {
            headers["Retry-After"] = String(
                decoding: FuzzedBytes.mutation(of: Array("Sun, 06 Nov 2033 08:49:37 GMT".utf8), &random), as: UTF8.self)
            headers["WWW-Authenticate"] = String(
                decoding: FuzzedBytes.mutation(of: Array(#"Bearer error="invalid_token""#.utf8), &random), as: UTF8.self)
        }
        return HTTPResponse(status: statuses[Int.random(in: 0..<statuses.count, using: &random)], headers: headers, body: body)
    }

    /// Answers of the stand-in, over a socket: a page of tickets, a list of actions, records, a token, and every shape of a refusal; rows are
    /// reduced to what the connector reads, so that a round is short.
    static func samples() async throws -> [[UInt8]] {
        var samples: [[UInt8]] = []
        try await HaloFixture.run { bed in
            let origin = try ServiceURL(typed: bed.address, policy: .allowingLoopback)
            let transport = CurlTransport()
            let grant = ClientCredentialsGrant(
                clientID: HaloSimulator.Configuration.demoClientID, clientSecret: Secret(HaloSimulator.Configuration.demoClientSecret),
                scope: "read:tickets edit:tickets read:customers read:contracts read:invoices")
            let issued = try await transport.send(grant.request(at: origin, route: "/auth/token", policy: .allowingLoopback))
            let token = try #require(ClientCredentialsGrant.token(in: issued, receivedAt: TimeSource.system.instant()))
            samples.append(Array(String(decoding: issued.body, as: UTF8.self).replacing(/eyJ[^"]*/, with: "eyJ").utf8))
            func body(_ method: HTTPMethod, _ route: String, _ query: [QueryItem] = [], _ body: String? = nil) async throws -> [UInt8] {
                let request = HTTPRequest(
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
                try await bed.setFaults("error-shape:\(shape)")
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
            transport: transport, addressPolicy: .allowingLoopback, time: .impatient, tenants: TenantRateLimits(pace: nil))
        let input: SettingsInput = [
            "tenantURL": "http://127.0.0.1:9", "clientID": "id", "clientSecret": "a secret of this test", "ticketTypeID": "1",
        ]
        let settings = try #require(HaloConnector.descriptor.settings.validate(input, policy: .allowingLoopback).settings)
        return try HaloConnector(settings: settings, context: context)
    }
}

/// Gives its answers in order, and the last one again and again.
final class ScriptedAnswers: HTTPTransport {
    private let answers: Mutex<[HTTPResponse]>

    init(_ answers: [HTTPResponse]) { self.answers = Mutex(answers.reversed()) }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try Task.checkCancellation()
        return answers.withLock { $0.count > 1 ? $0.removeLast() : $0.first ?? HTTPResponse(status: 500) }
    }
}
