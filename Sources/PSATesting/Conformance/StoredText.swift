/// A text as vendors may keep it: they end lines as they like, and drop spaces at the end of a line and of the whole.
struct StoredText: Sendable, Equatable {
    private let lines: [String]

    /// Reads plain text.
    init(_ text: String) {
        var lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in String(line.reversed().drop { $0 == " " || $0 == "\t" }.reversed()) }
        while lines.last == "" { lines.removeLast() }
        while lines.first == "" { lines.removeFirst() }
        self.lines = lines
    }

    /// Reads a text that the vendor keeps as HTML: a break or a paragraph ends a line, other tags are dropped.
    init(markup: String) {
        var (text, rest) = ("", Substring(markup))
        while let start = rest.firstIndex(of: "<") {
            text += rest[..<start]
            rest = rest[rest.index(after: start)...]
            guard let end = rest.firstIndex(of: ">"), let first = rest.first, first.isLetter || first == "/" else {
                text += "<"
                continue
            }
            let name = rest[..<end].lowercased().prefix { $0.isLetter || $0 == "/" }
            if ["br", "br/", "/p", "/div", "/li", "/tr"].contains(name) { text += "\n" }
            rest = rest[rest.index(after: end)...]
        }
        text += rest
        // The ampersand is last, or an escaped entity would be read twice.
        for (entity, character) in [
            ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&apos;", "'"),
            ("&nbsp;", " "), ("&#160;", " "), ("&amp;", "&"),
        ] { text = text.replacing(entity, with: character) }
        self.init(text.replacing("\u{A0}", with: " "))
    }

    /// The stored text as it reads best against the one that was given: as it is, or as HTML.
    static func reading(_ stored: String, against given: StoredText) -> StoredText {
        let plain = StoredText(stored)
        guard !plain.contains(given) else { return plain }
        let rendered = StoredText(markup: stored)
        return rendered.contains(given) ? rendered : plain
    }

    /// Whether the other text stands in this one as a whole; a vendor may put a signature or a quotation around it.
    func contains(_ other: StoredText) -> Bool { ("\n" + text + "\n").contains("\n" + other.text + "\n") }

    /// The first line of the other text that is not in this one.
    func firstMissing(of other: StoredText) -> String? {
        let own = Set(lines)
        return other.lines.first { !own.contains($0) }
    }

    private var text: String { lines.joined(separator: "\n") }

    /// A text longer than the fields of careless databases, with characters beyond the basic plane at its beginning and end.
    static func long(_ mark: Marker) -> String {
        "A long text, \(mark.text) 🔧\n"
            + (1...180).map { "Line \($0) of a log that is given whole, or not at all: it ends further down.\n" }.joined()
            + "The last line 🔧, behind more than 10,000 characters."
    }

    /// A summary longer than short fields.
    static func longLine(_ mark: Marker) -> String {
        let beginning = "Conformance check \(mark.text) 🔧 "
        return beginning + String(repeating: "long ", count: (195 - beginning.count) / 5) + "end 🔧"
    }

    /// A text with everything that careless code loses: lines, blank lines, indentation, letters, markup, and length.
    static func hard(_ mark: Marker) -> String {
        """
        The first line, \(mark.text)
            indented; <b>3 & 4</b> &amp; “Füße” 火

        C:\\temp, 100 %, "quoted", 1 < 2 > 0, it's {braces}
        """ + (1...30).map { "\nLine \($0) of thirty, so that a short field does not do." }.joined() + "\nThe last line."
    }
}

extension String {
    /// Whether a stored text has another one in it as a whole, as it is or as HTML.
    func holds(_ given: String) -> Bool {
        let given = StoredText(given)
        return StoredText.reading(self, against: given).contains(given)
    }
}
