import FoundationEssentials
import Testing

@testable import PSACore

@Suite struct JSONViewTests {
    private func view(_ text: String) throws -> JSONView { try JSONDocument(Array(text.utf8)).root }

    static let integers: [(String, Int?)] = [
        ("18", 18), ("18.0", 18), (#""18""#, 18), (#""18.0""#, 18), ("1e3", 1_000), (#""1e3""#, 1_000), ("-7", -7), ("-0", 0), ("0", 0),
        (#""-7""#, -7), (#""\u0031\u0038""#, 18), ("18.5", nil), (#""18.5""#, nil), ("9223372036854775807", Int.max),
        ("-9223372036854775808", Int.min), ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1e19", nil), ("1e999", nil),
        ("-1e999", nil), (#""9999999999999999999999""#, nil), (#""""#, nil), (#"" 18""#, nil), (#""18 ""#, nil), (#""abc""#, nil),
        (#""nan""#, nil),
        (#""inf""#, nil), (#""0x12""#, nil), (#""0x1p4""#, nil), ("true", nil), ("null", nil), ("[]", nil), ("[18]", nil), ("{}", nil),
        // Above 2^53 a real can't tell neighbouring numbers apart; a wrong id is worse than none.
        ("9007199254740993.0", nil), ("123456789012345678.0", nil), ("9007199254740991.0", 9_007_199_254_740_991),
        ("9007199254740993", 9_007_199_254_740_993),
    ]

    @Test(arguments: integers) func aWholeNumberIsReadFromEverySpelling(text: String, expected: Int?) throws {
        #expect(try view(text).integer == expected)
    }

    static let doubles: [(String, Double?)] = [
        ("1", 1), ("1.5", 1.5), ("-1.5e2", -150), (#""1.5""#, 1.5), (#""\u0031.5""#, 1.5), ("1e999", nil), (#""inf""#, nil),
        (#""nan""#, nil),
        (#""infinity""#, nil), (#""0x10""#, nil), (#""""#, nil), (#""1,5""#, nil), ("true", nil), ("null", nil), ("[]", nil), ("{}", nil),
    ]

    @Test(arguments: doubles) func aNumberIsReadFromEverySpelling(text: String, expected: Double?) throws {
        #expect(try view(text).double == expected)
    }

    static let truths: [(String, Bool?)] = [
        ("true", true), ("false", false), ("1", true), ("0", false), ("1.0", true), ("-0", false), (#""true""#, true), (#""False""#, false),
        (#""TRUE""#, true), (#""\u0074rue""#, true), ("2", nil), ("-1", nil), ("0.5", nil), (#""yes""#, nil), (#""""#, nil), ("null", nil),
        ("[]", nil), ("{}", nil),
    ]

    @Test(arguments: truths) func aTruthValueIsReadFromEverySpelling(text: String, expected: Bool?) throws {
        #expect(try view(text).bool == expected)
    }

    static let strings: [(String, String?)] = [
        (#""""#, ""), (#""a""#, "a"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u20AC""#, "Aé€"),
        (#""\uD83D\uDE00""#, "😀"), (#""x\ud83d\ude00y""#, "x😀y"), (#""\uD83D""#, "\u{FFFD}"), (#""\uDE00""#, "\u{FFFD}"),
        (#""\uD83Dx""#, "\u{FFFD}x"), (#""\uD83D\n""#, "\u{FFFD}\n"), (#""\uD83D\u0041""#, "\u{FFFD}A"),
        (#""\uD83D\uD83D\uDE00""#, "\u{FFFD}😀"),
        (#""\uDE00\uD83D""#, "\u{FFFD}\u{FFFD}"), (#""\u0000""#, "\0"), (#""\uFFFF""#, "\u{FFFF}"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"),
        (#""\\u0041""#, "\\u0041"), ("1", nil), ("null", nil), ("true", nil), ("[]", nil),
    ]

    @Test(arguments: strings) func aStringIsDecoded(text: String, expected: String?) throws {
        #expect(try view(text).string == expected)
    }

    @Test func textIsAStringOrANumberAsWritten() throws {
        #expect(try view("18.50").text == "18.50")
        #expect(try view(#""AB\u0043""#).text == "ABC")
        #expect(try view("true").text == nil)
    }

    @Test func nullAndAbsentAreToldApartWhenAsked() throws {
        let row = try view(#"{"a":null,"b":1}"#)
        #expect(row["a"] == nil)
        #expect(row["c"] == nil)
        #expect(row.member("a")?.isNull == true)
        #expect(row.member("c") == nil)
        #expect(row["b"]?.integer == 1)
    }

    @Test func theFirstOfTwoMembersWithOneNameCounts() throws {
        let row = try view(#"{"a":1,"a":2,"\u0061":3,"b":null,"b":4}"#)
        #expect(row["a"]?.integer == 1)
        #expect(row["b"] == nil)
        #expect(row.members.map(\.name) == ["a", "a", "a", "b", "b"])
    }

    @Test func anEscapedNameIsFoundAsItReads() throws {
        let row = try view(#"{"\u0069d":1,"a\"b":2,"x\/y":3,"\uD83D\uDE00":4,"é":5}"#)
        #expect(row["id"]?.integer == 1)
        #expect(row["a\"b"]?.integer == 2)
        #expect(row["x/y"]?.integer == 3)
        #expect(row["😀"]?.integer == 4)
        #expect(row["é"]?.integer == 5)
        #expect(row["ID"] == nil)
        #expect(row["i"] == nil)
    }

    @Test func nestedValuesAreReachedPastSiblingsOfAnyKind() throws {
        let row = try view(#"{"a":[1,{"x":[[],[{}]]},"s"],"b":{"a":{"a":"no"},"c":{"d":[10,20,{"e":"found"}]}},"z":"last"}"#)
        #expect(row["b"]?["c"]?["d"]?.elements.last?["e"]?.string == "found")
        #expect(row["z"]?.string == "last")
        #expect(row["e"] == nil)
        #expect(row["a"]?.elements.map(\.isObject) == [false, true, false])
        #expect(row["a"]?.elements.count == 3)
        #expect(row["b"]?.members.map(\.name) == ["a", "c"])
    }

    @Test func otherKindsHaveNoMembersAndNoElements() throws {
        for text in ["1", "null", #""a""#, "[1]"] { #expect(try view(text).members.isEmpty && view(text)["a"] == nil) }
        for text in ["1", "null", #""a""#, #"{"a":1}"#] { #expect(try view(text).elements.isEmpty) }
        #expect(try view("[]").elements.isEmpty && view("[]").isArray)
        #expect(try view("{}").members.isEmpty && view("{}").isObject)
    }

    @Test func theBytesOfAValueAreTheVendorsOwn() throws {
        let list = try view(#" [ {"a" : 1.50 , "b":"\u00e9"} , 7 ] "#)
        #expect(list.elements.map { String(decoding: $0.bytes, as: UTF8.self) } == [#"{"a" : 1.50 , "b":"\u00e9"}"#, "7"])
        #expect(String(decoding: list.bytes, as: UTF8.self) == #"[ {"a" : 1.50 , "b":"\u00e9"} , 7 ]"#)
    }

    @Test func viewsValuesAndNativeRecordsAgreeAboutNull() throws {
        let bytes = Array(#"{"set":1,"empty":null}"#.utf8)
        let view = try JSONDocument(bytes).root
        let value = JSONValue(view)
        let record = NativeRecord(bytes: bytes, fetchedAt: Date(timeIntervalSince1970: 0))
        for name in ["set", "empty", "missing"] {
            #expect((view[name] == nil) == (value[name] == nil) && (value[name] == nil) == (record[name] == nil))
        }
        #expect(view.member("empty")?.isNull == true && value.member("empty") == .null && value.member("missing") == nil)
        #expect(record["set"] == 1 && record.value == value)
    }
}

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
