import FoundationEssentials
import PSACore

/// The ways in which a secret may stand in a text: as it is, percent-encoded, and in base64 wherever it begins.
enum SecretSpelling {
    /// All of them; none for a secret too short to be distinguished from chance.
    static func all(of secret: Secret) -> [String] {
        let clear = secret.reveal()
        guard clear.utf8.count >= 6 else { return [] }
        let escaped = PercentEncoding.component(clear)
        // Base64 of a longer text holds the secret from the next whole group of three bytes on; the last group may be shared too.
        let encoded = (0..<3).map { offset in
            let whole = Data([UInt8](repeating: 0x20, count: offset) + Array(clear.utf8)).base64EncodedString()
            let firstWhole = offset == 0 ? 0 : 4
            let wholeGroups = (offset + clear.utf8.count) / 3 * 4
            return String(whole.prefix(wholeGroups).dropFirst(firstWhole))
        }
        return [clear, escaped] + encoded.filter { $0.count >= 8 }
    }

    /// Whether a text holds any of the secrets.
    static func found(_ secrets: [Secret], in text: String) -> Bool { secrets.contains { all(of: $0).contains { text.contains($0) } } }
}
