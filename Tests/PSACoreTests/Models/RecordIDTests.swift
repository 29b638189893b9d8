import FoundationEssentials
import Testing

@testable import PSACore

@Suite struct PSAIdentifierTests {
    @Test(arguments: [
        "1", "-1", "0", "6f9619ff-8b86-d011-b42d-00cf4fc964ff", "12:7", "é", "in progress", "Miller & Sons",
        String(repeating: "x", count: 200),
    ])
    func anIDIsKeptAsItIs(text: String) {
        #expect(Ticket.ID(text)?.rawValue == text)
    }

    @Test(arguments: [
        "", " ", " 1", "1 ", "a\nb", "a\tb", "a\u{0}b", "a\u{7F}b", "a\u{85}b", "a\u{A0}b", "a\u{2028}b",
        String(repeating: "x", count: 201), "e" + String(repeating: "\u{301}", count: 400),
    ])
    func blanksAroundItControlCharactersAndAbsurdLengthsAreNoID(text: String) {
        #expect(Ticket.ID(text) == nil)
    }

    @Test func aNumberIsReadBackAsOne() {
        #expect(Ticket.ID(-7).rawValue == "-7" && Ticket.ID(-7).integer == -7 && "\(Ticket.ID(7))" == "7")
        #expect(Ticket.ID("x7")?.integer == nil)
    }

    @Test func aRowIsKeptAsTheVendorSentIt() throws {
        let page = try JSONDocument(Array(#"{"rows":[ {"id" : 7.0, "name":"\u0041", "x":null} ]}"#.utf8))
        let row = try #require(page.root["rows"]?.elements.first)
        let record = NativeRecord(row, fetchedAt: Date(timeIntervalSince1970: 0))
        #expect(String(decoding: record.bytes, as: UTF8.self) == #"{"id" : 7.0, "name":"\u0041", "x":null}"#)
        #expect(
            record["id"] == .double(7) && record["name"] == "A" && record["x"] == nil && record.root?.member("x")?.isNull == true
                && record["y"] == nil)
        #expect(record.value["name"]?.string == "A")
        #expect(NativeRecord(bytes: [], fetchedAt: Date(timeIntervalSince1970: 0)).value == .null)
    }
}
