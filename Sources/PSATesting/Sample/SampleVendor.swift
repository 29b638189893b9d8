#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore
import Synchronization

/// A small PSA in memory, to practise on: an access token, four paged lists, picklists, tickets with notes, fields and files.
///
/// It answers as a transport, so that a connector can be written and examined without a server. Its API is described in
/// `Docs/WritingAConnector.md`, and it behaves: what goes wrong is put in front of it with ``FaultyTransport``.
public final class SampleVendor: HTTPTransport {
    /// The address at which its tenant lives; no name server knows it.
    public static let address = "https://acme.example.com"
    /// The client id that it accepts.
    public static let clientID = "sample-client"
    /// The client secret that it accepts.
    public static let clientSecret = "sample-secret-5f0c91"
    /// How many rows a page has.
    public static let pageSize = 50
    /// How many notes of a ticket a page has.
    public static let notePageSize = 10
    /// The ticket type whose tickets need further fields: a request.
    public static let typeWithFields = TicketType.ID(2)

    private let desk: Mutex<FakePSA>
    private let forbidden: Set<String>

    /// Opens a desk with some companies, contacts and tickets, of which every tenth is closed.
    ///
    /// - Parameters:
    ///   - companies: How many companies it has.
    ///   - contacts: How many contacts it has, each of one of the companies.
    ///   - tickets: How many tickets it has.
    ///   - forbidden: The resources that the client may not use, such as `contacts`; they are answered with 403.
    ///   - now: The time at which a ticket is created or changed.
    public init(
        companies: Int = 120, contacts: Int = 70, tickets: Int = 130, forbidding forbidden: Set<String> = [],
        now: @escaping @Sendable () -> Date = { TimeSource.system.now() }
    ) {
        desk = Mutex(FakePSA(companies: companies, contacts: contacts, tickets: tickets, now: now))
        self.forbidden = forbidden
    }

    /// How many tickets it has.
    public var ticketCount: Int { desk.withLock { $0.tickets.count } }

    /// How many files were uploaded that no ticket refers to.
    public var uploadCount: Int { desk.withLock { $0.uploads.count } }

    /// Answers a request as the server would.
    ///
    /// - Throws: `CancellationError` if the task is cancelled; the server itself always answers.
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        try Task.checkCancellation()
        return desk.withLock { desk in
            if request.path == "/oauth/token" { return Self.token(request, &desk) }
            guard desk.accepts(request.headers["Authorization"]) else { return .refusal(401, "The token is not valid.") }
            guard forbidden.isDisjoint(with: request.path.split(separator: "/").map(String.init)) else {
                return .refusal(403, "The client may not do this.")
            }
            return Self.answer(request, &desk)
        }
    }

    private static func token(_ request: TransportRequest, _ desk: inout FakePSA) -> TransportResponse {
        let form = String(decoding: request.body ?? [], as: UTF8.self).split(separator: "&").map(String.init)
        let wanted = ["client_id": clientID, "client_secret": clientSecret].map { "\($0)=\(PercentEncoding.component($1))" }
        guard request.method == .post, wanted.allSatisfy(form.contains) else {
            return .json(401, ["error": "invalid_client", "error_description": "No such client, or its secret is another one."])
        }
        return .json(200, ["access_token": .string(desk.issueToken()), "expires_in": 3_600])
    }

    private static func answer(_ request: TransportRequest, _ desk: inout FakePSA) -> TransportResponse {
        let parts = request.path.split(separator: "/").map(String.init)
        let body = (try? JSONDocument(request.body ?? [])).map { JSONValue($0.root) } ?? .null
        switch (request.method, parts.count, parts.dropFirst().first ?? "") {
        case (.get, 2, "companies"): return page(desk.companies, request)
        case (.get, 2, "agents"): return page(FakePSA.agents, request)
        case (.get, 2, "contacts"): return page(desk.contacts(matching: request.query), request)
        case (.get, 2, "tickets"): return page(desk.tickets(matching: request.query), request) { $0.row }
        case (.get, 2, "types"): return .json(200, .array(FakePSA.types))
        case (.get, 4, "types"): return FakePSA.fields(ofType: parts[2])
        case (.get, 2, "statuses"): return .json(200, .array(FakePSA.statuses))
        case (.get, 2, "priorities"): return .json(200, .array(FakePSA.priorities))
        case (.post, 2, "tickets"): return desk.create(body)
        case (.post, 2, "uploads"): return desk.upload(body)
        case (.delete, 3, "uploads"): return desk.discard(parts[2])
        case (_, 3..., "tickets"):
            guard let id = Int(parts[2]), let index = desk.tickets.firstIndex(where: { $0.id == id }) else {
                return .refusal(404, "No such ticket.")
            }
            if request.method == .get, parts.dropFirst(3) == ["notes"] {
                return page(desk.tickets[index].notes, request, size: notePageSize)
            }
            return answer(request.method, about: index, Array(parts.dropFirst(3)), body, &desk)
        default: return .refusal(404, "No such resource.")
        }
    }

    private static func answer(
        _ method: TransportMethod, about index: Int, _ part: [String], _ body: JSONValue, _ desk: inout FakePSA
    ) -> TransportResponse {
        let ticket = desk.tickets[index]
        switch (method, part.count, part.first) {
        case (.get, 0, _): return .json(200, ticket.row)
        case (.patch, 0, _): return desk.change(index, body)
        case (.post, 1, "notes"): return desk.addNote(to: index, body)
        case (.get, 1, "files"): return .json(200, ["total": .integer(ticket.files.count), "rows": .array(ticket.files.map(\.row))])
        case (.get, 2, "files"):
            guard let file = ticket.files.first(where: { String($0.id) == part[1] }) else { return .refusal(404, "No such file.") }
            return TransportResponse(status: 200, headers: ["Content-Type": file.type], body: file.bytes)
        default: return .refusal(405, "Not here.")
        }
    }

    private static func page<Row>(
        _ rows: [Row], _ request: TransportRequest, size: Int = pageSize, json: (Row) -> JSONValue
    ) -> TransportResponse {
        let number = request.query.first { $0.name == "page" }.flatMap { Int($0.value) } ?? 1
        let shown = rows.dropFirst(max(0, number - 1) * size).prefix(size)
        return .json(200, ["total": .integer(rows.count), "rows": .array(shown.map(json))])
    }

    private static func page(_ rows: [JSONValue], _ request: TransportRequest, size: Int = pageSize) -> TransportResponse {
        page(rows, request, size: size) { $0 }
    }
}

