/// What a vendor's English sentence says is wrong, read out of whole sentences of known forms.
///
/// Vendors answer writes they refuse with a sentence and no code. A single word proves nothing: “Impact must be set before a Priority can be
/// determined” is not about the priority. So a sentence counts only if all of it has one of the forms here, and whatever has none stays
/// unread; the caller then quotes it.
public struct VendorRejection: Sendable, Hashable {
    /// What is wrong.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        /// The kind's name.
        public let rawValue: String
        /// Names a kind.
        public init(_ rawValue: String) { self.rawValue = rawValue }
        /// The name.
        public var description: String { rawValue }

        /// A value is missing; the subject is the field.
        public static let required = Kind("required")
        /// A value is none the vendor takes; the subject is the field.
        public static let invalid = Kind("invalid")
        /// There is no such record; the subject is what was named.
        public static let notFound = Kind("not_found")
        /// The record takes nothing at present; the subject is what was named.
        public static let inactive = Kind("inactive")
        /// The value exists, but not here or not now; the subject is the field.
        public static let notAllowed = Kind("not_allowed")
        /// Whoever asks may not do it; the subject is what was tried.
        public static let notPermitted = Kind("not_permitted")
        /// The ticket is closed.
        public static let closed = Kind("closed")
        /// Somebody holds the ticket.
        public static let locked = Kind("locked")
        /// The ticket went into another.
        public static let merged = Kind("merged")
        /// The ticket is gone.
        public static let deleted = Kind("deleted")
        /// Something else has to be done before.
        public static let demands = Kind("demands")
        /// A value must differ from all others; the subject is the field.
        public static let exists = Kind("exists")
        /// Somebody changed the record meanwhile.
        public static let changed = Kind("changed")
        /// The vendor's own configuration lacks something; the subject is what.
        public static let notConfigured = Kind("not_configured")
        /// There is no recipient.
        public static let noRecipient = Kind("no_recipient")
        /// The licence does not cover it.
        public static let license = Kind("license")
        /// The vendor's program or database failed.
        public static let fault = Kind("fault")
    }

    /// What is wrong.
    public let kind: Kind
    /// What it is about, in the vendor's words; nil where the kind says all.
    public let subject: String?

    /// States a refusal.
    public init(_ kind: Kind, subject: String? = nil) {
        self.kind = kind
        self.subject = subject
    }

    /// Reads a vendor's text: the first of its sentences that has a known form.
    ///
    /// - Returns: Nil if none has.
    public init?(_ text: String) {
        for sentence in Self.sentences(text) {
            let words = Self.words(sentence)
            let plain = words.map(\.plain)
            for (kind, pattern) in Self.patterns {
                guard let range = pattern.match(plain[...]) else { continue }
                self.init(kind, subject: Self.subject(words[range]))
                return
            }
        }
        return nil
    }

    private struct Word {
        var plain: String
        var original: String
    }

    /// At most five sentences of at most forty words: no refusal is longer, and a page of text is none.
    private static func sentences(_ text: String) -> [Substring] {
        var sentences: [Substring] = []
        var start = text.startIndex
        for index in text.indices where ".!\n;".contains(text[index]) {
            let next = text.index(after: index)
            guard next == text.endIndex || text[next].isWhitespace || text[index] == "\n" else { continue }
            sentences.append(text[start..<index])
            start = next
            if sentences.count == 5 { return sentences }
        }
        return sentences + [text[start...]]
    }

    private static func words(_ sentence: Substring) -> [Word] {
        let pieces = sentence.split(whereSeparator: \.isWhitespace).prefix(60).map { String($0).trimming(Self.marks) }
        var words: [Word] = []
        // A map of complaints puts the body's field in front: “[0].details: Details must be entered”.
        let isLabelled =
            sentence.split(whereSeparator: \.isWhitespace).first.map { $0.hasSuffix(":") && $0.contains { "[]._".contains($0) } } ?? false
        for piece in pieces.dropFirst(isLabelled ? 1 : 0) where !piece.isEmpty {
            let plain = piece.lowercased().replacing("’", with: "'")
            if let spelled = Self.contractions[plain] {
                words += spelled.map { Word(plain: $0, original: piece) }
            } else if !Self.articles.contains(plain) {
                words.append(Word(plain: plain, original: piece))
            }
            joinVerbs(&words)
        }
        return Array(words.prefix(40))
    }

    /// Two words that mean one: “can not”, “has to”, “may not”.
    private static func joinVerbs(_ words: inout [Word]) {
        guard words.count >= 2 else { return }
        let pair = words[words.count - 2].plain + " " + words[words.count - 1].plain
        guard let one = Self.pairs[pair] else { return }
        words.removeLast()
        words[words.count - 1].plain = one
    }

    /// The captured words without what only points at them.
    private static func subject(_ words: ArraySlice<Word>) -> String? {
        var words = words[...]
        while let first = words.first, Self.pointers.contains(first.plain) { words = words.dropFirst() }
        while let last = words.last, words.count > 1, Self.tails.contains(last.plain) { words = words.dropLast() }
        let text = words.map(\.original).joined(separator: " ")
        return text.isEmpty ? nil : String(text.prefix(60))
    }

    private static let marks: Set<Character> = ["\"", "'", "“", "”", "‘", "’", ",", ".", ":", ";", "!", "?", "(", ")", "[", "]", "*"]
    private static let articles: Set<String> = ["the", "a", "an", "your", "this", "that", "please", "sorry"]
    private static let pointers: Set<String> = [
        "selected", "specified", "chosen", "given", "supplied", "provided", "requested", "following", "valid", "new", "value", "field",
        "for",
        "of", "in",
    ]
    private static let tails: Set<String> = ["field", "value", "id"]
    private static let contractions: [String: [String]] = [
        "can't": ["cannot"], "doesn't": ["does", "not"], "don't": ["do", "not"], "isn't": ["is", "not"], "hasn't": ["has", "not"],
        "aren't": ["are", "not"], "wasn't": ["was", "not"], "haven't": ["have", "not"], "mustn't": ["cannot"], "couldn't": ["cannot"],
    ]
    private static let pairs: [String: String] = [
        "can not": "cannot", "could not": "cannot", "may not": "cannot", "must not": "cannot", "should not": "cannot", "has to": "must",
        "have to": "must", "needs to": "must", "need to": "must", "should be": "must be",
    ]
}

extension String {
    fileprivate func trimming(_ marks: Set<Character>) -> String {
        guard let first = firstIndex(where: { !marks.contains($0) }), let last = lastIndex(where: { !marks.contains($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
