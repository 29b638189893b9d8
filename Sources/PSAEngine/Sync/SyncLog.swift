public import PSACore

/// Takes what a sync engine cannot throw to a caller.
public protocol SyncLog: Sendable {
    /// Takes one event; must return quickly.
    func record(_ event: SyncEvent)
}

/// What a sync engine reports while it works.
@nonexhaustive
public enum SyncEvent: Sendable {
    /// The store could not be read or written; it is tried again.
    case storeUnreadable(errorType: String)
    /// A page of a run was stored.
    case pageStored(ConnectionID, SyncResource, SyncRun)
    /// A run of a resource ended.
    case runEnded(ConnectionID, SyncResource, SyncRunSummary)
    /// A run of a resource failed; it is tried again later.
    case runFailed(ConnectionID, SyncResource, PSAError)
}

/// Records nothing.
public struct SilentSyncLog: SyncLog {
    /// Creates a ``SilentSyncLog``.
    public init() {}

    /// Ignores the event.
    public func record(_ event: SyncEvent) {}
}
