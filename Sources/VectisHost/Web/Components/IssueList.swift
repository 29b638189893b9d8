import FoundationEssentials
import PSACore
import PSAEngine

/// What stands against a connection: one line for each kind of trouble, with how often and since when.
struct IssueList: Sendable {
    let issues: [ConnectionIssue]
    /// Whose words are used.
    let descriptor: ConnectorDescriptor

    var html: HTML {
        let standing = issues.filter { $0.resolvedAt == nil }
        guard !standing.isEmpty else { return .empty }
        return """
            <ul class="issues">\(each: standing, { issue in """
                <li><strong>Issue:</strong> <a href="/errors#\(issue.code.anchor)">\(PSAError(issue.code, catalogue: descriptor.guidance).guidance.title)</a>, \(times(issue.count)) since \
                \(TimestampView(issue.firstSeenAt).html), last \(TimestampView(issue.lastSeenAt).html)</li>
                """ })</ul>
            """
    }

    private func times(_ count: Int) -> String { count == 1 ? "once" : "\(count) times" }
}
