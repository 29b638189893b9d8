import Foundation
import PSACore
import PSATesting
import Synchronization
import WebServer

/// The PSA that the example connector is written for, on loopback.
final class ExamplePSA: Sendable {
    private struct State {
        var tickets: [JSONValue] = []
        var notes: [JSONValue] = []
        var requests: [String] = []
        var failsAfterWriting = false
    }

    /// The server's handler keeps it apart from the server itself.
    private final class Shelf: Sendable {
        let state = Mutex(State())
    }

    static let key = "example-key-0123456789"

    private let shelf: Shelf
    private let server: WebServer

    /// Starts it with as many companies and tickets as are asked for.
    init(companies: Int = 3, tickets: Int = 0) throws {
        let shelf = Shelf()
        shelf.state.withLock { state in
            for number in 0..<tickets { _ = Self.store(["subject": .string("Ticket \(number)")], &state) }
        }
        self.shelf = shelf
        server = try WebServer.start(.init()) { request in
            shelf.state.withLock { Self.answer(request, companies, &$0) }
        }
    }

    var address: String { "http://127.0.0.1:\(server.port)" }
    var authority: String { "127.0.0.1:\(server.port)" }
    /// Method and path of each request.
    var requests: [String] { shelf.state.withLock { $0.requests } }
    var ticketCount: Int { shelf.state.withLock { $0.tickets.count } }

    /// From now on a ticket is kept, and the answer is a failure.
    func failAfterWriting() { shelf.state.withLock { $0.failsAfterWriting = true } }

    func stop() async { await server.stop() }

    private static func answer(_ request: WebRequest, _ companies: Int, _ state: inout State) -> WebResponse {
        state.requests.append("\(request.method) \(request.path)")
        guard request.headers["Authorization"] == "Bearer " + key else { return json(401, ["error": "unknown key"]) }
        switch (request.method, request.segments.count, request.segments.dropFirst().first) {
        case ("GET", 2, "me"): return json(200, ["name": "Vectis"])
        case ("GET", 2, "companies"):
            let rows = (0..<companies).map { number -> JSONValue in
                ["id": .integer(number), "name": .string("Company \(number)"), "active": true, "colour": "blue"]
            }
            return page("companies", rows, request)
        case ("GET", 2, "tickets"):
            let reference = request.queryValue("reference"), since = request.queryValue("since")
            return page(
                "tickets",
                state.tickets.filter { row in
                    (reference == nil || row["reference"]?.string == reference) && (row["changed"]?.string ?? "") >= (since ?? "")
                }, request)
        case ("POST", 2, "tickets"): return create(request, &state)
        case ("GET", 3, "tickets"):
            guard let row = state.tickets.first(where: { $0["id"]?.string == request.segments[2] }) else {
                return json(404, ["error": "no such ticket"])
            }
            return json(200, row)
        case ("GET", 4, "tickets"):
            return page("notes", state.notes.filter { $0["ticket_id"]?.string == request.segments[2] }, request)
        case ("POST", 4, "tickets"): return addNote(request, &state)
        default: return json(404, ["error": "no such address"])
        }
    }

    private static func create(_ request: WebRequest, _ state: inout State) -> WebResponse {
        guard let draft = try? JSONDocument(request.body).root, let subject = draft["subject"]?.string, subject.count <= 200 else {
            return json(400, ["error": "subject: at most 200 characters"])
        }
        let row = store(JSONValue(draft), &state)
        return state.failsAfterWriting ? json(500, ["error": "out of order"]) : json(201, row)
    }

    /// Keeps a ticket, changed an hour after the one before.
    private static func store(_ draft: JSONValue, _ state: inout State) -> JSONValue {
        let number = state.tickets.count + 1
        let moment = Date(timeIntervalSince1970: 1_800_000_000 + Double(number) * 3_600).formatted(.iso8601)
        let row: JSONValue = [
            "id": .string("T-\(number)"), "number": .string("2026-\(number)"), "subject": draft["subject"] ?? .null,
            "text": draft["text"] ?? .null, "company_id": draft["company_id"] ?? .null, "closed": false, "created": .string(moment),
            "changed": .string(moment), "reference": draft["reference"] ?? .null, "queue": draft["queue"] ?? .null,
        ]
        state.tickets.append(row)
        return row
    }

    private static func addNote(_ request: WebRequest, _ state: inout State) -> WebResponse {
        let note = try? JSONDocument(request.body).root
        let row: JSONValue = [
            "id": .string("N-\(state.notes.count + 1)"), "ticket_id": .string(request.segments[2]), "author_id": "1", "author": "Vectis",
            "text": .string(note?["text"]?.string ?? ""), "private": .bool(note?["private"]?.bool ?? false),
            "created": "2026-11-01T08:00:00Z",
        ]
        state.notes.append(row)
        return json(201, row)
    }

    private static func page(_ name: String, _ rows: [JSONValue], _ request: WebRequest) -> WebResponse {
        let (number, size) = (Int(request.queryValue("page") ?? "") ?? 1, Int(request.queryValue("size") ?? "") ?? 50)
        let shown = rows.dropFirst((number - 1) * size).prefix(size)
        return json(200, .init(present: [(name, .array(Array(shown))), ("more", .bool(rows.count > number * size))]))
    }

    private static func json(_ status: Int, _ value: JSONValue) -> WebResponse {
        WebResponse(status: status, headers: ["Content-Type": "application/json"], body: .bytes(value.encoded))
    }
}
