/// Gives the headings of one document the anchors that GitHub gives them.
struct AnchorNames {
    private var taken: [String: Int] = [:]

    /// The next heading's anchor: a second heading of the same words gets `-1`, a third `-2`; a number that another heading already has
    /// as its own words is skipped.
    mutating func next(for text: String) -> String {
        let base = Self.base(of: text)
        var name = base
        while taken[name] != nil {
            let number = (taken[base] ?? 0) + 1
            taken[base] = number
            name = "\(base)-\(number)"
        }
        taken[name] = 0
        return name
    }

    /// Lower case, hyphens for blanks, and of the rest only what a regular expression's `\p{Word}` matches, which GitHub keeps.
    private static func base(of text: String) -> String {
        var name = String.UnicodeScalarView()
        for scalar in text.lowercased().unicodeScalars {
            if scalar == " " || scalar == "-" {
                name.append("-")
            } else if scalar.isKeptInAnchors {
                name.append(scalar)
            }
        }
        return String(name)
    }
}

extension Unicode.Scalar {
    fileprivate var isKeptInAnchors: Bool {
        switch properties.generalCategory {
        case .decimalNumber, .connectorPunctuation, .nonspacingMark, .spacingMark, .enclosingMark: true
        default: properties.isAlphabetic
        }
    }
}
