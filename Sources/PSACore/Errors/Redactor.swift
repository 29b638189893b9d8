#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Takes known secrets out of text that came from outside: plain, percent-encoded, escaped for JSON and in base64.
///
/// Secrets are searched for as bytes: a secret that is followed by a combining character, or preceded by half of a character, is still the
/// secret. Capitals don't matter, because servers write hexadecimal digits in either case; so a secret of GUIDs is also found without its
/// hyphens, and each of its GUIDs alone. It is the second line. The first is that only short, chosen parts of an answer are looked at in the first place.
public struct Redactor: Sendable {
    /// What is searched for, the longest first.
    private let needles: [[UInt8]]
    /// Secrets that Unicode can spell in several ways, which are searched for as characters too.
    private let respelled: [String]

    /// The largest number of bytes of a text that are searched.
    private static let maxBytes = 20_000

    /// Knows these secrets from now on; anything under six characters is too common to search for.
    public init(_ secrets: [Secret]) {
        let known = secrets.map { $0.reveal() }.filter { $0.unicodeScalars.count >= 6 }
        let spellings = Set(known.flatMap { Self.spellings(of: $0) }.map { Array($0.utf8.map(\.lowercaseASCII)) })
        needles = spellings.filter { $0.count >= 6 }.sorted { $0.count > $1.count }
        respelled = known.filter { !$0.utf8.allSatisfy { $0 < 0x80 } }
    }

    /// The text on one line, without secrets, cut to a length.
    ///
    /// Characters that turn the direction of a text or leave no ink are left out.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - maximumLength: The length in Unicode scalars.
    /// - Returns: The text; where it was cut, it ends with an ellipsis.
    public func clean(_ text: String, maximumLength: Int = 300) -> String {
        let visible = replacingSecrets(
            in: String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.properties.generalCategory != .format })))
        let scalars = visible.unicodeScalars.map { $0.breaksLine ? " " : $0 }
        guard scalars.count > maximumLength else { return String(String.UnicodeScalarView(scalars)) }
        return String(String.UnicodeScalarView(scalars.prefix(max(0, maximumLength - 1)))) + (maximumLength > 0 ? "…" : "")
    }

    private func replacingSecrets(in text: String) -> String {
        // Cutting first would leave half a secret that no longer matches; this bound only keeps the work small.
        var bytes = Array(text.utf8.prefix(Self.maxBytes))
        let isWhole = bytes.count == text.utf8.count
        for needle in needles { bytes = Self.replacing(needle, in: bytes) }
        if !isWhole { bytes.removeLast(min(bytes.count, needles.first?.count ?? 0)) }
        var cleaned = String(decoding: bytes, as: UTF8.self)
        for secret in respelled { cleaned = cleaned.replacing(secret, with: Self.mark) }
        return cleaned
    }

    /// What stands in place of a secret.
    private static let mark = "•••••"

    private static func replacing(_ needle: [UInt8], in bytes: [UInt8]) -> [UInt8] {
        guard var found = range(of: needle, in: bytes, from: 0) else { return bytes }
        var replaced: [UInt8] = []
        var start = 0
        while true {
            replaced += bytes[start..<found]
            replaced += mark.utf8
            start = found + needle.count
            guard let next = range(of: needle, in: bytes, from: start) else { break }
            found = next
        }
        return replaced + bytes[start...]
    }

    /// Where the needle begins.
    private static func range(of needle: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        var at = start
        while at + needle.count <= bytes.count {
            guard let first = bytes[at...(bytes.count - needle.count)].firstIndex(where: { $0.lowercaseASCII == needle[0] }) else {
                return nil
            }
            if bytes[first..<first + needle.count].elementsEqual(needle, by: { $0.lowercaseASCII == $1 }) { return first }
            at = first + 1
        }
        return nil
    }

    /// The secret as it may stand in a text: plain, percent-encoded, escaped for JSON, in base64 and in base64 for URLs.
    private static func spellings(of secret: String) -> [String] {
        let escaped = PercentEncoding.component(secret)
        let encoded = [Data(secret.utf8).base64EncodedString()] + base64Cores(secret)
        let forURLs = encoded.map { text in
            String(
                decoding: text.utf8.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0 },
                as: UTF8.self)
        }
        var json: [UInt8] = []
        JSONEscape.encode(secret, into: &json)
        let quoted = Array(json.dropFirst().dropLast())
        // Some writers escape the slash too.
        let slashed = quoted.flatMap { $0 == UInt8(ascii: "/") ? [UInt8(ascii: "\\"), $0] : [$0] }
        return [secret, escaped] + guidSpellings(of: secret) + [quoted, slashed].map { String(decoding: $0, as: UTF8.self) } + encoded
            + forURLs
    }

    /// A secret of GUIDs without its hyphens, and each of several GUIDs in both forms; none for a secret of another form.
    private static func guidSpellings(of secret: String) -> [String] {
        let digits = secret.filter { $0 != "-" }
        guard !digits.isEmpty, digits.count.isMultiple(of: 32), digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return [] }
        guard digits.count > 32 else { return [digits] }
        let groups = secret.split(separator: "-").map(String.init)
        let guids = groups.count.isMultiple(of: 5) ? stride(from: 0, to: groups.count, by: 5).map { groups[$0..<$0 + 5] } : []
        return [digits] + guids.flatMap { [$0.joined(separator: "-"), $0.joined()] }
    }

    /// What base64 makes of a secret at each of the three places it can have in a longer text, such as `id:secret`.
    ///
    /// The characters it shares with its neighbours are not part of it and stay; they hold less than one byte of the secret at either end.
    private static func base64Cores(_ secret: String) -> [String] {
        (0..<3).map { offset in
            let encoded = Data(Array(repeating: 0, count: offset) + Array(secret.utf8)).base64EncodedString()
            return String(encoded.prefix((offset + secret.utf8.count) * 8 / 6).dropFirst((offset * 8 + 5) / 6))
        }
    }
}

