public import PSACore

extension TextRenderer {
    /// Marks where each pattern begins and ends, and makes it as much longer as some languages are.
    public static func pseudo(_ language: Language) -> TextRenderer {
        TextRenderer(language) { "⟦" + $0 + String(repeating: "~", count: ($0.count * 2 + 4) / 5) + "⟧" }
    }
}

extension String {
    /// The names in braces of a pattern.
    public var namesInBraces: Set<String> {
        Set(split(separator: "{", omittingEmptySubsequences: false).dropFirst().map { String($0.prefix { $0 != "}" }) })
    }

    /// Whether everything is between the first mark of a pseudo-locale and the one that closes it.
    public var isOnePhrase: Bool {
        var depth = 0
        for (index, character) in zip(indices, self) {
            if character == "⟦" { depth += 1 }
            if character == "⟧" { depth -= 1 }
            if depth == 0 { return character == "⟧" && self.index(after: index) == endIndex }
        }
        return false
    }
}
