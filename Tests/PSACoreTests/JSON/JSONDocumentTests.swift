import FoundationEssentials
import PSATesting
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

/// Random damage to a realistic row, checked against Foundation's reader.
@Suite struct JSONMutationTests {
    static let row = #"""
        {"id":4711,"summary":"Disk \"C:\\\" full \u2013 caf\u00e9","details":null,"client_id":18.0,"client_name":"Müller & Söhne","tags":["a","b\n",""],
        "sla":{"id":-1,"hold":false,"pct":87.5e-1,"emoji":"\uD83D\uDE00"},"customfields":[{"id":9,"value":[]},{}],"inactive":true}
        """#

    @Test func twentyThousandDamagedRowsAreReadAsFoundationReadsThem() throws {
        var random = SeededGenerator(seed: 0x5EED_2026)
        let original = Array(Self.row.utf8)
        var bothAccepted = 0
        var bothRefused = 0
        for round in 0..<20_000 {
            let text = damaged(original, using: &random)
            let ours = (try? JSONDocument(text)).map { Tree($0.root) }
            let theirs = try? JSONDecoder().decode(Tree.self, from: Data(text))
            switch (ours, theirs) {
            case (let ours?, let theirs?):
                bothAccepted += 1
                if !ours.hasDuplicateNames {
                    try #require(ours == theirs, "round \(round): \(String(decoding: text, as: UTF8.self))")
                }
            case (nil, nil): bothRefused += 1
            case (nil, .some):
                try #require(hasTrailingComma(text), "round \(round) only refused here: \(String(decoding: text, as: UTF8.self))")
            case (.some, nil):
                try #require(isToleratedHere(text), "round \(round) only accepted here: \(String(decoding: text, as: UTF8.self))")
            }
        }
        #expect(bothAccepted > 2_000)
        #expect(bothRefused > 2_000)
    }

    /// Foundation lets a comma pass before a closing bracket, against RFC 8259.
    private func hasTrailingComma(_ text: [UInt8]) -> Bool {
        let dense = text.filter { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }
        return zip(dense, dense.dropFirst()).contains { $0 == UInt8(ascii: ",") && [UInt8(ascii: "]"), UInt8(ascii: "}")].contains($1) }
    }

    /// What this reader lets pass and Foundation does not: broken UTF-8, lone surrogates, numbers beyond a double.
    private func isToleratedHere(_ text: [UInt8]) -> Bool {
        let string = String(decoding: text, as: UTF8.self)
        return !string.utf8.elementsEqual(text) || string.lowercased().contains("\\ud")
            || (try? JSONDocument(text)).map { !Tree($0.root).isFinite } ?? false
    }

    private func damaged(_ original: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
        var text = original
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let at = Int.random(in: 0..<text.count, using: &random)
            switch Int.random(in: 0..<7, using: &random) {
            case 0: text[at] = UInt8.random(in: 0...255, using: &random)
            case 1: text[at] = Array(#"{}[]",:\0123456789eE+-.tfn ul/"#.utf8).randomElement(using: &random) ?? 0
            case 2: text.remove(at: at)
            case 3: text.insert(UInt8.random(in: 0x20...0x7E, using: &random), at: at)
            case 4: text.removeSubrange(at..<min(text.count, at + Int.random(in: 1...12, using: &random)))
            case 5:
                let from = Int.random(in: 0..<text.count, using: &random)
                text.insert(contentsOf: Array(text[from..<min(text.count, from + 8)]), at: at)
            default: text[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
            }
            if text.isEmpty { text = [0x30] }
        }
        return text
    }
}

/// A JSON value as both readers can give it.
private enum Tree: Decodable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([Tree])
    case object([String: Tree], count: Int)

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let text = try? value.decode(String.self) {
            self = .string(text)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let members = try? value.decode([String: Tree].self) {
            self = .object(members, count: members.count)
        } else if let elements = try? value.decode([Tree].self) {
            self = .array(elements)
        } else {
            self = .bool(try value.decode(Bool.self))
        }
    }

    init(_ view: JSONView) {
        if view.isNull {
            self = .null
        } else if view.isArray {
            self = .array(view.elements.map(Tree.init))
        } else if view.isObject {
            let members = view.members
            self = .object(
                Dictionary(members.map { ($0.name, Tree($0.value)) }, uniquingKeysWith: { first, _ in first }), count: members.count)
        } else if let text = view.string {
            self = .string(text)
        } else if let text = view.text {
            self = .number(Double(text) ?? .nan)
        } else {
            self = .bool(view.bool ?? false)
        }
    }

    var hasDuplicateNames: Bool {
        switch self {
        case .object(let members, let count): members.count != count || members.values.contains(where: \.hasDuplicateNames)
        case .array(let elements): elements.contains(where: \.hasDuplicateNames)
        default: false
        }
    }

    var isFinite: Bool {
        switch self {
        case .number(let number): number.isFinite
        case .object(let members, _): members.values.allSatisfy(\.isFinite)
        case .array(let elements): elements.allSatisfy(\.isFinite)
        default: true
        }
    }
}
