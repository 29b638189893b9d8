/// One text in every language it was written in.
///
/// English is always there; a language without words of its own is shown in English, never in a third one.
public struct LocalizedText: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The English words.
    public let english: String
    private let translations: [Language: String]

    /// States a text.
    ///
    /// - Parameters:
    ///   - english: The English words; names in braces are replaced by values.
    ///   - german: The German words, with the same names in braces.
    public init(_ english: String, german: String? = nil) {
        self.english = english
        translations = german.map { [.german: $0] } ?? [:]
    }

    /// States a text that exists in English only.
    public init(stringLiteral value: String) { self.init(value) }

    /// The words of a language, or the English ones.
    public func text(in language: Language) -> String { translations[language] ?? english }

    /// Whether the text was written in a language.
    public func isWritten(in language: Language) -> Bool { language == .english || translations[language] != nil }
}
