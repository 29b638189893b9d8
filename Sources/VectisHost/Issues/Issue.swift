import FoundationEssentials
import PSACore

/// Something that is wrong with a connection, once however often it shows.
struct Issue: Sendable, Equatable {
    let connection: ConnectionID
    let code: ErrorCode
    var firstSeenAt: Date
    var lastSeenAt: Date
    var count: Int
    /// When it was gone; nil while it stands.
    var resolvedAt: Date?
}

/// The part of the storage that keeps issues.
protocol IssueStore: Sendable {
    /// The issues of a connection, or of all; those that stand come first.
    func issues(of connection: ConnectionID?) async throws -> [Issue]

    /// Counts an occurrence; an issue that was gone begins anew.
    func noteIssue(_ code: ErrorCode, of connection: ConnectionID, at moment: Date) async throws

    /// What works again takes its issues along: all of a connection, or those of some areas of codes.
    func resolveIssues(of connection: ConnectionID, areas: Set<String>?, at moment: Date) async throws
}
