import FoundationEssentials

/// Takes known secrets out of text that came from outside: plain, percent-encoded and in base64.
///
/// It is the second line. The first is that only short, chosen parts of an answer are looked at in the first place.
public struct Redactor: Sendable {
    private let needles: [String]

    /// Knows these secrets from now on; anything under six characters is too common to search for.
    public init(_ secrets: [Secret]) {
        let spellings: Set<String> = secrets.map { $0.reveal() }.filter { $0.count >= 6 }
            .reduce(into: []) { $0.formUnion(Self.spellings(of: $1)) }
        needles = spellings.filter { $0.count >= 6 }.sorted { $0.count > $1.count }
    }

    /// The text on one line, without secrets, cut to a length.
    public func clean(_ text: String, maximumLength: Int = 300) -> String {
        // Cutting first would leave half a secret that no longer matches; this bound only keeps the work small.
        var cleaned = String(text.prefix(20_000))
        let isWhole = cleaned.utf8.count == text.utf8.count
        for needle in needles { cleaned = cleaned.replacing(needle, with: "•••••") }
        if !isWhole { cleaned = String(cleaned.dropLast(needles.first?.count ?? 0)) }
        cleaned = String(String.UnicodeScalarView(cleaned.unicodeScalars.map { $0.breaksLine ? " " : $0 }))
        return cleaned.count <= maximumLength ? cleaned : cleaned.prefix(max(0, maximumLength - 1)) + (maximumLength > 0 ? "…" : "")
    }

    /// The secret as it may stand in a text: plain, percent-encoded, in base64 and in base64 for URLs.
    private static func spellings(of secret: String) -> [String] {
        let escaped = PercentEncoding.component(secret)
        let encoded = [Data(secret.utf8).base64EncodedString()] + base64Cores(secret)
        let forURLs = encoded.map { $0.replacing("+", with: "-").replacing("/", with: "_") }
        return [secret, escaped, lowercasingEscapes(escaped)] + encoded + forURLs
    }

    /// Percent-encoding in lower case (`%2f`), which is as common as the standard's upper case.
    private static func lowercasingEscapes(_ text: String) -> String {
        text.split(separator: "%", omittingEmptySubsequences: false).enumerated()
            .map { $0 == 0 ? String($1) : $1.prefix(2).lowercased() + $1.dropFirst(2) }
            .joined(separator: "%")
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

extension Unicode.Scalar {
    fileprivate var breaksLine: Bool { [.control, .lineSeparator, .paragraphSeparator].contains(properties.generalCategory) }
}

/// A short random name for one failure, by which screen, log and support find each other.
public struct CorrelationID: Sendable, Hashable, CustomStringConvertible {
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

    /// Draws a new one from the system's randomness.
    public init() {
        var generator = SystemRandomNumberGenerator()
        self.init(using: &generator)
    }

    /// The characters.
    public var description: String { rawValue }
}
