import Testing

@testable import PSACore

@Suite struct JSONDocumentTests {
    static let valid: [String] = [
        "null", "true", "false", "0", "-0", "1", "-1", "10", "0.5", "-0.5", "1e3", "1E3", "1e+3", "1e-3", "0e0", "0.0e-0", "1.25E+10",
        "123456789012345678901234567890", "1e999", #""""#, #""a""#, #""\"\\\/\b\f\n\r\t""#, #""\u0041""#, #""\uD83D\uDE00""#,
        #""\ud83d\ude00""#, #""\uD83D""#, #""\uDE00""#, #""\u0000""#, "\"\u{7F}\"", "\"\u{2028}\"", "\"äöü€😀\"", "[]", "[ ]", "[\n\t\r ]",
        "[1]", "[1,2]", "[ 1 , 2 ]", "[[]]", "[[],[]]", "[{}]", "{}", "{ }", #"{"a":1}"#, #"{ "a" : 1 , "b" : 2 }"#, #"{"":0}"#,
        #"{"a":{}}"#, #"{"a":[],"b":[]}"#, #"{"a":1,"a":2}"#, " 1 ", "\n{\r\n}\t", "\u{FEFF}{}", "\u{FEFF} 1",
        #"[1,"a",null,true,false,{"b":[{"c":-1.5e2}]}]"#, #""seven77""#, #""eight888""#, #""nine99999""#, #""1234567\n""#, #""12345678\"""#,
    ]

