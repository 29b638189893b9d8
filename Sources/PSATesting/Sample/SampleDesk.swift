import FoundationEssentials
import PSACore

/// What the sample vendor remembers.
struct FakePSA: Sendable {
    struct StoredTicket: Sendable {
        var id: Int
        var subject: String
        var text: String
        var company: Int?
        var type: Int
        var status: Int
        var priority: Int
        var reference: String?
        var changed: Date
        var notes: [JSONValue] = []

        var row: JSONValue {
            .init(present: [
                ("id", .integer(id)), ("subject", .string(subject)), ("text", .string(text)), ("company", company.map(JSONValue.integer)),
                ("type", .integer(type)), ("status", .integer(status)), ("priority", .integer(priority)),
                ("reference", reference.map(JSONValue.string)), ("changed", .string(changed.formatted(.iso8601))),
            ])
        }
    }

    static let types: [JSONValue] = [["id": 1, "name": "Incident"], ["id": 2, "name": "Request"]]
    static let statuses: [JSONValue] = [
        ["id": 1, "name": "New", "closed": false], ["id": 2, "name": "In progress", "closed": false],
        ["id": 3, "name": "Done", "closed": true],
    ]
    static let priorities: [JSONValue] = [["id": 1, "name": "High"], ["id": 2, "name": "Normal"]]
    private static let opening = Date(timeIntervalSince1970: 1_700_000_000)

    private(set) var companies: [JSONValue]
    private(set) var tickets: [StoredTicket]
    private var tokens: Set<String> = []
    private var noteCount = 0

    init(companies: Int, tickets: Int) {
        self.companies = (0..<companies).map {
            ["id": .integer($0 + 1), "name": .string("Company \($0 + 1)"), "active": .bool($0 % 7 != 0)]
        }
        self.tickets = (0..<tickets).map { number in
            StoredTicket(
                id: 1_000 + number, subject: "Ticket \(number)", text: "It does not work.",
                company: companies > 0 ? number % companies + 1 : nil,
                type: 1, status: 1, priority: 2, changed: Self.opening.addingTimeInterval(Double(number) * 3_600))
        }
    }

    mutating func issueToken() -> String {
        let token = "sample-token-\(tokens.count + 1)-\(UInt64.random(in: 0...UInt64.max))"
        tokens.insert(token)
        return token
    }

    func accepts(_ authorization: String?) -> Bool { authorization.map { tokens.contains(String($0.dropFirst("Bearer ".count))) } ?? false }

    func tickets(matching query: [QueryItem]) -> [StoredTicket] {
        var found = tickets
        for item in query {
            switch item.name {
            case "reference": found = found.filter { $0.reference == item.value }
            case "since": found = found.filter { $0.changed.formatted(.iso8601) >= item.value }
            default: continue
            }
        }
        return found
    }

    mutating func create(_ body: JSONValue) -> HTTPResponse {
        guard let subject = body["subject"]?.string, !subject.isEmpty else { return .refusal(422, "The subject is missing.") }
        guard let type = Self.choice(body["type"] ?? 1, of: Self.types) else { return .refusal(422, "There is no such type.") }
        guard let status = Self.choice(body["status"] ?? 1, of: Self.statuses) else { return .refusal(422, "There is no such status.") }
        let ticket = StoredTicket(
            id: 1_000 + tickets.count, subject: subject, text: body["text"]?.string ?? "", company: Self.number(body["company"]),
            type: type,
            status: status, priority: Self.number(body["priority"]) ?? 2, reference: body["reference"]?.string,
            changed: Self.opening.addingTimeInterval(Double(tickets.count) * 3_600))
        tickets.append(ticket)
        return .json(201, ticket.row)
    }

    mutating func change(_ index: Int, _ body: JSONValue) -> HTTPResponse {
        guard let status = Self.choice(body["status"] ?? .null, of: Self.statuses) else { return .refusal(422, "There is no such status.") }
        tickets[index].status = status
        return .json(200, tickets[index].row)
    }

    mutating func addNote(to index: Int, _ body: JSONValue) -> HTTPResponse {
        noteCount += 1
        let note: JSONValue = [
            "id": .integer(noteCount), "text": body["text"] ?? "", "public": body["public"] ?? false, "by": "Vectis",
        ]
        tickets[index].notes.append(note)
        return .json(201, note)
    }

    private static func choice(_ value: JSONValue, of list: [JSONValue]) -> Int? {
        number(value).flatMap { id in list.contains { $0["id"] == .integer(id) } ? id : nil }
    }

    private static func number(_ value: JSONValue?) -> Int? {
        if case .integer(let number) = value { number } else { nil }
    }
}
