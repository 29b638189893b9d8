import PSACore

/// The checks of a connection test, each with its outcome as a word, what was seen, and how long it took.
struct CheckList: Sendable {
    /// One check as an item of the list; the streamed test sends these one by one.
    static func item(_ check: ConnectionCheck) -> HTML {
        let renderer = TextRenderer()
        let took = check.duration.map { " · \(Int($0.seconds * 1_000)) ms" } ?? ""
        return """
            <li class="check \(check.outcome.rawValue)">
            <span class="outcome">\(renderer.text(CoreMessage.outcome(check.outcome)))</span>
            <span class="subject">\(renderer.text(CoreMessage.check(check.subject)))</span>
            <span class="evidence">\(renderer.text(check.evidence))\(took)</span>
            </li>
            """
    }

    /// The whole list.
    static func list(_ checks: [ConnectionCheck]) -> HTML {
        "<ol class=\"checks\">\(each: checks, item)</ol>"
    }
}
