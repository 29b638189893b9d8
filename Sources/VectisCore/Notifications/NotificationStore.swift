package import FoundationEssentials
package import PSACore
package import PSAEngine
import VectisRules

/// A message that is to be stored.
package struct NewNotification: Sendable {
    /// Identifies the message for its receiver; the same for each delivery.
    package var key: String
    package var content: NotificationContent
    /// What its receiver knows of each condition once it arrives.
    package var reports: [(condition: Int64, state: ConditionReport.State)]

    /// Creates a ``NewNotification``.
    package init(key: String, content: NotificationContent, reports: [(condition: Int64, state: ConditionReport.State)]) {
        self.key = key
        self.content = content
        self.reports = reports
    }
}

/// A stored message.
package struct StoredNotification: Sendable, Equatable {
    /// Where it is on its way.
    package enum State: String, Sendable, CaseIterable {
        /// It is sent when it is due.
        case queued
        /// A process is sending it.
        case sending
        /// The receiver has accepted it.
        case sent
        /// It may have arrived or not; what it said is part of the next message.
        case unknown
        /// The receiver did not accept it; what it said is part of the next message.
        case failed

        /// The word on pages.
        package var title: String {
            switch self {
            case .queued: "Queued"
            case .sending: "Being sent"
            case .sent: "Sent"
            case .unknown: "Outcome unknown"
            case .failed: "Not accepted"
            }
        }
    }

    package let id: Int64
    package let point: ContactPointID
    package let key: String
    package let content: NotificationContent
    package var state: State
    package var attempts: Int
    package let createdAt: Date
    package var dueAt: Date
    package var finishedAt: Date?
    /// Why the latest attempt failed.
    package var code: ErrorCode?
    /// What the server said.
    package var detail: String

    /// Creates a ``StoredNotification``.
    package init(
        id: Int64, point: ContactPointID, key: String, content: NotificationContent, state: State, attempts: Int, createdAt: Date,
        dueAt: Date, finishedAt: Date?, code: ErrorCode?, detail: String
    ) {
        self.id = id
        self.point = point
        self.key = key
        self.content = content
        self.state = state
        self.attempts = attempts
        self.createdAt = createdAt
        self.dueAt = dueAt
        self.finishedAt = finishedAt
        self.code = code
        self.detail = detail
    }
}

/// What is stored about an attempt to send a message.
package enum NotificationResult: Sendable, Equatable {
    /// It was accepted; the code is that of a warning.
    case sent(code: ErrorCode? = nil, detail: String = "")
    /// It was not accepted, and is sent again.
    case queued(until: Date, code: ErrorCode, detail: String)
    /// It was not accepted. A permanent reason makes the contact point broken at once.
    case failed(code: ErrorCode, detail: String, isPermanent: Bool)
    /// It may have been accepted.
    case unknown(code: ErrorCode, detail: String)
}

/// Why a contact point was not stored.
package enum ContactPointError: Error, Sendable {
    /// What is wrong with the draft.
    case invalid([ContactPointDraft.Problem])
    /// There are as many as there may be.
    case tooMany
}

/// The part of the storage that keeps contact points, observed conditions and messages; several processes share it.
package protocol NotificationStore: Sendable {
    /// All contact points, by name.
    func contactPoints() async throws -> [StoredContactPoint]

    /// A contact point; nil if there is none.
    func contactPoint(_ id: ContactPointID) async throws -> StoredContactPoint?

    /// Stores a new contact point.
    ///
    /// - Throws: ``ContactPointError/tooMany``.
    func add(_ point: ContactPoint, audit: AuditEntry) async throws

    /// Replaces a contact point whose stored revision is one less, forgets its failures and lets its next message be made at once.
    ///
    /// - Throws: ``StoreError/stale`` or ``StoreError/notFound``.
    func replace(_ point: ContactPoint, audit: AuditEntry) async throws

    /// Removes a contact point with its messages.
    ///
    /// - Throws: ``StoreError/notFound``.
    func removeContactPoint(_ id: ContactPointID, audit: AuditEntry) async throws

    /// The conditions that last, the earliest first.
    func openConditions() async throws -> [ObservedCondition]

    /// Stores which conditions there are: those that are new, and the end of those that are gone.
    ///
    /// In the shared scope, what the same database holds of connections, rules, jobs and contact points is read in the same transaction.
    ///
    /// - Parameters:
    ///   - found: The conditions of the scope that the database does not hold.
    ///   - scope: What was looked at.
    ///   - time: When the look began.
    /// - Returns: False if a later look was stored already; then nothing was changed.
    /// - Throws: Errors of the storage.
    func observe(_ found: [FoundCondition], scope: ObservationScope, at time: Date) async throws -> Bool

    /// Makes the next message of a contact point and marks what it says as reported, in one transaction.
    ///
    /// - Parameters:
    ///   - id: The contact point.
    ///   - now: The time of the message.
    ///   - write: Writes the message; nil for none.
    /// - Returns: Whether a message was made. None is made before the interval is over, and while one is on its way.
    /// - Throws: Errors of the storage.
    func makeNotification(
        for id: ContactPointID, at now: Date,
        _ write: @escaping @Sendable (ContactPoint, [ReportedCondition]) -> NewNotification?
    ) async throws -> Bool

    /// Takes the message that is due first; no other process takes it until the lease ends.
    func leaseNotification(by holder: ProcessID, at now: Date, until end: Date) async throws -> StoredNotification?

    /// Ends the leases of processes that have died: what they sent has an unknown outcome.
    ///
    /// - Returns: How many there were.
    func endLostNotificationLeases(at now: Date, code: ErrorCode) async throws -> Int

    /// Stores how an attempt ended; what a message said that did not arrive for certain is not reported any more.
    ///
    /// - Returns: False if the lease was lost; then nothing was changed.
    func finishNotification(_ id: Int64, by holder: ProcessID, _ result: NotificationResult, at now: Date) async throws -> Bool

    /// Stores a test message that was sent, with its outcome; success ends the failures of the contact point.
    func addTestNotification(
        _ content: NotificationContent, key: String, for id: ContactPointID, _ result: NotificationResult, at now: Date, audit: AuditEntry
    ) async throws

    /// A page of messages, the latest first.
    ///
    /// - Parameters:
    ///   - point: Whose messages; nil for all.
    ///   - place: The last message of the page before; nil for the first page.
    ///   - limit: The maximum number of messages.
    /// - Returns: The messages.
    /// - Throws: Errors of the storage.
    func notifications(of point: ContactPointID?, before place: Int64?, limit: Int) async throws -> [StoredNotification]

    /// Removes finished messages and ended conditions that are old or too many, in a short step.
    ///
    /// - Returns: How many rows were removed.
    func removeNotifications(finishedBefore time: Date, keeping rows: Int, limit: Int) async throws -> Int
}