extension TransportResponse {
    static func refusal(_ status: Int, _ message: String) -> TransportResponse { .json(status, ["message": .string(message)]) }
}

/// What the sample vendor remembers.
struct FakePSA: Sendable {
    struct StoredTicket: Sendable {
        var id: Int
        var subject: String
        var text: String
        var company: Int?
        var contact: Int?
        var type: Int
        var status: Int
        var priority: Int
        var reference: String?
        var created: Date
        var changed: Date
        var fields: [JSONValue] = []
        var notes: [JSONValue] = []
        var files: [StoredFile] = []

        var row: JSONValue {
            .init(present: [
                ("id", .integer(id)), ("subject", .string(subject)), ("text", .string(text)), ("company", company.map(JSONValue.integer)),
                ("contact", contact.map(JSONValue.integer)), ("type", .integer(type)), ("status", .integer(status)),
                ("priority", .integer(priority)),
                ("reference", reference.map(JSONValue.string)), ("created", .string(created.formatted(.iso8601))),
                ("changed", .string(changed.formatted(.iso8601))),
                ("fields", .array(fields)),
            ])
        }
    }

    struct StoredFile: Sendable {
        var id: Int
        var name: String
        var type: String
        var bytes: [UInt8]
        var note: Int?
        var isPublic = true

        var row: JSONValue {
            .init(present: [
                ("id", .integer(id)), ("name", .string(name)), ("type", .string(type)), ("size", .integer(bytes.count)),
                ("note", note.map(JSONValue.integer)), ("public", .bool(isPublic)),
            ])
        }
    }

    static let agents: [JSONValue] = [
        ["id": 9_001, "name": "Erika Muster", "mail": "erika@msp.example.com"],
        ["id": 9_002, "name": "Max Mayer", "mail": "max@msp.example.com"],
    ]
    static let types: [JSONValue] = [["id": 1, "name": "Incident"], ["id": 2, "name": "Request"]]
    static let statuses: [JSONValue] = [
        ["id": 1, "name": "New", "closed": false], ["id": 2, "name": "In progress", "closed": false],
        ["id": 3, "name": "Done", "closed": true],
    ]
    static let priorities: [JSONValue] = [["id": 1, "name": "High"], ["id": 2, "name": "Normal"]]
    /// The fields of requests; an incident has none.
    static let fields: [JSONValue] = [
        [
            "id": "device", "name": "Device", "kind": "list", "required": true,
            "values": [["id": "laptop", "name": "Laptop"], ["id": "phone", "name": "Phone"], ["id": "other", "name": "Other"]],
        ],
        ["id": "needed", "name": "Needed by", "kind": "date", "required": true],
        ["id": "model", "name": "Model", "kind": "text", "required": false, "max": 100],
        [
            "id": "areas", "name": "Areas", "kind": "lists", "required": false,
            "values": [["id": "office", "name": "Office"], ["id": "store", "name": "Store"]],
        ],
        ["id": "budget", "name": "Budget", "kind": "number", "required": false],
    ]
    private static let opening = Date(timeIntervalSince1970: 1_700_000_000)

