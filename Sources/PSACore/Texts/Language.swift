/// A language texts are written in.
///
/// Codes, vendor messages, host names and ids are never translated.
@nonexhaustive
public enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case german = "de"

    /// The language of a POSIX locale such as `de_AT.UTF-8`, or English.
    public init(locale: String?) {
        self = Language(rawValue: String((locale ?? "").prefix { $0.isLetter }).lowercased()) ?? .english
    }
}
