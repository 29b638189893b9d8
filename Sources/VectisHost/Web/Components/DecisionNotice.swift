import PSACore

/// One notice for everything that went wrong alone, on pages that an administrator opens anyway.
struct DecisionNotice: Sendable {
    /// How many firings there are in each state.
    let counts: [String: Int]

    var html: HTML {
        let parts: [HTML] = [("failed", "failed"), ("undecided", "have an unknown outcome")].compactMap { state, words in
            guard let count = counts[state], count > 0 else { return nil }
            return
                "<a href=\"/firings?state=\(state)\">\(count == 1 ? "One item" : "\(String(count)) items")</a> \(count == 1 && state == "undecided" ? "has an unknown outcome" : words)"
        }
        guard !parts.isEmpty else { return .empty }
        return Notice(.warning, "\(parts[0])\(parts.count > 1 ? " and \(parts[1])" as HTML : .empty), and a person has to decide.").html
    }
}