    private(set) var companies: [JSONValue]
    private(set) var contacts: [JSONValue]
    private(set) var tickets: [StoredTicket]
    private var tokens: Set<String> = []
    private(set) var uploads: [Int: StoredFile] = [:]
    private var noteCount = 0
    private var fileCount = 0
    private let now: @Sendable () -> Date

    init(companies: Int, contacts: Int, tickets: Int, now: @escaping @Sendable () -> Date) {
        self.now = now
        self.companies = (0..<companies).map {
            ["id": .integer($0 + 1), "name": .string("Company \($0 + 1)"), "active": .bool($0 % 7 != 0)]
        }
        self.contacts = (0..<contacts).map { Self.contact($0, companies: companies) }
        self.tickets = (0..<tickets).map { Self.ticket($0, companies: companies, contacts: contacts) }
    }

    private static func ticket(_ number: Int, companies: Int, contacts: Int) -> StoredTicket {
        let company: Int? = companies > 0 ? number % companies + 1 : nil
        // The first contact of that company, if it has one.
        let contact: Int? = company.flatMap { $0 <= contacts ? $0 + 5_000 : nil }
        let status: Int = number % 10 == 9 ? 3 : 1
        let opened = opening.addingTimeInterval(Double(number) * 3_600)
        return StoredTicket(
            id: 1_000 + number, subject: "Ticket \(number)", text: "It does not work.", company: company, contact: contact, type: 1,
            status: status, priority: 2, created: opened, changed: opened)
    }

    private static func contact(_ number: Int, companies: Int) -> JSONValue {
        let company: JSONValue? = companies > 0 ? .integer(number % companies + 1) : nil
        return JSONValue(present: [
            ("id", .integer(number + 5_001)), ("name", .string("Contact \(number + 1)")),
            ("mail", .string("contact-\(number + 1)@example.com")), ("company", company),
        ])
    }

    mutating func issueToken() -> String {
        let token = "sample-token-\(tokens.count + 1)-\(UInt64.random(in: 0...UInt64.max))"
        tokens.insert(token)
        return token
    }

    func accepts(_ authorization: String?) -> Bool { authorization.map { tokens.contains(String($0.dropFirst("Bearer ".count))) } ?? false }

    func contacts(matching query: [QueryItem]) -> [JSONValue] {
        guard let mail = query.first(where: { $0.name == "mail" })?.value.lowercased() else { return contacts }
        return contacts.filter { $0["mail"]?.string?.lowercased() == mail }
    }

    func tickets(matching query: [QueryItem]) -> [StoredTicket] {
        var found = tickets
        for item in query {
            switch item.name {
            case "reference": found = found.filter { $0.reference == item.value }
            case "since": found = found.filter { $0.changed.formatted(.iso8601) >= item.value }
            case "company": found = found.filter { $0.company == Int(item.value) }
            case "order" where item.value == "newest": found.reverse()
            default: continue
            }
        }
        return found
    }

    mutating func create(_ body: JSONValue) -> TransportResponse {
        guard let subject = body["subject"]?.string, !subject.isEmpty else { return .refusal(422, "The subject is missing.") }
        guard let type = Self.choice(body["type"] ?? 1, of: Self.types) else { return .refusal(422, "There is no such type.") }
        guard let status = Self.choice(body["status"] ?? 1, of: Self.statuses) else { return .refusal(422, "There is no such status.") }
        guard let priority = Self.choice(body["priority"] ?? 2, of: Self.priorities) else {
            return .refusal(422, "There is no such priority.")
        }
        for (name, list) in [("company", companies), ("contact", contacts)] {
            guard let given = body[name] else { continue }
            guard Self.choice(given, of: list) != nil else { return .refusal(422, "There is no such \(name).") }
        }
        let fields: [JSONValue]
        switch Self.stored(body["fields"], ofType: type) {
        case .success(let stored): fields = stored
        case .failure(let refusal): return .refusal(422, refusal.message)
        }
        guard let files = take(body["files"], note: nil, isPublic: true) else { return .refusal(422, "There is no such upload.") }
        let moment = now()
        var ticket = StoredTicket(
            id: 1_000 + tickets.count, subject: subject, text: body["text"]?.string ?? "", company: Self.number(body["company"]),
            contact: Self.number(body["contact"]), type: type, status: status, priority: priority, reference: body["reference"]?.string,
            created: moment, changed: moment)
        ticket.fields = fields
        ticket.files = files
        tickets.append(ticket)
        return .json(201, ticket.row)
    }

