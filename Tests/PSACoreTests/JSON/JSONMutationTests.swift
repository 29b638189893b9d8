import FoundationEssentials
import PSATesting
import Testing

@testable import PSACore

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
