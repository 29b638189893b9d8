package import PSACore

extension PSAError {
    /// The error as a store keeps it: problem JSON in English, and what people read of it in every other language under `translations`.
    ///
    /// The values of an occurrence can't be read back from a text, so it is rendered while the error is at hand. What would have more
    /// than ``ConnectionIssue/maxProblemBytes`` is in English alone.
    package var storedProblem: String {
        TranslatedJSON(members: Self.members) { problem(in: $0) }.text(upTo: ConnectionIssue.maxProblemBytes)
    }

    /// The members that hold words.
    private static let members: Set<String> = ["title", "detail", "causes", "steps", "problems", "ticketFields"]
}

/// A JSON object in English, with its words in every other language beside it.
package struct TranslatedJSON: Sendable {
    /// The member with the other languages, by their codes.
    package static let member = "translations"

    private let english: JSONValue
    private let others: JSONValue

    /// Renders an object in every language.
    ///
    /// - Parameters:
    ///   - members: The members that hold words.
    ///   - render: The object in a language.
    package init(members: Set<String>, _ render: (TextRenderer) -> JSONValue) {
        english = render(TextRenderer())
        others = .init(
            present: Language.allCases.filter { $0 != .english }.map { language in
                guard case .object(let all) = render(TextRenderer(language)) else { return (language.rawValue, nil) }
                return (language.rawValue, .object(all.filter { members.contains($0.name) }))
            })
    }

    /// The object as a store keeps it.
    ///
    /// - Parameter limit: The most bytes with the other languages.
    /// - Returns: JSON; in English alone where it would be longer than the limit.
    package func text(upTo limit: Int) -> String {
        let text = english.adding((Self.member, others)).encodedText
        return text.utf8.count <= limit ? text : english.encodedText
    }

    /// Reads what is stored.
    ///
    /// - Parameters:
    ///   - text: JSON as ``text(upTo:)`` writes it, or English alone.
    ///   - language: The language of the words; what lacks a translation is in English.
    /// - Returns: The object without the other languages; nil if the text is not JSON.
    package static func read(_ text: String, in language: Language = .english) -> JSONView? {
        guard let root = (try? JSONDocument(Array(text.utf8)))?.root else { return nil }
        guard let translations = root[member], case .object(let members) = JSONValue(root) else { return root }
        let words = translations[language.rawValue]
        let read = JSONValue.object(
            members.filter { $0.name != member }.map { own in
                JSONValue.Member(name: own.name, value: words?[own.name].map { JSONValue($0) } ?? own.value)
            })
        return (try? JSONDocument(read.encoded))?.root
    }
}