extension Redactor {
    /// The error without secrets: what a person typed into the wrong setting comes back in its values, not only in the vendor's words.
    func clean(_ error: PSAError) -> PSAError {
        var cleaned = error
        cleaned.values = error.values.mapValues(clean)
        for index in cleaned.findings.indices { cleaned.findings[index].evidence = cleaned.findings[index].evidence.map(clean) }
        if let value = error.suggestion?.value, replacingSecrets(in: value) != value { cleaned.suggestion = nil }
        return cleaned
    }

    private func clean(_ value: MessageValue) -> MessageValue {
        switch value {
        case .verbatim(let text): .verbatim(replacingSecrets(in: text))
        case .phrase(let message): .phrase(clean(message))
        case .list(let values): .list(values.map(clean))
        case .sentences(let values): .sentences(values.map(clean))
        case .setting, .moment: value
        }
    }

    /// The message as it is, or without its secrets and its type if it holds any.
    private func clean(_ message: any LocalizedMessage) -> any LocalizedMessage {
        let cleaned = StoredMessage(message, values: message.values.mapValues(clean))
        let renderer = TextRenderer()
        return renderer.text(cleaned) == renderer.text(message) ? message : cleaned
    }
}

extension StringProtocol {
    /// Whether a word of it may be a key, a password or a part of one, by its form: long and of letters and digits, or very long.
    ///
    /// A secret that was typed into the wrong setting is recognised by nothing else. Ids of that form count too.
    package var maySecretBeIn: Bool {
        split(whereSeparator: \.isWhitespace).contains { word in
            word.utf8.count >= 32 || word.utf8.count >= 13 && word.contains(where: \.isNumber) && word.contains(where: \.isLetter)
        }
    }
}

extension UInt8 {
    /// The byte, or the small letter of a capital one in ASCII.
    fileprivate var lowercaseASCII: UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self }
}

extension Unicode.Scalar {
    fileprivate var breaksLine: Bool { [.control, .lineSeparator, .paragraphSeparator].contains(properties.generalCategory) }
}

/// A short random name for one failure, by which screen, log and support find each other.
public struct CorrelationID: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// Twelve characters that can't be mistaken for one another when read aloud.
    public let rawValue: String

    /// Letters and digits of which none looks like another one.
    package static let alphabet = Array("23456789abcdefghjkmnpqrstuvwxyz")

    /// Draws a new one, with one number of the generator: each draw from the system's randomness is a call into the kernel.
    public init(using generator: inout some RandomNumberGenerator) {
        var number = UInt64.random(in: 0..<Self.count, using: &generator)
        let size = UInt64(Self.bytes.count)
        rawValue = String(unsafeUninitializedCapacity: Self.length) { text in
            for place in 0..<Self.length {
                text[place] = Self.bytes[Int(number % size)]
                number /= size
            }
            return Self.length
        }
    }

    private static let length = 12
    private static let bytes = Array(String(alphabet).utf8)
    /// How many there are: 31 to the power of 12, about 2 to the power of 59.
    private static let count = (0..<length).reduce(UInt64(1)) { product, _ in product * UInt64(bytes.count) }

    /// Takes the name of an earlier occurrence back; nil unless it has the form of ``rawValue``.
    public init?(rawValue: String) {
        guard rawValue.utf8.count == Self.length, rawValue.utf8.allSatisfy(Self.bytes.contains) else { return nil }
        self.rawValue = rawValue
    }

    /// Draws a new one from the system's randomness.
    public init() {
        var generator = SystemRandomNumberGenerator()
        self.init(using: &generator)
    }

    /// The characters.
    public var description: String { rawValue }
}