    mutating func change(_ index: Int, _ body: JSONValue) -> TransportResponse {
        guard let status = Self.choice(body["status"] ?? .null, of: Self.statuses) else { return .refusal(422, "There is no such status.") }
        tickets[index].status = status
        tickets[index].changed = now()
        if let note = body["note"] { _ = keepNote(note, isPublic: false, of: index) }
        return .json(200, tickets[index].row)
    }

    mutating func addNote(to index: Int, _ body: JSONValue) -> TransportResponse {
        let isPublic = body["public"] == .bool(true)
        guard let files = take(body["files"], note: noteCount + 1, isPublic: isPublic) else {
            return .refusal(422, "There is no such upload.")
        }
        let note = keepNote(body["text"] ?? "", isPublic: isPublic, of: index)
        tickets[index].files += files
        return .json(201, note)
    }

    private mutating func keepNote(_ text: JSONValue, isPublic: Bool, of index: Int) -> JSONValue {
        noteCount += 1
        let note: JSONValue = [
            "id": .integer(noteCount), "text": text, "public": .bool(isPublic), "by": "Vectis", "at": .string(now().formatted(.iso8601)),
        ]
        tickets[index].notes.append(note)
        return note
    }

    private static func choice(_ value: JSONValue, of list: [JSONValue]) -> Int? {
        number(value).flatMap { id in list.contains { $0["id"] == .integer(id) } ? id : nil }
    }

    private static func number(_ value: JSONValue?) -> Int? {
        if case .integer(let number) = value { number } else { nil }
    }
}

extension FakePSA {
    /// Why a ticket is not taken.
    struct Refusal: Error {
        let message: String
    }

    /// `/types/{id}/fields`.
    static func fields(ofType text: String) -> TransportResponse {
        guard let id = Int(text), let type = choice(.integer(id), of: types) else { return .refusal(404, "There is no such type.") }
        return .json(200, .array(type == 2 ? fields : []))
    }

    /// The fields as they are stored, or the first one that is missing or wrong.
    static func stored(_ given: JSONValue?, ofType type: Int) -> Result<[JSONValue], Refusal> {
        var stored: [JSONValue] = []
        for field in type == 2 ? fields : [] {
            guard let id = field["id"]?.string, let name = field["name"]?.string else { continue }
            guard let value = given?[id], value != .null else {
                if field["required"] == .bool(true) { return .failure(Refusal(message: "The field \(name) is missing.")) }
                continue
            }
            guard let shown = shown(value, in: field) else { return .failure(Refusal(message: "The field \(name) has no such value.")) }
            stored.append(["id": .string(id), "name": .string(name), "value": value, "shown": .string(shown)])
        }
        return .success(stored)
    }

    private static func shown(_ value: JSONValue, in field: JSONValue) -> String? {
        guard case .array(let choices)? = field["values"] else { return value.string ?? value.encodedText }
        let ids: [JSONValue] = if case .array(let ids) = value { ids } else { [value] }
        let names = ids.map { id in choices.first { $0["id"] == id }?["name"]?.string }
        return names.contains(nil) ? nil : names.compactMap { $0 }.joined(separator: ", ")
    }

    /// Keeps a file until a ticket or a note refers to it.
    mutating func upload(_ body: JSONValue) -> TransportResponse {
        guard let name = body["name"]?.string, let type = body["type"]?.string, let data = body["data"]?.string,
            let bytes = Data(base64Encoded: data), !bytes.isEmpty
        else { return .refusal(422, "A file has a name, a type and data.") }
        fileCount += 1
        uploads[fileCount] = StoredFile(id: fileCount, name: name, type: type, bytes: Array(bytes))
        return .json(201, ["id": .integer(fileCount), "size": .integer(bytes.count)])
    }

    mutating func discard(_ id: String) -> TransportResponse {
        guard let id = Int(id), uploads.removeValue(forKey: id) != nil else { return .refusal(404, "No such upload.") }
        return TransportResponse(status: 204)
    }

    /// The uploads that a ticket or note refers to; nil if one is not there.
    private mutating func take(_ ids: JSONValue?, note: Int?, isPublic: Bool) -> [StoredFile]? {
        guard case .array(let elements)? = ids else { return [] }
        var files: [StoredFile] = []
        for id in elements.map({ Self.number($0) }) {
            guard let id, var file = uploads[id] else { return nil }
            file.note = note
            file.isPublic = isPublic
            files.append(file)
        }
        for file in files { uploads[file.id] = nil }
        return files
    }
}
