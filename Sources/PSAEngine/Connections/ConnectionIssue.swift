public import FoundationEssentials
public import PSACore

/// Something that is wrong with a connection, recorded once however often it occurs.
public struct ConnectionIssue: Sendable, Equatable {
    public let connection: ConnectionID
    public let code: ErrorCode
    public var firstSeenAt: Date
    public var lastSeenAt: Date
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
