import FoundationEssentials
import PSACore
import Testing
@testable import HaloPSA

@Suite("HaloPSA list envelopes")
struct HaloListTests {
    struct Sample: Sendable {
        var text: String
        var ids: [String]
        var count: Int?
    }

    static let samples: [Sample] = [
        Sample(text: #"{"record_count":717,"tickets":[{"id":1},{"id":2}]}"#, ids: ["1", "2"], count: 717),
        Sample(text: #"{"record_count":2,"columns":[{"id":9}],"tickets":[{"id":1},{"id":2}]}"#, ids: ["1", "2"], count: 2),
        Sample(text: #"[{"id":1},{"id":2}]"#, ids: ["1", "2"]),
        Sample(text: #"{"results":[{"id":1}]}"#, ids: ["1"]),
        Sample(text: #"{"columns":[{"id":9}],"faults":[{"id":1}]}"#, ids: ["1"]),
        Sample(text: #"{"record_count":0,"tickets":null}"#, ids: [], count: 0),
        Sample(text: #"{"tickets":null}"#, ids: []),
        Sample(text: #"{"record_count":0}"#, ids: [], count: 0),
        Sample(text: #"{"id":7,"summary":"one record where a list was due"}"#, ids: ["7"]),
        Sample(text: "[]", ids: []),
        Sample(text: #"{"record_count":"3","tickets":[{"id":"1"}]}"#, ids: ["1"], count: 3),
    ]

    @Test("rows are found in every envelope", arguments: samples)
    func findsRows(sample: Sample) throws {
        let document = try JSONDocument(Array(sample.text.utf8))
        let list = try #require(HaloList(document.root, key: "tickets"))
        #expect(list.rows.compactMap { $0["id"]?.text } == sample.ids)
        #expect(list.recordCount == sample.count)
    }

    @Test(
        "what is no list is not taken for an empty one",
        arguments: [
            #""text""#, "17", "true", #"{"tickets":"none"}"#, #"{"tickets":{"id":1}}"#, #"{"message":"An error has occurred."}"#,
            #"{"errors":["An error has occurred."]}"#,
        ])
    func isNoList(text: String) throws {
        let document = try JSONDocument(Array(text.utf8))
        #expect(HaloList(document.root, key: "tickets") == nil)
    }

    @Test(
        "a saved record is found bare or in an array",
        arguments: [
            (#"{"id":5}"#, 5), (#"[{"id":5}]"#, 5), (#"[{"id":4},{"id":5}]"#, nil), (#"{"id":0}"#, nil), ("{}", nil), ("[]", nil),
            (#"{"id":null}"#, nil),
            (#""ok""#, nil),
        ])
    func findsSavedRecord(text: String, id: Int?) throws {
        let document = try JSONDocument(Array(text.utf8))
        #expect(HaloSavedRecord.find(in: document.root)?["id"]?.integer == id)
    }
}

@Suite("HaloPSA dates")
struct HaloDateTests {
    @Test(
        "every form that was seen is read as UTC",
        arguments: [
            ("2026-10-03T06:24:10.967", 1_791_008_650.967), ("2026-10-02T23:00:00", 1_790_982_000.0),
            ("2026-04-23T19:42:21Z", 1_776_973_341.0),
            ("2026-08-05T05:32:44.8378294Z", 1_785_907_964.8378294), ("2026-08-05T05:32:44.99+00:00", 1_785_907_964.99),
            ("2026-08-05T07:32:44+02:00", 1_785_907_964.0), ("2026-08-05T00:02:44-05:30", 1_785_907_964.0),
            ("2026-08-05T05:32:44.9", 1_785_907_964.9),
            ("2026-08-05 05:32:44", 1_785_907_964.0), ("2026-08-05", 1_785_888_000.0), ("2024-02-29T00:00:00", 1_709_164_800.0),
        ])
    func readsForm(text: String, seconds: Double) throws {
        let date = try #require(HaloDate.parse(text))
        #expect(abs(date.timeIntervalSince1970 - seconds) < 0.000_01)
    }

    @Test(
        "sentinels, nonsense and other types are no date",
        arguments: [
            "1900-01-01T00:00:00", "1899-12-30T09:30:00", "1901-01-01T08:00:00.000Z", "1979-12-31T23:59:59", "0001-01-01T00:00:00", "",
            "2026-13-01", "2026-02-30", "2026-02-29T00:00:00", "2026-08-05T25:00:00", "2026-08-05T05:61:00", "2026-08-05T05:32",
            "yesterday",
            "2026-08-05T05:32:44.", "2026-08-05T05:32:44.1234567890", "2026-08-05T05:32:44+0", "2026-08-05T05:32:44 Z", "05/08/2026",
            "٢٠٢٦-08-05",
        ])
    func isNoDate(text: String) { #expect(HaloDate.parse(text) == nil) }

    @Test func aMissingTextIsNoDate() { #expect(HaloDate.parse(nil) == nil) }

    @Test func filtersTakeWholeSecondsInUTC() {
        #expect(HaloDate.filter(Date(timeIntervalSince1970: 1_785_907_964.99)) == "2026-08-05T05:32:44Z")
    }
}

@Suite("HaloPSA error bodies")
struct HaloErrorBodyTests {
    private let parser = StandardErrorParser<HaloMessage>()

    struct Sample: Sendable {
        var body: String
        var code: String?
        var message: String?
        var fields: [String] = []
    }

    @Test(
        "every shape that was seen gives the vendor's words",
        arguments: [
            Sample(body: #""Priority Description must not be blank""#, message: "Priority Description must not be blank"),
            Sample(
                body:
                    #"{"ClassName":"System.Exception","Message":"Please select a Start Step for this Workflow.","Data":null,"HResult":-2146233088}"#,
                message: "Please select a Start Step for this Workflow."),
            Sample(body: #"{"id":["The value 'probe' is not valid."]}"#, message: "id: The value 'probe' is not valid.", fields: ["id"]),
            Sample(
                body: #"{"[0].priority_id":["Could not convert string to integer: x."],"[0].summary":["Too long."]}"#,
                message: "[0].priority_id: Could not convert string to integer: x. [0].summary: Too long.",
                fields: ["priority_id", "summary"]),
            Sample(body: #"{"resultCode":7,"errorMessage":"Older shape"}"#, message: "Older shape"),
            Sample(body: #"{"Message":"The requested resource is gone."}"#, message: "The requested resource is gone."),
            Sample(body: #"{"error":"Something"}"#, code: "Something", message: "Something"),
            Sample(
                body: #"{"error":"invalid_client","error_description":"The specified client credentials are invalid.","error_uri":"x"}"#,
                code: "invalid_client", message: "The specified client credentials are invalid."),
            Sample(body: ""), Sample(body: "<html><body>502</body></html>"), Sample(body: "{\"cut"), Sample(body: "{}"), Sample(body: "[]"),
        ])
    func reads(sample: Sample) {
        let body = parser.explanation(of: TransportResponse(status: 400, body: Array(sample.body.utf8)))
        #expect(body.code == sample.code)
        #expect(body.message == sample.message)
        #expect(body.fields == sample.fields)
    }

    @Test func aBearerChallengeGivesItsError() {
        let response = TransportResponse(
            status: 401, headers: ["www-authenticate": #"Bearer error="invalid_token", error_description="expired""#])
        #expect(parser.explanation(of: response).code == "invalid_token")
        #expect(parser.explanation(of: TransportResponse(status: 401, headers: ["WWW-Authenticate": "Bearer"])).code == nil)
    }
}
