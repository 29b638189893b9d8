import PSACore

/// One notice for everything that went wrong alone, on pages that an administrator opens anyway.
struct DecisionNotice: Sendable {
    /// How many jobs failed.
    let failed: Int
    /// How many jobs need review because their outcome is unknown.
    let outcomeUnknown: Int

    var html: HTML {
        let all: [(query: String, count: Int, one: String, several: String)] = [
            ("state=failed", failed, "failed", "failed"),
            ("state=needs_review&reason=outcome_unknown", outcomeUnknown, "has an unknown outcome", "have an unknown outcome"),
        ]
        let parts: [HTML] = all.filter { $0.count > 0 }.map { part in
            let items = part.count == 1 ? "One item" : "\(part.count) items"
            return "<a href=\"/jobs?\(part.query)\">\(items)</a> \(part.count == 1 ? part.one : part.several)"
        }
        guard !parts.isEmpty else { return .empty }
        return Notice(.warning, "\(parts[0])\(parts.count > 1 ? " and \(parts[1])" as HTML : .empty), and a person has to decide.").html
    }
}
