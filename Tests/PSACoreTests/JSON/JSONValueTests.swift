import Testing

@testable import PSACore

@Suite struct JSONValueTests {
    static let values: [(JSONValue, String)] = [
        (nil, "null"), (true, "true"), (false, "false"), (0, "0"), (-42, "-42"), (.integer(.max), "9223372036854775807"),
        (.integer(.min), "-9223372036854775808"), (.double(1.5), "1.5"), (.double(-0.001), "-0.001"), (.double(1e300), "1e+300"),
        (.double(.leastNonzeroMagnitude), "5e-324"), ("", #""""#), ("é😀", "\"é😀\""), ("\"\\/", #""\"\\/""#), ("\n\r\t", #""\n\r\t""#),
        ("\u{0}\u{8}\u{C}\u{1F}\u{7F}", "\"\\u0000\\u0008\\u000c\\u001f\u{7F}\""), ([], "[]"), ([:], "{}"),
        ([1, "a", nil], #"[1,"a",null]"#),
        (["a": 1, "b": ["c": []], "a\"": true], #"{"a":1,"b":{"c":[]},"a\"":true}"#),
    ]

    @Test(arguments: values) func aValueIsEncodedCompactlyAndReadBackTheSame(value: JSONValue, text: String) throws {
        #expect(value.encodedText == text)
        #expect(JSONValue(try JSONDocument(value.encoded).root) == value)
    }

    @Test(arguments: [Double.infinity, -.infinity, .nan]) func aNumberJSONDoesNotHaveIsEncodedAsNull(number: Double) {
        #expect(JSONValue.double(number).encodedText == "null")
    }

    @Test(arguments: [
        ("1e3", JSONValue.double(1_000)), ("18.0", .double(18)), ("-0", .integer(0)),
        ("18446744073709551615", .double(18_446_744_073_709_551_616)),
    ])
    func aNumberIsWholeOnlyIfItIsWrittenSo(text: String, value: JSONValue) throws {
        #expect(JSONValue(try JSONDocument(Array(text.utf8)).root) == value)
    }

    @Test func anObjectOfPresentMembersLeavesOutTheOthersAndKeepsTheOrder() {
        #expect(JSONValue(present: [("z", 1), ("a", nil), ("n", .some(.null)), ("b", "x")]).encodedText == #"{"z":1,"n":null,"b":"x"}"#)
    }

    @Test func membersAreFoundByName() {
        let value: JSONValue = ["a": "x", "b": nil, "a": "y"]
        #expect(value["a"]?.string == "x")
        #expect(value["b"] == nil && value.member("b") == .null)
        #expect(value["c"] == nil)
        #expect(JSONValue.array([])["a"] == nil)
        #expect(value["a"]?["b"] == nil)
        #expect(JSONValue.integer(1).string == nil)
    }
}
