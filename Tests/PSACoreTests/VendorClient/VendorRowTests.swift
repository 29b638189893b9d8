import FoundationEssentials
import Testing

@testable import PSACore

@Suite("Vendor client: rows")
struct VendorRowTests {
    private static let fetchedAt = Date(timeIntervalSince1970: 1_796_007_000)

    private func row(_ text: String) throws -> VendorRow {
        VendorRow(try JSONDocument(Array(text.utf8)).root, fetchedAt: Self.fetchedAt)
    }

    @Test(
        arguments: [
            (#"{"id":7}"#, "7"), (#"{"id":7.0}"#, "7"), (#"{"id":"007"}"#, "007"), (#"{"id":"T-7"}"#, "T-7"), (#"{"id":-1}"#, "-1"),
            (#"{"id":7.5}"#, nil), (#"{"id":""}"#, nil), (#"{"id":null}"#, nil), (#"{"id":true}"#, nil), (#"{"id":[]}"#, nil),
            ("{}", nil), ("[7]", nil), ("7", nil),
        ] as [(String, String?)])
    func anIDIsAStringOrAWholeNumber(text: String, expected: String?) throws {
        let id: Ticket.ID? = try row(text).id()
        #expect(id?.rawValue == expected)
        let reference: Reference<Ticket>? = try row(text).reference("id")
        #expect(reference?.id.rawValue == expected)
    }

    @Test func aReferenceHasTheNameBesideIt() throws {
        let row = try row(#"{"company_id":7,"company_name":"Acme","contact_id":8,"contact_name":""}"#)
        #expect(row.reference("company_id", label: "company_name") == Reference<Company>(RecordID(7), label: "Acme"))
        #expect(row.reference("company_id") == Reference<Company>(RecordID(7)))
        #expect(row.reference("contact_id", label: "contact_name", "company_name") == Reference<Contact>(RecordID(8), label: "Acme"))
        #expect(row.reference("nothing", label: "company_name") as Reference<Company>? == nil)
    }

    @Test func aReferenceIsAnObjectOrTheFirstOfSeveral() throws {
        let row = try row(
            #"{"name":"row","company":{"id":7,"name":"Acme"},"people":[{"id":"ann","name":""},{"id":"bob"}],"none":[],"odd":{}}"#)
        #expect(row.reference("company", label: "name") == Reference<Company>(RecordID(7), label: "Acme"))
        #expect(row.reference("people", label: "name") == Contact.ID("ann").map { Reference<Contact>($0) })
        #expect(row.reference("none") as Reference<Contact>? == nil)
        #expect(row.reference("odd", label: "name") as Reference<Contact>? == nil)
        #expect(row.id("company") as Company.ID? == nil)
    }

    @Test(
        arguments: [
            (#"{"at":"2026-11-30T02:50:00Z"}"#, 1_796_007_000), (#"{"at":"2026-11-30T03:50:00+01:00"}"#, 1_796_007_000),
            (#"{"at":"2026-11-30T02:50:00"}"#, 1_796_007_000), (#"{"at":"yesterday"}"#, nil), (#"{"at":1796007000}"#, nil), ("{}", nil),
            (#"{"at":"1980-01-01T00:00:00Z"}"#, 315_532_800), (#"{"at":"1979-12-31T23:59:59Z"}"#, nil),
            (#"{"at":"1970-01-01T00:00:00Z"}"#, nil), (#"{"at":"1900-01-01T00:00:00"}"#, nil), (#"{"at":"0001-01-01T00:00:00"}"#, nil),
        ] as [(String, Double?)])
    func aTimeIsReadFromISO8601UnlessItStandsForNone(text: String, seconds: Double?) throws {
        #expect(try row(text).date("at")?.timeIntervalSince1970 == seconds)
    }

    @Test(
        arguments: [
            (#"{"on":true}"#, true), (#"{"on":false}"#, false), (#"{"on":0}"#, false), (#"{"on":1}"#, true), (#"{"on":"1"}"#, true),
            (#"{"on":"0"}"#, false), (#"{"on":2}"#, true), (#"{"on":""}"#, nil), (#"{"on":"on"}"#, nil), (#"{"on":null}"#, nil),
            ("{}", nil),
        ] as [(String, Bool?)])
    func aFlagIsABooleanOrANumber(text: String, expected: Bool?) throws {
        #expect(try row(text).flag("on") == expected)
    }

    @Test(
        arguments: [
            (#"{"name":"Acme"}"#, "Acme"), (#"{"name":7}"#, "7"), (#"{"name":""}"#, nil), (#"{"name":null}"#, nil), (#"{"name":[]}"#, nil),
        ] as [(String, String?)])
    func aTextIsNotEmpty(text: String, expected: String?) throws {
        #expect(try row(text).text("name") == expected)
    }

    @Test func anArrayHasRowsOfTheSameTime() throws {
        let row = try row(#"{"fields":[{"id":1},{"id":2}],"none":[],"odd":{}}"#)
        #expect(row.rows("fields")?.map { $0.text("id") } == ["1", "2"])
        #expect(row.rows("fields")?.allSatisfy { $0.fetchedAt == Self.fetchedAt } == true)
        #expect(row.rows("none")?.isEmpty == true && row.rows("odd") == nil && row.rows("absent") == nil)
    }

    @Test func theNativeRecordIsTheWholeRow() throws {
        let native = try row(#"{"id":7,"extra":"x"}"#).native
        #expect(native == NativeRecord(bytes: Array(#"{"id":7,"extra":"x"}"#.utf8), fetchedAt: Self.fetchedAt))
    }
}
