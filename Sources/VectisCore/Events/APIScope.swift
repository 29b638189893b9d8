/// What an API key may be good for.
///
/// Accounts, API keys, credentials and settings of the host are open to no key.
package enum APIScope: String, Sendable, CaseIterable, Comparable {
    case sendEvents = "events:send"
    case readEvents = "events:read"
    case readJobs = "jobs:read"
    case writeJobs = "jobs:write"
    case readRules = "rules:read"
    case writeRules = "rules:write"
    case readConnections = "connections:read"
    case readData = "data:read"
    case readAudit = "audit:read"

    package static func < (left: APIScope, right: APIScope) -> Bool { left.place < right.place }

    private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// Reads the scopes of a stored text; unknown ones are left out, so that a key opens less rather than more.
    package static func scopes(_ text: String) -> Set<APIScope> {
        Set(text.split(separator: " ").compactMap { APIScope(rawValue: String($0)) })
    }
}

extension Set<APIScope> {
    /// The scopes as a text, in their order.
    package var text: String { sorted().map(\.rawValue).joined(separator: " ") }
}
