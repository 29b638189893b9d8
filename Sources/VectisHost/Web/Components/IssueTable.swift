import PSACore
import PSAEngine

/// What stands against a connection, in full: for the page on which it is put right.
struct IssueTable: Sendable {
    let issues: [ConnectionIssue]
    /// Whose words are used.
    let descriptor: ConnectorDescriptor

    var html: HTML {
        let standing = issues.filter { $0.resolvedAt == nil }
        guard !standing.isEmpty else { return .empty }
        return """
            <section aria-labelledby="open-issues">
            <h2 id="open-issues">Open issues</h2>
            <p class="help">A test that passes closes them, and so does a ticket that goes through.</p>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Open issues">
            <table>
            <thead><tr><th scope="col">Issue</th><th scope="col">Code</th><th scope="col">First seen</th><th scope="col">Last seen</th>
            <th scope="col">Times</th></tr></thead>
            <tbody>\(each: standing, row)</tbody>
            </table>
            </div>
            </section>
            """
    }

    private func row(_ issue: ConnectionIssue) -> HTML {
        """
        <tr><td>\(PSAError(issue.code, catalogue: descriptor.guidance).guidance.title)</td>
        <td><a href="/errors#\(issue.code.anchor)"><code>\(issue.code.rawValue)</code></a></td>
        <td>\(TimestampView(issue.firstSeenAt).html)</td><td>\(TimestampView(issue.lastSeenAt).html)</td><td>\(issue.count)</td></tr>
        """
    }
}
