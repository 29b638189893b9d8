import PSACore
import PSAEngine

/// One notice for each connection with companies that were not found, on pages that an administrator opens anyway.
struct UnmatchedNotices: Sendable {
    let unmatched: [UnmatchedCompany]
    let connections: [StoredConnection]

    var html: HTML {
        .all(
            connections.compactMap { connection in
                let count = unmatched.count { $0.connection == connection.id && $0.dismissedAt == nil }
                guard count > 0 else { return nil }
                return Notice(
                    .warning,
                    """
                    \(count == 1 ? "One company was" : "\(count) companies were") not found in “\(connection.name)”.
                    <a href="/rules/companies">Say which \(count == 1 ? "one it is" : "ones they are")</a>
                    """
                ).html
            })
    }
}
