import FoundationEssentials
import Testing

@testable import PSACore

@Suite struct JSONViewRecordTests {
    private func view(_ text: String) throws -> JSONView { try JSONDocument(Array(text.utf8)).root }

    @Test(
        arguments: [
            (#"{"id":7}"#, "7"), (#"{"id":7.0}"#, "7"), (#"{"id":"007"}"#, "007"), (#"{"id":"T-7"}"#, "T-7"), (#"{"id":-1}"#, "-1"),
            (#"{"id":7.5}"#, nil), (#"{"id":""}"#, nil), (#"{"id":null}"#, nil), (#"{"id":true}"#, nil), (#"{"id":{"id":7}}"#, nil),
            ("{}", nil), ("[7]", nil), ("7", nil),
        ] as [(String, String?)])
    func anIDIsAStringOrAWholeNumber(text: String, expected: String?) throws {
        let id: Ticket.ID? = try view(text).id()
        #expect(id?.rawValue == expected)
        let reference: Reference<Ticket>? = try view(text).reference("id")
        #expect(reference?.id.rawValue == expected)
    }

    @Test func aReferenceHasTheNameBesideIt() throws {
        let row = try view(#"{"company_id":7,"company_name":"Acme","contact_id":8,"contact_name":9}"#)
        #expect(row.reference("company_id", label: "company_name") == Reference<Company>(RecordID(7), label: "Acme"))
        #expect(row.reference("company_id") == Reference<Company>(RecordID(7)))
        #expect(row.reference("contact_id", label: "contact_name") == Reference<Contact>(RecordID(8)))
        #expect(row.reference("nothing", label: "company_name") as Reference<Company>? == nil)
    }

    @Test(
        arguments: [
            (#"{"at":"2026-11-30T02:50:00Z"}"#, 1_796_007_000), (#"{"at":"2026-11-30T03:50:00+01:00"}"#, 1_796_007_000),
            (#"{"at":"2026-11-30T02:50:00"}"#, 1_796_007_000), (#"{"at":"yesterday"}"#, nil), (#"{"at":1796007000}"#, nil), ("{}", nil),
        ] as [(String, Double?)])
    func aTimeIsReadFromISO8601(text: String, seconds: Double?) throws {
        #expect(try view(text).date("at")?.timeIntervalSince1970 == seconds)
    }
}
