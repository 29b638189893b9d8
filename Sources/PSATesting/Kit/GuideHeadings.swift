/// The headings of a connector's guide, for ``ConformanceSubject/guideHeadings``.
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

    private static func anchor(of heading: Substring) -> String {
        String(heading.lowercased().compactMap { $0 == " " ? "-" : $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : nil })
    }
}
