import FoundationEssentials
import PSACore

/// Something that another system told: a disk is full, a backup failed, a contract ends.
struct HostEvent: Sendable, Equatable {
    /// The place in the order of arrival; given by the storage.
    struct ID: Sendable, Hashable, Comparable {
        let rawValue: Int64
        static func < (lhs: ID, rhs: ID) -> Bool { lhs.rawValue < rhs.rawValue }
    }

    /// How bad it is.
    enum Severity: String, Sendable, CaseIterable, Comparable {
        case info, warning, error, critical

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
        static func < (lhs: Severity, rhs: Severity) -> Bool { lhs.rank < rhs.rank }
    }

    /// The system that told it, such as `backup-monitor`.
    var source: String
    /// The sender's own name for it; the same name from the same source in the same namespace is the same event.
    var senderID: String
    /// What kind of thing happened, such as `backup.failed`.
    var type: String
    var severity: Severity
    /// The company it concerns, by name; empty if none.
    var company: String
    /// The company's id in the PSA, if the sender knows it; empty if not.
    var companyID: String
    /// The device it concerns; empty if none.
    var device: String
    /// What happened, in words.
    var text: String
    /// When it happened, by the sender's clock.
    var at: Date
    /// When it arrived here.
    var receivedAt: Date
    /// Whether the sender told when it happened; otherwise it counts as happened when it arrived.
    var isTimed = true
}

/// An event that is kept, with its place.
struct StoredEvent: Sendable, Equatable {
    let id: HostEvent.ID
    let event: HostEvent
}
