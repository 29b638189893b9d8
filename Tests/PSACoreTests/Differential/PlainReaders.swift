import Foundation

@testable import PSACore

/// Reads JSON one byte after another into a tree: slow, and short enough to be checked by eye.
///
/// The reader of the package must give the same tree, and the same error at the same place.
struct PlainJSONReader {
    private let bytes: [UInt8]
    private var at = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func read(_ bytes: [UInt8]) -> Result<JSONValue, JSONSyntaxError> {
        var reader = PlainJSONReader(bytes)
        do throws(JSONSyntaxError) {
            return .success(try reader.text())
        } catch {
            return .failure(error)
        }
    }

    private func error(_ reason: JSONSyntaxError.Reason) -> JSONSyntaxError { JSONSyntaxError(reason: reason, offset: at) }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipBlanks() { while let byte = next, [0x20, 0x0A, 0x0D, 0x09].contains(byte) { at += 1 } }

    private mutating func text() throws(JSONSyntaxError) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
        skipBlanks()
        guard next != nil else { throw error(.empty) }
        let value = try value(depth: 0)
        skipBlanks()
        guard next == nil else { throw error(.textAfterEnd) }
        return value
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        skipBlanks()
        guard let byte = next else { throw error(.endsEarly) }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard depth <= 64 else { throw error(.tooDeep) }
        at += 1
        var members: [JSONValue.Member] = []
        skipBlanks()
        guard next != UInt8(ascii: "}") else {
            at += 1
            return .object([])
        }
        while true {
            skipBlanks()
            guard let byte = next else { throw error(.endsEarly) }
            guard byte == UInt8(ascii: "\"") else { throw error(.unexpectedByte) }
            let name = try string()
            skipBlanks()
            guard let colon = next else { throw error(.endsEarly) }
            guard colon == UInt8(ascii: ":") else { throw error(.unexpectedByte) }
            at += 1
            members.append(JSONValue.Member(name: name, value: try value(depth: depth)))
            guard try goesOn(until: UInt8(ascii: "}")) else { return .object(members) }
        }
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard depth <= 64 else { throw error(.tooDeep) }
        at += 1
        var elements: [JSONValue] = []
        skipBlanks()
        guard next != UInt8(ascii: "]") else {
            at += 1
            return .array([])
        }
        while true {
            elements.append(try value(depth: depth))
            guard try goesOn(until: UInt8(ascii: "]")) else { return .array(elements) }
        }
    }

    /// Steps over a comma, or over the end of the container.
    private mutating func goesOn(until end: UInt8) throws(JSONSyntaxError) -> Bool {
        skipBlanks()
        guard let byte = next else { throw error(.endsEarly) }
        guard byte == UInt8(ascii: ",") || byte == end else { throw error(.unexpectedByte) }
        at += 1
        return byte != end
    }

    private mutating func literal(_ word: String, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        guard at + word.utf8.count <= bytes.count else { throw error(.endsEarly) }
        guard bytes[at..<at + word.utf8.count].elementsEqual(word.utf8) else { throw error(.unexpectedByte) }
        at += word.utf8.count
        return value
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = at
        if next == UInt8(ascii: "-") { at += 1 }
        guard next != nil else { throw error(.endsEarly) }
        if next == UInt8(ascii: "0") {
            at += 1
        } else if digits() == 0 {
            throw error(at == start ? .unexpectedByte : .invalidNumber)
        }
        if next == UInt8(ascii: ".") {
            at += 1
            guard digits() > 0 else { throw error(.invalidNumber) }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            at += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
            guard digits() > 0 else { throw error(.invalidNumber) }
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        return Int(text).map(JSONValue.integer) ?? .double(Double(text) ?? 0)
    }

    private mutating func digits() -> Int {
        let start = at
        while let byte = next, (0x30...0x39).contains(byte) { at += 1 }
        return at - start
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        at += 1
        var units: [UInt8] = []
        while true {
            guard let byte = next else { throw error(.endsEarly) }
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return String(decoding: units, as: UTF8.self)
            case 0..<0x20: throw error(.invalidString)
            case UInt8(ascii: "\\"): units += try escape()
            default:
                units.append(byte)
                at += 1
            }
        }
    }

    private mutating func escape() throws(JSONSyntaxError) -> [UInt8] {
        guard at + 1 < bytes.count else { throw error(.endsEarly) }
        let plain: [UInt8: UInt8] = [
            UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12,
            UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
        ]
        if let byte = plain[bytes[at + 1]] {
            at += 2
            return [byte]
        }
        guard bytes[at + 1] == UInt8(ascii: "u"), let first = unit(at + 2) else { throw error(.invalidString) }
        at += 6
        var scalar = Unicode.Scalar(first)
        // A pair of surrogates is one character; one alone is the replacement character.
        if (0xD800...0xDBFF).contains(first), at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u"),
            let second = unit(at + 2), (0xDC00...0xDFFF).contains(second)
        {
            at += 6
            scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        }
        return Array(String(Character(scalar ?? "\u{FFFD}")).utf8)
    }

    private func unit(_ start: Int) -> UInt32? {
        guard start + 4 <= bytes.count, bytes[start..<start + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 })
        else {
            return nil
        }
        return UInt32(String(decoding: bytes[start..<start + 4], as: UTF8.self), radix: 16)
    }
}

/// Writes a JSON string one byte after another.
enum PlainJSONString {
    static func encode(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0A: bytes += Array("\\n".utf8)
            case 0x0D: bytes += Array("\\r".utf8)
            case 0x09: bytes += Array("\\t".utf8)
            case 0..<0x20: bytes += Array(String(format: "\\u%04x", byte).utf8)
            default: bytes.append(byte)
            }
        }
        return bytes + [UInt8(ascii: "\"")]
    }
}

/// Reads a date by cutting it at its separators.
enum PlainDate {
    static func read(_ text: String) -> Date? {
        let pattern = /(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}(?::?(?:\d{2})?)?)?)?/
            .asciiOnlyDigits()
        guard let match = try? pattern.wholeMatch(in: text) else { return nil }
        guard let year = Int(match.1), let month = Int(match.2), let day = Int(match.3) else { return nil }
        guard let hours = match.4, let minutes = match.5, let seconds = match.6 else {
            return GregorianUTC.instant(year: year, month: month, day: day)
        }
        guard let hour = Int(hours), let minute = Int(minutes), let second = Int(seconds) else { return nil }
        let nanosecond = match.7.flatMap { Int($0 + String(repeating: "0", count: 9 - $0.count)) } ?? 0
        var offset = 0
        if let zone = match.8, zone != "Z" {
            guard let hours = Int(zone.dropFirst().prefix(2)) else { return nil }
            let minutes = Int(zone.dropFirst(3).drop { $0 == ":" }) ?? 0
            guard hours <= 23, minutes <= 59 else { return nil }
            offset = (zone.hasPrefix("-") ? -1 : 1) * (hours * 3_600 + minutes * 60)
        }
        return GregorianUTC.instant(year: year, month: month, day: day, hour: hour, minute: minute, second: second, nanosecond: nanosecond)?
            .addingTimeInterval(Double(-offset))
    }
}
