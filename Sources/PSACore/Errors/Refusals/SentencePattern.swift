/// The form of a whole sentence: words, alternatives, and one part that is of interest.
///
/// A pattern is written as words: `a|b` is one of several, `[a]` may be left out, `<f>` is one to eight words that are captured, `#` a number
/// that may be left out, and `*` whatever follows. It matches from the first word to the last, never a word somewhere in the sentence.
struct SentencePattern: Sendable {
    private enum Part: Sendable {
        case word(Set<String>, isOptional: Bool)
        case captured
        case number
        case rest
    }

    private let parts: [Part]

    init(_ text: String) {
        parts = text.split(separator: " ").map { piece in
            switch piece {
            case "<f>": return .captured
            case "#": return .number
            case "*": return .rest
            default:
                let isOptional = piece.hasPrefix("[")
                let words = (isOptional ? piece.dropFirst().dropLast() : piece).split(separator: "|")
                return .word(Set(words.map(String.init)), isOptional: isOptional)
            }
        }
    }

    /// What was captured; nil if the sentence has another form, empty if the pattern captures nothing.
    func match(_ words: ArraySlice<String>) -> Range<Int>? { match(words, parts[...], captured: 0..<0) }

    private func match(_ words: ArraySlice<String>, _ parts: ArraySlice<Part>, captured: Range<Int>) -> Range<Int>? {
        guard let part = parts.first else { return words.isEmpty ? captured : nil }
        let rest = parts.dropFirst()
        switch part {
        case .rest: return captured
        case .number:
            if let first = words.first, first.contains(where: \.isNumber), first.allSatisfy({ $0.isNumber || $0 == "#" || $0 == "-" }),
                let found = match(words.dropFirst(), rest, captured: captured)
            {
                return found
            }
            return match(words, rest, captured: captured)
        case .word(let known, let isOptional):
            if let first = words.first, known.contains(first), let found = match(words.dropFirst(), rest, captured: captured) {
                return found
            }
            return isOptional ? match(words, rest, captured: captured) : nil
        case .captured:
            for count in 1...8 where count <= words.count {
                // A verb never belongs to the name of a field.
                if Self.verbs.contains(words[words.startIndex + count - 1]) { return nil }
                let range = words.startIndex..<words.startIndex + count
                if let found = match(words.dropFirst(count), rest, captured: range) { return found }
            }
            return nil
        }
    }

    private static let verbs: Set<String> = ["must", "is", "are", "was", "were", "cannot", "has", "have", "does", "do", "did"]
}