    static let invalid: [(String, JSONSyntaxError.Reason)] = [
        ("", .empty), (" ", .empty), ("\n\t\r ", .empty), ("\u{FEFF}", .empty), ("\u{FEFF} ", .empty),
        ("\u{FEFF}\u{FEFF}1", .unexpectedByte),
        ("\u{A0}1", .unexpectedByte), ("\u{0B}1", .unexpectedByte), ("\u{0C}1", .unexpectedByte), ("1\u{00}", .textAfterEnd),
        ("1 2", .textAfterEnd), ("1,", .textAfterEnd), ("{} {}", .textAfterEnd), ("[]]", .textAfterEnd), ("{}}", .textAfterEnd),
        ("null,", .textAfterEnd), ("nullx", .textAfterEnd), ("\"a\"b", .textAfterEnd), ("00", .textAfterEnd), ("01", .textAfterEnd),
        ("-01", .textAfterEnd), ("0x10", .textAfterEnd), ("1_000", .textAfterEnd), ("1.2.3", .textAfterEnd), ("1 // no", .textAfterEnd),
        ("True", .unexpectedByte), ("TRUE", .unexpectedByte), ("nil", .endsEarly), ("nulL", .unexpectedByte), ("trux", .unexpectedByte),
        ("NaN", .unexpectedByte), ("Infinity", .unexpectedByte), ("-Infinity", .invalidNumber), ("+1", .unexpectedByte),
        (".5", .unexpectedByte), ("-", .endsEarly), ("--1", .invalidNumber), ("-.5", .invalidNumber), ("-a", .invalidNumber),
        ("1.", .invalidNumber), ("1.e3", .invalidNumber), ("1e", .invalidNumber), ("1e+", .invalidNumber), ("1ee3", .invalidNumber),
        ("'a'", .unexpectedByte), ("a", .unexpectedByte), ("<html>", .unexpectedByte), (")]}'", .unexpectedByte),
        ("/* */1", .unexpectedByte),
        ("\"", .endsEarly), ("\"a", .endsEarly), ("\"\\", .endsEarly), ("\"\\\"", .endsEarly), (#""\a""#, .invalidString),
        (#""\x41""#, .invalidString), (#""\'""#, .invalidString), (#""\u004""#, .invalidString), (#""\u00g0""#, .invalidString),
        (#""\U0041""#, .invalidString), (#""\u""#, .invalidString), (#""\u+041""#, .invalidString), ("\"\u{00}\"", .invalidString),
        ("\"\n\"", .invalidString), ("\"\t\"", .invalidString), ("\"\u{1F}\"", .invalidString), ("\"abcdefg\u{1F}\"", .invalidString),
        ("\"abcdefghijkl\r\n\"", .invalidString), ("[", .endsEarly), ("[1", .endsEarly), ("[1,", .endsEarly), ("[1,]", .unexpectedByte),
        ("[,1]", .unexpectedByte), ("[,]", .unexpectedByte), ("[1,,2]", .unexpectedByte), ("[1 2]", .unexpectedByte),
        ("[1:2]", .unexpectedByte), ("[1}", .unexpectedByte), ("[}", .unexpectedByte), ("{", .endsEarly), ("{]", .unexpectedByte),
        ("{,}", .unexpectedByte), (#"{"a"}"#, .unexpectedByte), (#"{"a":}"#, .unexpectedByte), (#"{"a":1,}"#, .unexpectedByte),
        (#"{"a":1 "b":2}"#, .unexpectedByte), (#"{"a":1,,"b":2}"#, .unexpectedByte), (#"{"a",1}"#, .unexpectedByte),
        ("{a:1}", .unexpectedByte),
        ("{1:1}", .unexpectedByte), ("{null:1}", .unexpectedByte), (#"{"a"::1}"#, .unexpectedByte), (#"{"a":1]"#, .unexpectedByte),
        (#"{"a":"#, .endsEarly), (#"{"a""#, .endsEarly), (#"{"a":1"#, .endsEarly), (#"{"a":1,"#, .endsEarly), ("]", .unexpectedByte),
        ("}", .unexpectedByte), (",", .unexpectedByte), (":", .unexpectedByte),
    ]

    @Test(arguments: valid) func aCompleteValueIsAccepted(text: String) throws {
        _ = try JSONDocument(Array(text.utf8))
    }

    @Test(arguments: invalid) func anythingElseIsRefusedWithItsReason(text: String, reason: JSONSyntaxError.Reason) throws {
        let error = try #require(throws: JSONSyntaxError.self) { try JSONDocument(Array(text.utf8)) }
        #expect(error.reason == reason)
        #expect((0...text.utf8.count).contains(error.offset))
        #expect(!error.description.contains(text) || text.count < 2)
    }

    static let sample =
        #" {"id" : 18, "a\u00e9\"b":[-1.5e+3, true ,false, null,{"x":""}, []], "päth":"C:\\temp\/\uD83D\uDE00 tail", "e":{ } }"#

    @Test func aTextCutAtAnyByteIsRefused() throws {
        let bytes = Array(Self.sample.utf8)
        _ = try JSONDocument(bytes)
        for length in bytes.indices {
            #expect(throws: JSONSyntaxError.self, "cut after \(length) bytes") { try JSONDocument(Array(bytes.prefix(length))) }
        }
    }

    @Test(arguments: ["[", "{\"a\":"]) func nestingIsAcceptedToSixtyFourLevels(opening: String) throws {
        let closing = opening == "[" ? "]" : "}"
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: opening, count: depth) + "1" + String(repeating: closing, count: depth)).utf8)
        }
        _ = try JSONDocument(nested(64))
        let error = try #require(throws: JSONSyntaxError.self) { try JSONDocument(nested(65)) }
        #expect(error.reason == .tooDeep)
    }

    @Test func hostileNestingIsRefusedAtTheLimitAndNotRead() throws {
        let error = try #require(throws: JSONSyntaxError.self) { try JSONDocument(Array(repeating: UInt8(ascii: "["), count: 5_000_000)) }
        #expect(error == JSONSyntaxError(reason: .tooDeep, offset: 64))
    }

    @Test func manySiblingsAreNotDepth() throws {
        let text = "[" + Array(repeating: "[[]]", count: 10_000).joined(separator: ",") + "]"
        #expect(try JSONDocument(Array(text.utf8)).root.elements.count == 10_000)
    }

    /// Every place of the eight-byte step is tried: the special byte may stand anywhere in a word.
    @Test(arguments: 0..<24) func aSpecialByteIsFoundAtEveryOffset(offset: Int) throws {
        let plain = String(repeating: "é", count: offset / 2) + String(repeating: "x", count: offset % 2)
        #expect(try JSONDocument(Array("\"\(plain)\"".utf8)).root.string == plain)
        #expect(try JSONDocument(Array("\"\(plain)\\n\(plain)\"".utf8)).root.string == plain + "\n" + plain)
        #expect(throws: JSONSyntaxError(reason: .invalidString, offset: plain.utf8.count + 1)) {
            try JSONDocument(Array("\"\(plain)\u{01}\(plain)\"".utf8))
        }
    }

    /// RFC 8259 leaves it open; a row is worth more than its one broken character, and its bytes stay as they came.
    @Test func bytesThatAreNotUTF8AreRepairedWhenDecodedAndKeptInTheText() throws {
        let bytes: [UInt8] = [0x22, 0x61, 0xFF, 0xC3, 0x62, 0x22]
        let document = try JSONDocument(bytes)
        #expect(document.root.string == "a\u{FFFD}\u{FFFD}b")
        #expect(Array(document.root.bytes) == bytes)
    }
}
