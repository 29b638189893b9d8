/// The headings of a connector's guide, for ``ConformanceSubject/guideHeadings``, and the links to them.
public enum GuideHeadings {
    /// The anchors that GitHub gives to the headings of a Markdown document.
    ///
    /// They are in lower case, without punctuation, with a hyphen for each space, and a number behind the second and later headings of the
    /// same name. What is inside of fenced code is no heading.
    ///
    /// - Parameter markdown: The document.
    /// - Returns: The anchors, without `#`.
    public static func anchors(of markdown: String) -> Set<String> {
        var found: Set<String> = []
        var counts: [String: Int] = [:]
        var isInsideCode = false
        for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") { isInsideCode.toggle() }
            let marks = line.prefix { $0 == "#" }.count
            guard !isInsideCode, (1...6).contains(marks), line.dropFirst(marks).hasPrefix(" ") else { continue }
            let anchor = anchor(of: line.dropFirst(marks + 1))
            let count = counts[anchor, default: 0]
            counts[anchor] = count + 1
            found.insert(count == 0 ? anchor : "\(anchor)-\(count)")
        }
        return found
    }

    /// The anchors that links of a Markdown document to its own headings name, such as `1-start` in `[below](#1-start)`.
    ///
    /// - Parameter markdown: The document.
    /// - Returns: The anchors, without `#`; those that are not among ``anchors(of:)`` lead nowhere.
    public static func linkedAnchors(of markdown: String) -> Set<String> {
        Set(markdown.split(separator: "\n").flatMap { $0.matches(of: /\]\(#([^)]*)\)/).map { String($0.1) } })
    }

    private static func anchor(of heading: Substring) -> String {
        String(heading.lowercased().compactMap { $0 == " " ? "-" : $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : nil })
    }
}
