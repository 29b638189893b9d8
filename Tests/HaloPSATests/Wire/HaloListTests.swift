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
