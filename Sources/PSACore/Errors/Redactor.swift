import FoundationEssentials

/// Takes known secrets out of text that came from outside: plain, percent-encoded and in base64.
///
/// It is the second line. The first is that only short, chosen parts of an answer are looked at in the first place.
public struct Redactor: Sendable {
    private let needles: [String]

    /// Knows these secrets from now on; anything under six characters is too common to search for.
    public init(_ secrets: [Secret]) {
        needles = secrets.map { $0.reveal() }.filter { $0.count >= 6 }
            .flatMap { secret in
                let encoded = Data(secret.utf8).base64EncodedString()
                return [secret, PercentEncoding.component(secret), encoded, String(encoded.prefix { $0 != "=" })]
            }
            .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
            .sorted { $0.count > $1.count }
    }

    /// The text on one line, without secrets, cut to a length.
    public func clean(_ text: String, maximumLength: Int = 300) -> String {
        // Cutting first would leave half a secret that no longer matches; this bound only keeps the work small.
        var cleaned = String(text.prefix(20_000))
        for needle in needles { cleaned = cleaned.replacing(needle, with: "•••••") }
        cleaned = String(String.UnicodeScalarView(cleaned.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
        return cleaned.count <= maximumLength ? cleaned : cleaned.prefix(maximumLength - 1) + "…"
    }
}
