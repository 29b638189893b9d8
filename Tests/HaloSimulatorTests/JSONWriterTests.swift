import Testing
@testable import HaloSimulator

@Suite("JSON writer")
struct JSONWriterTests {
    private func text(_ value: JSONValue) -> String { String(decoding: JSONWriter.bytes(of: value), as: UTF8.self) }

    @Test func textIsEscaped() {
        #expect(text("a\"b\\c\nd\te\r\u{1}é") == #""a\"b\\c\nd\te\r\u0001é""#)
    }

    @Test func numbersKeepTheirKind() {
        #expect(text([0, 9, 10, -240, 18.0, 0.5, .int(.min)]) == "[0,9,10,-240,18.0,0.5,-9223372036854775808]")
    }

    @Test func theIdComesFirstAndInternalFieldsAreOmitted() {
        #expect(text(["b": 1, "id": 2, "a": nil, "~c": true]) == #"{"id":2,"a":null,"b":1}"#)
        var json = JSONWriter()
        json.object(["id": 1, "a": false, "b": "", "c": nil, "d": []], omittingEmpty: true)
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"{"id":1,"d":[]}"#)
    }

    @Test func onlyIdsAreRewritten() {
        let body = Array(#"{"id":5,"site_id":18.0,"paid":3,"name":"\"id\":7","ids":[1],"x_id":null,"b_id":"t"}"#.utf8)
        let double = String(decoding: IdentifierFormat.double.rewrite(body), as: UTF8.self)
        #expect(double == #"{"id":5.0,"site_id":18.0,"paid":3,"name":"\"id\":7","ids":[1],"x_id":null,"b_id":"t"}"#)
        let texts = String(decoding: IdentifierFormat.text.rewrite(body), as: UTF8.self)
        #expect(texts == #"{"id":"5","site_id":"18.0","paid":3,"name":"\"id\":7","ids":[1],"x_id":null,"b_id":"t"}"#)
    }

    @Test func thePositionOfAMemberCountsLines() {
        let body = Array("[{\"a\":{\"b\":\"no\"},\"c\":\"b\"},\n {\"b\" : \"x\\\"y\"}]".utf8)
        let place = JSONPosition.endOfMember("b", element: 1, in: body)
        #expect(place.line == 2)
        #expect(place.column == 14)
    }
}
