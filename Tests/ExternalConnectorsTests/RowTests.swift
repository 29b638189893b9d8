import FoundationEssentials
import PSACore
import Testing

@testable import ExternalConnectors

/// What a connector passes on arrives in the model.
@Suite
struct RowTests {
    private static let moment = Date(timeIntervalSince1970: 1_800_000_000)

    private func row(_ text: String) throws -> Row {
        Row(try WireObject(try JSONDocument(Array(text.utf8)).root), fetchedAt: Self.moment)
    }

    // A record encodes its source as JSON, so that both directions are tested together.

    @Test(arguments: [
        #"{"id":"1","name":"Acme","active":true,"mainSite":{"id":"2","name":"Main"},"phone":"1","website":"w"}"#,
        #"{"id":"1","name":"Acme"}"#,
    ])
    func aCompanyKeepsItsMembers(_ text: String) throws { #expect(try Company(row(text)).json.encodedText == text) }

    @Test(arguments: [
        #"{"id":"1","name":"Jane","emails":["a@b.c"],"phones":["1","2"],"company":{"id":"2"},"site":{"id":"3"},"active":false}"#
    ])
    func aContactKeepsItsMembers(_ text: String) throws { #expect(try Contact(row(text)).json.encodedText == text) }

    @Test(arguments: [#"{"id":"1","name":"Jim","email":"a@b.c","active":true,"person":false}"#])
    func anAgentKeepsItsMembers(_ text: String) throws { #expect(try Agent(row(text)).json.encodedText == text) }

    @Test(arguments: [
        #"{"id":"1","number":"18","summary":"Printer","phase":"unknown"}"#,
        #"""
        {"id":"1","number":"18","summary":"Printer","details":"on fire","company":{"id":"2","name":"Acme"},"contact":{"id":"3"},"type":{"id":"4"},"status":{"id":"5"},"phase":"waiting","priority":{"id":"6"},"assignee":{"id":"7"},"createdAt":"2026-11-01T08:00:00Z","updatedAt":"2026-11-02T08:00:00Z","closedAt":"2026-11-03T08:00:00Z","dueAt":"2026-11-04T08:00:00Z","externalReference":"r","webAddress":"w","customFields":[{"id":"1","name":"a","label":"A","value":[1,"x"],"display":"d"}]}
        """#,
    ])
    func aTicketKeepsItsMembers(_ text: String) throws { #expect(try Ticket(row(text)).json.encodedText == text) }

    @Test(arguments: [
        #"{"id":"1","ticket":"2","kind":"Note","author":{"kind":"agent","id":"3","name":"Jim"},"text":"t","html":"h","visibility":"staffOnly","createdAt":"2026-11-01T08:00:00Z","minutes":90}"#,
        #"{"id":"1","ticket":"2","author":{"kind":"contact","name":"Jane"},"text":"t","visibility":"contact"}"#,
        #"{"id":"1","ticket":"2","author":{"kind":"system","name":"Bot"},"text":"t","visibility":"unknown"}"#,
        #"{"id":"1","ticket":"2","author":{"kind":"unknown"},"text":"t","visibility":"unknown"}"#,
    ])
    func aNoteKeepsItsMembers(_ text: String) throws { #expect(try TicketNote(row(text)).json.encodedText == text) }

    @Test(arguments: ["1e300", "-1e300", "-1", "9223372036854775807"]) func aTimeSpentThatNoPersonSpentIsNotAsSpecified(_ minutes: String) {
        let text = #"{"id":"1","ticket":"2","author":{"kind":"unknown"},"text":"t","visibility":"unknown","minutes":\#(minutes)}"#
        let mismatch = #expect(throws: WireMismatch.self) { try TicketNote(row(text)) }
        #expect(mismatch?.path == "minutes")
    }

    @Test(arguments: [
        #"{"id":"1","name":"Gold","company":{"id":"2"},"kind":"k","status":"s","active":true,"startsAt":"2026-11-01T00:00:00Z","endsAt":"2027-11-01T00:00:00Z"}"#
    ])
    func anAgreementKeepsItsMembers(_ text: String) throws { #expect(try Agreement(row(text)).json.encodedText == text) }

    @Test(arguments: [
        #"{"id":"-1","company":{"id":"2"},"agreement":{"id":"3"},"reference":"r","active":true,"total":9.5,"nextInvoiceAt":"2026-11-01T00:00:00Z","lines":[{"id":"1","item":"2","description":"d","quantity":2.0,"unitPrice":1.5,"netAmount":3.0}]}"#,
        #"{"id":"1"}"#,
    ])
    func aRecurringInvoiceKeepsItsMembers(_ text: String) throws { #expect(try RecurringInvoice(row(text)).json.encodedText == text) }

    @Test func validChoicesAreKept() throws {
        #expect(try TicketType(row(#"{"id":1,"name":"Incident","canCreate":true,"serviceLevel":"3"}"#)).scope == .tenant)
        let type = try #require(TicketType.ID("7"))
        #expect(try TicketStatus(row(#"{"id":1,"name":"New","phase":"open","scope":{"ticketType":"7"}}"#)).scope == .ticketType(type))
        #expect(try TicketPriority(row(#"{"id":1,"name":"High","hidden":true,"scope":{"serviceLevel":3}}"#)).scope == .serviceLevel("3"))
        #expect(try TicketPriority(row(#"{"id":1,"name":"High","scope":{"container":"b"}}"#)).scope == .container("b"))
    }

    @Test(
        arguments: [
            #"{"id":"cause","label":"Cause","kind":"text","requirement":"optional"}"#,
            #"{"id":"cf:1","label":"<b>A</b>","kind":"choices","requirement":"required","choices":[{"id":"1","label":"One"}],"default":["1"],"conditions":[{"field":"cause","values":["a","b"]}],"maxLength":9,"maxSelections":2,"minAttachments":1,"mustBeChecked":true,"dependsOn":["company"]}"#,
            #"{"id":"asset","label":"Asset","kind":"references","requirement":"recommended","searched":true}"#,
            #"{"id":"table","label":"Table","kind":"unsupported","requirement":"readOnly"}"#,
        ] + TicketField.Kind.allCases.map { #"{"id":"k","label":"K","kind":"\#($0.rawValue)","requirement":"optional"}"# })
    func aTicketFieldKeepsItsMembers(_ text: String) throws { #expect(try TicketField(row(text)).json.encodedText == text) }

    @Test func aStandardFieldBringsItsLabelAndItsKind() throws {
        let field = try TicketField(row(#"{"id":"status","requirement":"required","dependsOn":["type"]}"#))
        #expect(field == .standard(.status, isRequired: true, dependsOn: [.type]))
        let named = try TicketField(row(#"{"id":"type","label":"Queue","choices":[{"id":1}]}"#))
        #expect(named.label == "Queue" && named.choices == .listed([.init(RecordID(1), label: "1")]) && named.kind == .choice)
    }

    @Test(arguments: [
        (#"{"id":"a","kind":"text"}"#, "label"), (#"{"id":"a","label":"A"}"#, "kind"), (#"{"id":"a","label":"A","kind":"colour"}"#, "kind"),
        (#"{"id":"a","label":"A","kind":"text","requirement":"perhaps"}"#, "requirement"),
        (#"{"id":"a","label":"A","kind":"text","maxLength":-1}"#, "maxLength"),
        (#"{"id":"a","label":"A","kind":"date","default":"tomorrow"}"#, "default"),
        (#"{"id":"a","label":"A","kind":"text","dependsOn":[" "]}"#, "dependsOn"),
        (#"{"id":"a","label":"A","kind":"choice","choices":[{"label":"x"}]}"#, "choices[0].id"),
        (#"{"id":"a","label":"A","kind":"text","conditions":[{"field":"b","values":[1]}]}"#, "conditions[0].values[0]"),
    ])
    func aTicketFieldThatIsNotAsSpecifiedIsNamed(_ text: String, _ place: String) throws {
        let mismatch = #expect(throws: WireMismatch.self) { try TicketField(row(text)) }
        #expect(mismatch?.path == place)
    }

    @Test(arguments: [
        #"{"id":"1","name":"a.pdf","mediaType":"application/pdf","bytes":8,"createdAt":"2026-11-01T08:00:00Z","note":"2","visibleToContact":false}"#,
        #"{"id":"1","name":"a.pdf"}"#,
    ])
    func anAttachmentKeepsItsMembers(_ text: String) throws { #expect(try PSACore.Attachment(row(text)).json.encodedText == text) }

    @Test func aPartOfAFileIsDecoded() throws {
        let part = try AttachmentPart(row(#"{"content":"AAEC","more":true}"#).object)
        #expect(part.bytes == [0, 1, 2] && part.isFollowed)
        #expect(try !AttachmentPart(row(#"{"content":""}"#).object).isFollowed)
        for text in [#"{"content":"%"}"#, #"{"content":"","more":true}"#, "{}"] {
            #expect(throws: WireMismatch.self) { try AttachmentPart(row(text).object) }
        }
    }

    @Test func aDraftIsSentWithTheFormOfEachValueAndItsFiles() throws {
        let file = try AttachmentFile(name: "ü.bin", bytes: [0, 1, 2])
        let draft = TicketDraft(
            summary: "s", type: RecordID(1), fields: [RecordID(7): .choice(RecordID(38)), RecordID(8): .number(1.5)],
            attachments: [.file(file)])
        #expect(
            draft.wire.encodedText
                == #"{"summary":"s","type":"1","fields":{"7":{"choice":"38"},"8":{"number":1.5}},"attachments":[{"name":"ü.bin","mediaType":"application/octet-stream","content":"AAEC"}]}"#
        )
        #expect(TicketDraft(summary: "s").wire == ["summary": "s"])
    }

    @Test func aTicketKeepsItsDifferences() throws {
        let ticket = try Ticket(
            row(#"{"id":"1","summary":"s","differences":[{"field":"cf:1","label":"A","requested":"1","stored":"2","storedLabel":"Two"}]}"#))
        let field = try #require(TicketField.ID("cf:1"))
        #expect(ticket.differences == [TicketDifference(field, label: "A", requested: "1", stored: "2", storedLabel: "Two")])
    }

    @Test func theVendorsRowIsKeptToTheByte() throws {
        let company = try Company(row(#"{"id":"1","name":"Acme","native":{ "ID" : 1.0, "x":"\u00e4"}}"#))
        #expect(String(decoding: company.native.bytes, as: UTF8.self) == #"{ "ID" : 1.0, "x":"\u00e4"}"#)
        #expect(company.native.fetchedAt == Self.moment)
    }

    @Test func aNoteWithoutAVisibilityIsAnError() throws {
        #expect(throws: WireMismatch(path: "visibility", wanted: .text)) { try TicketNote(row(#"{"id":"1","ticket":"2","text":"t"}"#)) }
        let odd = try TicketNote(row(#"{"id":"1","ticket":"2","text":"t","visibility":"partners"}"#))
        #expect(odd.visibility == .unknown("partners"))
    }

    @Test(arguments: [
        (#"{"id":" a","name":"x"}"#, "id"), (#"{"name":"x"}"#, "id"), (#"{"id":"1"}"#, "name"), (#"{"id":"1","name":7}"#, "name"),
        (#"{"id":"1","name":"x","active":"maybe"}"#, "active"), (#"{"id":"1","name":"x","mainSite":"2"}"#, "mainSite"),
        (#"{"id":"1","name":"x","mainSite":{}}"#, "mainSite.id"),
    ])
    func aRowThatDoesNotFitIsCountedInItsPage(_ text: String, _ member: String) throws {
        let view = try JSONDocument(Array(#"{"items":[\#(text),{"id":"2","name":"Globex"}],"next":"n","total":9}"#.utf8)).root
        let page = try Page<Company>(view, fetchedAt: Self.moment) { PageCursor(rawValue: "c/" + $0) }
        #expect(page.items.map(\.name) == ["Globex"])
        #expect(page.unreadable == [UnreadableRow(position: 0, member: member)])
        #expect(page.next?.rawValue == "c/n")
        #expect(page.total == 9)
    }
}
