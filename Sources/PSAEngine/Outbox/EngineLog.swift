public import PSACore

/// Takes the events of an engine.
public protocol EngineLog: Sendable {
    /// Takes one event; must return quickly.
    func record(_ event: EngineEvent)
}

/// What an engine reports while it works.
///
/// New events may be added.
public struct EngineEvent: Sendable, Hashable {
    /// The kind of an event, as logs name it.
    public struct Kind: Sendable, Hashable {
        /// The value as stored.
        public let rawValue: String

        /// Creates a ``Kind``.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The state of a job was stored.
        public static let job = Kind(rawValue: "job")
        /// The store could not be read.
        public static let storeUnreadable = Kind(rawValue: "outbox_unreadable")
        /// An outcome could not be stored; it is found by a search later.
        public static let outcomeNotStored = Kind(rawValue: "outbox_not_written")
        /// An upload that no ticket refers to was deleted in the PSA.
        public static let uploadDiscarded = Kind(rawValue: "upload_discarded")
        /// Another process took over a job before its outcome was stored.
        public static let leaseLost = Kind(rawValue: "outbox_lease_lost")
    }

    /// The kind of the event.
    public let kind: Kind
    /// The job that it concerns; nil for none.
    public var job: TicketJob.ID?
    /// The state of the job; nil for none.
    public var state: TicketJob.State.Name?
    /// The error code; nil for none.
    public var code: ErrorCode?
    /// The number of attempts of the job; nil for none.
    public var attempts: Int?
    /// The type of the error; never its text.
    public var errorType: String?

    /// Creates an event.
    public init(
        _ kind: Kind, job: TicketJob.ID? = nil, state: TicketJob.State.Name? = nil, code: ErrorCode? = nil, attempts: Int? = nil,
        errorType: String? = nil
    ) {
        self.kind = kind
        self.job = job
        self.state = state
        self.code = code
        self.attempts = attempts
        self.errorType = errorType
    }
}

/// Records nothing.
public struct SilentEngineLog: EngineLog {

    /// Creates a ``SilentEngineLog``.
    public init() {}

    /// Ignores the event.
    public func record(_ event: EngineEvent) {}
}
