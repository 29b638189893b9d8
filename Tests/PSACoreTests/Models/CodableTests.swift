import Foundation
import Testing

@testable import PSACore

/// What a host stores and reads back is what it had.
@Suite struct CodableTests {
    private static let moment = Date(timeIntervalSince1970: 1_790_000_000)
    private static let row = NativeRecord(bytes: Array(#"{"id" : 7.0, "name":"\u00e9"}"#.utf8), fetchedAt: moment)

    private static func id<Entity>(_ text: String) throws -> RecordID<Entity> { try #require(RecordID(text)) }

    /// Encodes and decodes a value.
    private func copy<Value: Codable>(_ value: Value) throws -> Value {
        try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
    }

    private func expectTheSame<Value: Codable & Equatable>(_ value: Value, _ place: SourceLocation = #_sourceLocation) throws {
        #expect(try copy(value) == value, sourceLocation: place)
    }

    private static func ticket() throws -> Ticket {
        var ticket = Ticket(id: try id("in progress"), number: "7", summary: "Printer “A” on fire", phase: .waiting, native: row)
        ticket.details = "Two\nlines"
        ticket.company = Reference(try id("12:7"), label: "Miller & Sons")
        ticket.contact = Reference(try id("-1"))
        ticket.type = Reference(TicketType.ID(0))
        ticket.status = Reference(TicketStatus.ID(8), label: "New")
        ticket.priority = Reference(TicketPriority.ID(3))
        ticket.assignee = Reference(Agent.ID(5), label: "Ann")
        (ticket.createdAt, ticket.updatedAt, ticket.lastActivityAt) = (moment, moment + 1, moment + 2)
        (ticket.closedAt, ticket.dueAt) = (moment + 3, moment + 4)
        ticket.externalReference = "alert-1"
        ticket.mergedInto = Ticket.ID(9)
        ticket.isDeleted = true
        ticket.webAddress = "https://acme.example.com/tickets?id=7"
        ticket.customFields = [
            CustomField(id: "105", name: "CFrack", label: "Rack", value: ["a": [1, .double(2.5), nil, true]], display: "A")
        ]
        ticket.differences = [TicketDifference(.status, requested: "1", stored: "8", storedLabel: "New")]
        return ticket
    }

    @Test func everyModelIsReadBackAsItWas() throws {
        let site: Reference<Site> = Reference(try Self.id("3"), label: "Main")
        try expectTheSame(
            Company(
                id: Company.ID(1), name: "A", isActive: true, mainSite: site, phone: "1", website: "https://a.example", native: Self.row))
        try expectTheSame(Company(id: Company.ID(1), name: "A", native: Self.row))
        try expectTheSame(
            Contact(
                id: Contact.ID(1), name: "A", emails: ["a@example.com"], phones: ["1"], company: Reference(Company.ID(1)), site: site,
                isActive: false, native: Self.row))
        try expectTheSame(Agent(id: Agent.ID(1), name: "A", email: "a@example.com", isActive: true, isPerson: false, native: Self.row))
        try expectTheSame(try Self.ticket())
        try expectTheSame(Ticket(id: Ticket.ID(1), number: "1", summary: "", native: Self.row))
        try expectTheSame(
            Agreement(
                id: Agreement.ID(1), name: "A", company: Reference(Company.ID(1)), kind: "K", statusLabel: "S", isActive: true,
                startsAt: Self.moment, endsAt: Self.moment + 1, native: Self.row))
        try expectTheSame(
            RecurringInvoice(
                id: RecurringInvoice.ID(-4), company: Reference(Company.ID(1)), agreement: Reference(Agreement.ID(2)), reference: "R",
                isActive: true, total: 12.5, nextInvoiceAt: Self.moment,
                lines: [.init(id: "1", itemID: "2", description: "D", quantity: 0.1, unitPrice: 3, netAmount: 4)], native: Self.row))
        try expectTheSame(
            Attachment(
                id: Attachment.ID(1), name: "a.png", mediaType: "image/png", byteCount: 7, createdAt: Self.moment,
                note: try Self.id("7/1"), isVisibleToContact: false, native: Self.row))
        try expectTheSame(TicketType(id: TicketType.ID(1), name: "T", canCreate: true, defaultServiceLevel: "5", native: Self.row))
        try expectTheSame(TicketStatus(id: TicketStatus.ID(1), name: "S", phase: .closed, order: 2, native: Self.row))
        try expectTheSame(
            TicketPriority(id: TicketPriority.ID(1), name: "P", scope: .tenant, order: 2, isHidden: true, native: Self.row))
    }

    @Test(
        arguments: [
            .tenant, .ticketType(TicketType.ID(3)), .serviceLevel("5"), .container("board 7"),
        ] as [PicklistScope])
    func aScopeIsReadBackAsItWas(scope: PicklistScope) throws { try expectTheSame([scope]) }

    @Test(arguments: [.staffOnly, .contact, .unknown("portal"), .unknown("")] as [TicketNote.Visibility])
    func aVisibilityIsReadBackAsItWas(visibility: TicketNote.Visibility) throws { try expectTheSame([visibility]) }

    @Test func aVisibilityOfALaterVersionIsUnknown() throws {
        #expect(
            try JSONDecoder().decode(TicketNote.Visibility.self, from: Data(#"{"name":"partners"}"#.utf8)) == .unknown("partners"))
    }

    @Test(
        arguments: [
            .agent(Reference(Agent.ID(5), label: "Ann")), .agent(Reference(Agent.ID(5))), .contact(name: "Bob"), .system(name: "Rule"),
            .unknown(name: nil), .unknown(name: "?"),
        ] as [TicketNote.Author])
    func aNoteIsReadBackAsItWas(author: TicketNote.Author) throws {
        try expectTheSame(
            TicketNote(
                id: try Self.id("7/1"), ticket: Ticket.ID(7), kind: "Email", author: author, text: "T", html: "<p>T", visibility: .contact,
                createdAt: Self.moment, timeSpent: .seconds(90), native: Self.row))
    }

    @Test(
        arguments: [
            .text("a\nb"), .number(0.1), .number(7), .checkbox(true), .dateTime(Date(timeIntervalSince1970: 1_790_000_000)),
        ] as [TicketFieldValue])
    func aFieldValueIsReadBackAsItWas(value: TicketFieldValue) throws { try expectTheSame([value]) }

    @Test func draftsAndFieldsAreReadBackAsTheyWere() throws {
        let choice = TicketField.Choice(try Self.id("Hardware>Printer"), label: "Printer")
        let day = try #require(CalendarDate("2026-02-28"))
        let time = try #require(TimeOfDay("14:30"))
        let file = try AttachmentFile(name: "a.txt", bytes: Array("hello".utf8))
        let upload = UploadedAttachment(id: try Self.id("9"), name: "b.txt", mediaType: "text/plain", byteCount: 5)
        let fields: [TicketField.ID: TicketFieldValue] = [
            try Self.id("cf:105"): .date(day), try Self.id("cf:106"): .time(time), try Self.id("category_1"): .choice(choice.id),
            try Self.id("cf:107"): .choices([choice.id]),
        ]
        try expectTheSame(
            TicketDraft(
                summary: "S", details: "D", company: Company.ID(1), contact: Contact.ID(2), type: TicketType.ID(3),
                status: TicketStatus.ID(4), priority: TicketPriority.ID(5), externalReference: "r", fields: fields,
                attachments: [.file(file), .uploaded(upload)]))
        try expectTheSame(NoteDraft("N", fields: fields, attachments: [.file(file)]))
        try expectTheSame(StatusChange(to: TicketStatus.ID(9), note: "N", fields: fields))
        for choices in [.none, .searched, .listed([choice]), .listed([])] as [TicketField.Choices] {
            try expectTheSame(
                TicketField(
                    try Self.id("cf:1"), label: "L", kind: .choice, requirement: .required, choices: choices,
                    defaultValue: .choice(choice.id), conditions: [.init(.type, isOneOf: ["1", "2"])], maxLength: 5, maxSelections: 1,
                    minAttachments: 2, mustBeChecked: true, dependsOn: [.type]))
        }
        let text = String(decoding: try JSONEncoder().encode(fields), as: UTF8.self)
        #expect(text.contains(#""cf:105":{"date":"2026-02-28"}"#), "ids are the names of members, not a list of pairs")
    }

    /// The members of records are those that `json` writes, so that a program reads one form; `native` comes on top.
    @Test func theMembersAreThoseOfTheJSONForm() throws {
        let ticket = try Self.ticket()
        let company = Company(id: Company.ID(1), name: "A", isActive: true, phone: "1", native: Self.row)
        let invoice = RecurringInvoice(id: RecurringInvoice.ID(1), isActive: true, native: Self.row)
        let pairs: [(any Encodable, JSONValue)] = [
            (ticket, ticket.json), (company, company.json), (invoice, invoice.json),
            (
                Contact(id: Contact.ID(1), name: "A", isActive: true, native: Self.row),
                Contact(id: Contact.ID(1), name: "A", isActive: true, native: Self.row).json
            ),
            (
                Agent(id: Agent.ID(1), name: "A", isActive: true, isPerson: true, native: Self.row),
                Agent(id: Agent.ID(1), name: "A", isActive: true, isPerson: true, native: Self.row).json
            ),
        ]
        for (record, json) in pairs {
            let written = try JSONDocument(Array(JSONEncoder().encode(record))).root
            guard case .object(let members) = json else {
                Issue.record("\(json) is no object")
                continue
            }
            for member in members { #expect(written.member(member.name) != nil, "\(type(of: record)) lacks \(member.name)") }
            #expect(Set(written.members.map(\.name)).subtracting(members.map(\.name)) == ["native"])
        }
    }

    @Test func aRowIsWrittenAsTheTextItCameAs() throws {
        let copy = try copy(Self.row)
        #expect(copy == Self.row && copy.bytes == Self.row.bytes)
        try expectTheSame(NativeRecord(bytes: [0x22, 0xFF, 0x22], fetchedAt: Self.moment))
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(NativeRecord.self, from: Data(#"{"fetchedAt":0}"#.utf8)) }
    }

    @Test(
        arguments: [
            nil, true, false, 0, -7, "a\"b", [], [1, [nil]], [:], ["b": ["a": [.double(1.5), "x"]], "a": nil],
        ] as [JSONValue])
    func aJSONValueIsReadBackWithItsMembersByName(value: JSONValue) throws {
        let read = try copy([value])
        let sorted: JSONValue =
            value == ["b": ["a": [.double(1.5), "x"]], "a": nil] ? ["a": nil, "b": ["a": [.double(1.5), "x"]]] : value
        #expect(read == [sorted])
    }

    @Test func aJSONValueTakesTextWithValuesInIt() {
        let number = 7
        let value: JSONValue = ["address": "/tickets/\(number)"]
        #expect(value["address"]?.string == "/tickets/7")
    }

    @Test(arguments: [#""""#, #"" 1""#, "1"]) func aTextThatIsNoIDIsRefused(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Ticket.ID].self, from: Data("[\(text)]".utf8)) }
    }

    @Test(arguments: [
        #"{"name":"../a","mediaType":"text/plain","bytes":"aGk="}"#, #"{"name":"a.txt","mediaType":"text/plain","bytes":""}"#,
        #"{"name":"a.png","mediaType":"image/png","bytes":"aGk="}"#,
    ])
    func aFileIsCheckedAgainWhenItIsReadBack(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(AttachmentFile.self, from: Data(text.utf8)) }
    }

    @Test func namesThatDoNotHaveTheirFormAreRefused() {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([ConnectorID].self, from: Data(#"["Halo PSA"]"#.utf8)) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([CorrelationID].self, from: Data(#"["0"]"#.utf8)) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([CalendarDate].self, from: Data(#"["2026-02-30"]"#.utf8)) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([TimeOfDay].self, from: Data(#"["24:00"]"#.utf8)) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([PicklistScope].self, from: Data(#"[{"kind":"ticketType"}]"#.utf8)) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([TicketFieldValue].self, from: Data(#"[{"money":1}]"#.utf8)) }
    }
}
