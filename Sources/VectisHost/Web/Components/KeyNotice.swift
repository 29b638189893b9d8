import PSACore
import PSAEngine

/// Says that the keys don't open the secrets of some connections, on pages that an administrator opens anyway.
struct KeyNotice: Sendable {
    /// What stands against connections.
    let issues: [ConnectionIssue]

    var html: HTML {
        let count = issues.count { $0.code == .configSecretUnreadable && $0.resolvedAt == nil }
        guard count > 0 else { return .empty }
        return Notice(
            .problem,
            """
            The key file does not open the stored secrets of \(count == 1 ? "a connection" : "\(count) connections"), so nothing can be sent through
            \(count == 1 ? "it" : "them"). Put the key file back that belongs to this database and start Vectis again; if it is lost, open the connection
            and enter its secrets again. <a href="/errors#\(ErrorCode.configSecretUnreadable.anchor)">What that means</a>
            """
        ).html
    }
}
