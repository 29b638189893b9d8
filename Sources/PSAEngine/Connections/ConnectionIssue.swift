public import FoundationEssentials
public import PSACore

/// A problem of a connection, recorded once per error code with its number of occurrences.
public struct ConnectionIssue: Sendable, Equatable {
    /// The connection.
    public let connection: ConnectionID
    /// The error code.
    public let code: ErrorCode
    /// When it first occurred since it was last resolved.
    public var firstSeenAt: Date
    /// When it last occurred.
    public var lastSeenAt: Date
    /// The number of occurrences since it was last resolved.
    public var count: Int
    /// When it was resolved; nil while it is open.
    public var resolvedAt: Date?

    /// Creates a ``ConnectionIssue``.
    public init(connection: ConnectionID, code: ErrorCode, firstSeenAt: Date, lastSeenAt: Date, count: Int, resolvedAt: Date? = nil) {
        self.connection = connection
        self.code = code
        self.firstSeenAt = firstSeenAt
        self.lastSeenAt = lastSeenAt
        self.count = count
        self.resolvedAt = resolvedAt
    }

}
