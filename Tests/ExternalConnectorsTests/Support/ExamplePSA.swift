import Foundation
import PSACore
import PSATesting
import Synchronization
import TestSupport
import WebServer

/// The PSA that the example connector is written for, on loopback.
final class ExamplePSA: Sendable {
    private struct State {
        var tickets: [JSONValue] = []
        var notes: [JSONValue] = []
        var files: [StoredFile] = []
        var requests: [String] = []
        var failsAfterWriting = false
    }

    private struct StoredFile {
        var ticket: String
        var row: JSONValue
        var data: JSONValue
    }

    /// The server's handler keeps it apart from the server itself.
    private final class Shelf: Sendable {
        let state = Mutex(State())
    }

    static let key = "example-key-0123456789"

    private let shelf: Shelf
    private let server: WebServer

    /// Starts it with as many companies and tickets as are asked for; every third ticket is closed, and the companies take turns.
    init(companies: Int = 3, tickets: Int = 0) throws {
        let shelf = Shelf()
        shelf.state.withLock { state in
            for number in 0..<tickets {
                _ = Self.store(
                    [
                        "subject": .string("Ticket \(number)"), "closed": .bool(number % 3 == 2),
                        "company_id": .string(String(number % companies)),
                    ], &state)
            }
        }
        self.shelf = shelf
        server = try WebServer.start(.test) { request in
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
        case ("POST", 2, "tickets"): return create(request, companies, &state)
        case ("GET", 3, "tickets"):
            guard let row = state.tickets.first(where: { $0["id"]?.string == request.segments[2] }) else {
                return json(404, ["error": "no such ticket"])
            }
            return json(200, row)
        case ("GET", 4, "tickets") where request.segments[3] == "files":
            return json(200, ["files": .array(state.files.filter { $0.ticket == request.segments[2] }.map(\.row))])
        case ("GET", 5, "tickets"):
            let file = state.files.first { $0.ticket == request.segments[2] && $0.row["id"]?.string == request.segments[4] }
            return file.map { json(200, ["data": $0.data]) } ?? json(404, ["error": "no such file"])
        case ("GET", 4, "tickets"):
            return page("notes", state.notes.filter { $0["ticket_id"]?.string == request.segments[2] }, request)
        case ("POST", 4, "tickets"): return addNote(request, &state)
        default: return json(404, ["error": "no such address"])
        }
    }

    private static func create(_ request: WebRequest, _ companies: Int, _ state: inout State) -> WebResponse {
        guard let draft = try? JSONDocument(request.body).root, let subject = draft["subject"]?.string, subject.count <= 200 else {
            return json(400, ["error": "subject: at most 200 characters"])
        }
        if draft["type"]?.string == "repair", draft["fields"]?["device"] == nil { return json(400, ["error": "device: missing"]) }
        if let company = draft["company_id"], !(0..<companies).contains(company.integer ?? company.string.flatMap { Int($0) } ?? -1) {
            return json(422, ["error": "company_id: no such company"])
        }
        let row = store(JSONValue(draft), &state)
        keep(draft["files"], of: row["id"]?.string ?? "", &state)
        return state.failsAfterWriting ? json(500, ["error": "out of order"]) : json(201, row)
    }

    /// Keeps a ticket, changed an hour after the one before.
    private static func store(_ draft: JSONValue, _ state: inout State) -> JSONValue {
        let number = state.tickets.count + 1
        let moment = Date(timeIntervalSince1970: 1_800_000_000 + Double(number) * 3_600).formatted(.iso8601)
        let row: JSONValue = [
            "id": .string("T-\(number)"), "number": .string("2026-\(number)"), "subject": draft["subject"] ?? .null,
            "text": draft["text"] ?? .null, "company_id": draft["company_id"] ?? .null, "closed": draft["closed"] ?? false,
            "created": .string(moment),
            "changed": .string(moment), "reference": draft["reference"] ?? .null, "queue": draft["queue"] ?? .null,
            "type": draft["type"] ?? .null, "fields": draft["fields"] ?? .null,
        ]
        state.tickets.append(row)
        return row
    }

    /// Keeps files of a ticket, or of a note that only staff can read.
    private static func keep(_ files: JSONView?, of ticket: String, note: String? = nil, isPrivate: Bool = false, _ state: inout State) {
        for file in files?.elements ?? [] {
            let data = file["data"].map { JSONValue($0) } ?? .null
            let size = data.string.flatMap { Data(base64Encoded: $0) }?.count ?? 0
            let row = JSONValue(present: [
                ("id", .string("F-\(state.files.count + 1)")), ("name", file["name"].map { JSONValue($0) }),
                ("type", file["type"].map { JSONValue($0) }), ("size", .integer(size)), ("note", note.map(JSONValue.string)),
                ("private", .bool(isPrivate)),
            ])
            state.files.append(StoredFile(ticket: ticket, row: row, data: data))
        }
    }

    private static func addNote(_ request: WebRequest, _ state: inout State) -> WebResponse {
        let note = try? JSONDocument(request.body).root
        let row: JSONValue = [
            "id": .string("N-\(state.notes.count + 1)"), "ticket_id": .string(request.segments[2]), "author_id": "1", "author": "Vectis",
            "text": .string(note?["text"]?.string ?? ""), "private": .bool(note?["private"]?.bool ?? false),
            "created": "2026-11-01T08:00:00Z",
        ]
        state.notes.append(row)
        keep(
            note?["files"], of: request.segments[2], note: row["id"]?.string, isPrivate: note?["private"]?.bool ?? false, &state)
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
