#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// One write to a PSA: what is to be written, and how far it has come.
///
/// A job is queued by ``Engine/enqueue(_:attachments:through:key:source:)`` and ends in a final state, or needs review. What is written is fixed when the job is
/// created.
public struct TicketJob: Sendable, Equatable, Identifiable {
    /// The position of a job in the order in which jobs were created; assigned by the store.
    public struct ID: RawRepresentable, Sendable, Hashable, Codable, Comparable {
        /// The position, ascending in the order of creation.
        public let rawValue: Int64

        /// Creates an ``ID``.
        public init(rawValue: Int64) {
            self.rawValue = rawValue
        }

        /// Orders jobs by creation.
        public static func < (lhs: ID, rhs: ID) -> Bool { lhs.rawValue < rhs.rawValue }
    }

    /// The id, unique within a store.
    public let id: ID
    /// The connection that it is written through.
    public let connection: ConnectionID
    /// The caller's name for the write, unique within the connection: enqueueing it again does nothing.
    public let key: IdempotencyKey
    /// The text by which the write is found in the PSA, the same at each attempt.
    public let reference: WriteReference
    /// The source that created it, such as a rule; nil for a job on its own.
    public let source: JobSource?
    /// The write.
    public var payload: Payload
    /// The files of the write, without their content; see ``EngineStore/files(of:)``.
    public var attachments: [JobAttachment]
    /// The company of ``payload`` in the PSA, as found by the host's check or before the last request; nil before.
    public var company: CompanyResolution?
    /// The data by which the host decided or decides whether it is sent; nil if it does not depend on any.
    public var precondition: JobPrecondition?
    /// The current state.
    public var state: State
    /// The last error, for a job that waits or whose outcome is unknown.
    public var cause: FailureCause?
    /// Additional information for people about its outcome; empty for none.
    public var remark: String
    /// When it was first refused for a reason that concerns every job of its source; nil if it never was.
    public var refusedAt: Date?
    /// The number of attempts to send it.
    public var attempts: Int
    /// The number of searches that did not find it, over all requests; a round of ``OutboxPolicy/searchDelays`` proves one request absent.
    public var searchAttempts: Int
    /// The existing ticket that the last request was to change or to add a note to, while its outcome is open; nil for a new ticket.
    public var target: PostedTicket?
    /// The earliest time of the next attempt.
    public var dueAt: Date
    /// When it was enqueued.
    public var createdAt: Date
    /// When it was created or last released; its age is measured from here.
    public var wantedSince: Date
    /// When its state last changed.
    public var changedAt: Date

    /// Creates a ``TicketJob``.
    public init(
        id: ID, connection: ConnectionID, key: IdempotencyKey, reference: WriteReference, source: JobSource?, payload: Payload,
        attachments: [JobAttachment] = [], company: CompanyResolution? = nil, precondition: JobPrecondition? = nil, state: State,
        cause: FailureCause? = nil, remark: String,
        refusedAt: Date? = nil, attempts: Int,
        searchAttempts: Int, target: PostedTicket? = nil, dueAt: Date, createdAt: Date, wantedSince: Date, changedAt: Date
    ) {
        self.id = id
        self.connection = connection
        self.key = key
        self.reference = reference
        self.source = source
        self.payload = payload
        self.attachments = attachments
        self.company = company
        self.precondition = precondition ?? state.precondition
        self.state = state
        self.cause = cause
        self.remark = remark
        self.refusedAt = refusedAt
        self.attempts = attempts
        self.searchAttempts = searchAttempts
        self.target = target
        self.dueAt = dueAt
        self.createdAt = createdAt
        self.wantedSince = wantedSince
        self.changedAt = changedAt
    }

    /// Whether a person has released it.
    public var isReleased: Bool { wantedSince > createdAt }
}

/// The caller's name for a write.
///
/// Two writes of one connection with the same key are the same write.
public struct IdempotencyKey: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// 1 to 200 characters, at most 800 bytes of UTF-8.
    public let rawValue: String

    /// The maximum number of characters; a key may have four times as many bytes of UTF-8.
    public static let maxLength = 200

    /// Takes a key of the caller; nil unless it has 1 to 200 characters and at most 800 bytes of UTF-8.
    public init?(_ rawValue: String) {
        // A character can consist of any number of code points: the bytes are limited as well.
        guard rawValue.utf8.count <= 4 * Self.maxLength, (1...Self.maxLength).contains(rawValue.count) else { return nil }
        self.rawValue = rawValue
    }

    /// Takes a key of the caller, as the initializer without a label does.
    public init?(rawValue: String) { self.init(rawValue) }

    /// Draws a random key, for a write that nothing else identifies.
    public init() { rawValue = "random/" + CorrelationID().rawValue + CorrelationID().rawValue }

    /// The value as text.
    public var description: String { rawValue }
}

/// The random text that a write carries into the PSA, by which it is found again.
public struct WriteReference: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The value as stored.
    public let rawValue: String

    /// Draws a new one: 24 characters, about 119 bits.
    public init() { rawValue = "vectis-" + CorrelationID().rawValue + CorrelationID().rawValue }

    /// Takes one from a store.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The value as text.
    public var description: String { rawValue }

    /// The references in a text, whatever the PSA did to the case of its letters.
    public static func all(in text: String) -> Set<String> {
        var references: Set<String> = []
        var rest = text.lowercased()[...]
        while let start = rest.firstRange(of: "vectis-") {
            let mark = rest[start.upperBound...].prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
            references.insert("vectis-" + mark)
            rest = rest[mark.endIndex...]
        }
        return references
    }
}

/// What creates jobs, such as a rule of the host.
///
/// A refusal that concerns all its jobs pauses it.
public struct JobSource: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The value as stored.
    public let rawValue: String

    /// Creates a ``JobSource``.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The value as text.
    public var description: String { rawValue }
}

extension TicketJob {
    /// The kind of a write, with the ticket that it changes.
    public enum Operation: Sendable, Hashable {
        /// Creates a ticket.
        case createTicket
        /// Adds a note that only staff can read; its text is ``Payload/details``.
        case addNote(Ticket.ID)
        /// Replies to the contact of a ticket; the text is ``Payload/details``.
        case reply(Ticket.ID)
        /// Gives a ticket the status ``Payload/status``.
        case changeStatus(Ticket.ID)

        /// The operation without its ticket, for a store.
        public enum Name: String, Sendable, Codable, CaseIterable {
            /// A new ticket.
            case createTicket = "create_ticket"
            /// A note on a ticket that only staff can read.
            case addNote = "add_note"
            /// A reply that the contact of a ticket can read.
            case reply
            /// Another status for a ticket.
            case changeStatus = "change_status"
        }

        /// The operation without its ticket.
        public var name: Name {
            switch self {
            case .createTicket: .createTicket
            case .addNote: .addNote
            case .reply: .reply
            case .changeStatus: .changeStatus
            }
        }

        /// The ticket that it changes; nil for a new one.
        public var ticket: Ticket.ID? {
            switch self {
            case .createTicket: nil
            case .addNote(let ticket), .reply(let ticket), .changeStatus(let ticket): ticket
            }
        }
    }

    /// The content of a write, fixed when the job is created.
    public struct Payload: Sendable, Equatable {
        /// The kind of the write.
        public var operation = Operation.createTicket
        /// The subject of a new ticket, otherwise a description for people; at most ``maxSummaryBytes`` bytes of UTF-8.
        public var summary: String
        /// The first message, or the text of a note or reply; at most ``maxDetailsBytes`` bytes of UTF-8.
        public var details = ""
        /// The company as the caller names it; empty for none.
        ///
        /// A note, reply or change of status that names one is refused, where tickets can be read, if its ticket belongs to another. It and the following texts have at most ``maxNameBytes`` bytes of UTF-8 each.
        public var company = ""
        /// Its id in the PSA, if the caller knows it; empty if not.
        public var companyID = ""
        /// The device it concerns; empty for none.
        public var device = ""
        /// The id of the ticket type; empty for the connection's default.
        public var type = ""
        /// The id of the status; empty for the connection's default.
        public var status = ""
        /// The id of the priority; empty for the connection's default.
        public var priority = ""
        /// The values of further fields, by the connector's ids.
        ///
        /// At most ``maxFieldCount``, each of at most ``maxFieldBytes`` bytes of UTF-8, and all of at most ``maxFieldsBytes``. For a new ticket
        /// they come before those of the connection's ``StoredConnection/ticketFieldDefaults``.
        public var fields: [TicketField.ID: TicketFieldValue] = [:]
        /// A note that only staff can read, for a change of status; at most ``maxDetailsBytes`` bytes of UTF-8, empty for none.
        public var note = ""
        /// An open ticket of the same source, company and device created since then receives the job as a note; nil for never.
        public var appendsSince: Date?
        /// Where it was reported; jobs without a company are only grouped within one origin.
        public var origin = ""

        /// Creates a ``Payload``.
        public init(
            operation: Operation = Operation.createTicket, summary: String, details: String = "", company: String = "",
            companyID: String = "", device: String = "", type: String = "", status: String = "", priority: String = "",
            fields: [TicketField.ID: TicketFieldValue] = [:], note: String = "", appendsSince: Date? = nil, origin: String = ""
        ) {
            self.operation = operation
            self.summary = summary
            self.details = details
            self.company = company
            self.companyID = companyID
            self.device = device
            self.type = type
            self.status = status
            self.priority = priority
            self.fields = fields
            self.note = note
            self.appendsSince = appendsSince
            self.origin = origin
        }

        /// The device normalized for comparison: without case, outer spaces and invisible differences.
        public var deviceKey: String { CompanyName.key(of: device) }

        /// A new ticket.
        public static func newTicket(
            _ summary: String, details: String = "", company: String = "", companyID: Company.ID? = nil, type: TicketType.ID? = nil,
            status: TicketStatus.ID? = nil, priority: TicketPriority.ID? = nil, fields: [TicketField.ID: TicketFieldValue] = [:]
        ) -> Payload {
            Payload(
                summary: summary, details: details, company: company, companyID: companyID?.rawValue ?? "", type: type?.rawValue ?? "",
                status: status?.rawValue ?? "", priority: priority?.rawValue ?? "", fields: fields)
        }

        /// A note that only staff can read; one that names a company is refused if the ticket belongs to another by then.
        public static func note(
            _ text: String, on ticket: Ticket.ID, company: String = "", companyID: Company.ID? = nil,
            fields: [TicketField.ID: TicketFieldValue] = [:]
        ) -> Payload {
            Payload(
                operation: .addNote(ticket), summary: "Note on ticket \(ticket)", details: text, company: company,
                companyID: companyID?.rawValue ?? "", fields: fields)
        }

        /// A reply to the contact of a ticket; one that names a company is refused if the ticket belongs to another by then.
        public static func reply(
            _ text: String, to ticket: Ticket.ID, company: String = "", companyID: Company.ID? = nil,
            fields: [TicketField.ID: TicketFieldValue] = [:]
        ) -> Payload {
            Payload(
                operation: .reply(ticket), summary: "Reply on ticket \(ticket)", details: text, company: company,
                companyID: companyID?.rawValue ?? "", fields: fields)
        }

        /// Another status for a ticket; one that names a company is refused if the ticket belongs to another by then.
        public static func statusChange(
            of ticket: Ticket.ID, to status: TicketStatus.ID, note: String = "", company: String = "", companyID: Company.ID? = nil,
            fields: [TicketField.ID: TicketFieldValue] = [:]
        ) -> Payload {
            Payload(
                operation: .changeStatus(ticket), summary: "Status \(status) for ticket \(ticket)", company: company,
                companyID: companyID?.rawValue ?? "", status: status.rawValue, fields: fields, note: note)
        }
    }

    /// The state of a job.
    public enum State: Sendable, Equatable {
        /// A dry run: nothing was and nothing will be sent.
        case wouldCreate
        /// The host decides later whether it is sent, on data that the engine does not interpret.
        case checking(JobPrecondition)
        /// Queued.
        case waiting
        /// A request for it is being made by a process that holds its lease.
        case sending(leaseHolder: ProcessID, until: Date)
        /// A ticket was created.
        case created(PostedTicket)
        /// A note was added to a ticket.
        case appended(PostedTicket)
        /// A reply was sent.
        case replied(PostedTicket)
        /// The ticket has the status.
        case statusChanged(PostedTicket)
        /// Nothing was sent, for the given reason.
        case skipped(String)
        /// The PSA refused it; the guidance as problem JSON.
        case failed(ErrorCode, problem: String)
        /// A request was made, and it is not known yet whether it was executed; the PSA is searched for it.
        case unknown
        /// A person has to decide on it.
        case needsReview(ReviewReason)
        /// A person has dropped it.
        case dropped

        /// The name of a state without its details, for stores, filters and APIs.
        public enum Name: String, Sendable, Codable, CaseIterable {
            /// A dry run: nothing was and nothing will be sent.
            case wouldCreate = "would_create"
            /// The host has not decided yet whether it is sent.
            case checking
            /// It is queued and sent when it is due.
            case waiting
            /// A process holds its lease and makes the request.
            case sending
            /// A ticket was created.
            case created
            /// A note was added to a ticket, also in place of a new ticket.
            case appended
            /// A reply was sent.
            case replied
            /// The ticket has the status.
            case statusChanged = "status_changed"
            /// Nothing was sent, for the reason that the state names.
            case skipped
            /// The PSA refused it; a person may release it again.
            case failed
            /// A request was made without a known outcome, and the PSA is searched for it.
            case unknown
            /// Nothing goes on until a person decides.
            case needsReview = "needs_review"
            /// A person decided that it is not sent.
            case dropped
        }

        /// The state without its details.
        public var name: Name {
            switch self {
            case .wouldCreate: .wouldCreate
            case .checking: .checking
            case .waiting: .waiting
            case .sending: .sending
            case .created: .created
            case .appended: .appended
            case .replied: .replied
            case .statusChanged: .statusChanged
            case .skipped: .skipped
            case .failed: .failed
            case .unknown: .unknown
            case .needsReview: .needsReview
            case .dropped: .dropped
            }
        }

        /// Whether a request may have been executed, and a person has to decide on it.
        public var isOutcomeUnknown: Bool { self == .needsReview(.outcomeUnknown) }

        /// Whether a person decides on a job that was sent: before it is sent again, the PSA is searched once more.
        package var mayHaveBeenSent: Bool { name == .failed || isOutcomeUnknown || self == .needsReview(.notExecuted) }

        /// Whether the state changes only by a decision of a person.
        public var isFinal: Bool { ![.checking, .waiting, .sending, .unknown].contains(name) }

        /// Whether the write is in the PSA.
        public var isWritten: Bool { ticket != nil }

        /// The guidance of a failure, as problem JSON.
        public var problem: String? {
            if case .failed(_, let problem) = self { problem } else { nil }
        }

        /// The data by which the host decides whether it is sent.
        public var precondition: JobPrecondition? {
            if case .checking(let precondition) = self { precondition } else { nil }
        }

        /// The ticket that was written to.
        public var ticket: PostedTicket? {
            switch self {
            case .created(let ticket), .appended(let ticket), .replied(let ticket), .statusChanged(let ticket): ticket
            default: nil
            }
        }
    }

    /// Selects jobs; nil means any.
    public struct Filter: Sendable, Equatable {
        /// The source of the jobs.
        public var source: JobSource?
        /// The connection of the jobs.
        public var connection: ConnectionID?
        /// The state of the jobs.
        public var state: State.Name?
        /// Why it needs review.
        public var reason: ReviewReason?
        /// A part of the summary or the details, in any case; numbers of jobs do not depend on it, nor on the following.
        public var text: String?
        /// A part of the company’s name, or its id.
        public var company: String?
        /// A part of the device’s name.
        public var device: String?
        /// Whether the job says where it was reported.
        public var hasOrigin: Bool?
        /// The earliest time of creation.
        public var createdFrom: Date?
        /// The time before which it was created.
        public var createdBefore: Date?

        /// Creates a ``Filter``.
        public init(
            source: JobSource? = nil, connection: ConnectionID? = nil, state: State.Name? = nil, reason: ReviewReason? = nil,
            text: String? = nil, company: String? = nil, device: String? = nil, hasOrigin: Bool? = nil, createdFrom: Date? = nil,
            createdBefore: Date? = nil
        ) {
            self.source = source
            self.connection = connection
            self.state = state
            self.reason = reason
            self.text = text
            self.company = company
            self.device = device
            self.hasOrigin = hasOrigin
            self.createdFrom = createdFrom
            self.createdBefore = createdBefore
        }

    }

    /// Numbers of jobs.
    public struct Counts: Sendable, Equatable {
        /// By state; a state without jobs is absent.
        public var byState: [State.Name: Int] = [:]
        /// Those that need review because their outcome is unknown.
        public var outcomeUnknown = 0

        /// Creates a ``Counts``.
        public init(byState: [State.Name: Int] = [:], outcomeUnknown: Int = 0) {
            self.byState = byState
            self.outcomeUnknown = outcomeUnknown
        }

        /// Those that are not in a final state.
        public var open: Int { self[.checking] + self[.waiting] + self[.sending] + self[.unknown] }

        /// The number of jobs in a state.
        public subscript(state: State.Name) -> Int { byState[state] ?? 0 }

        /// Those that need review and can be released: nothing was sent for them.
        public var releasable: Int { self[.needsReview] - outcomeUnknown }
    }
}

/// Data by which the host decides whether a job is sent; the engine stores it and does not interpret it.
public struct JobPrecondition: RawRepresentable, Sendable, Hashable, Codable {
    /// The value as stored.
    public let rawValue: String

    /// Creates a ``JobPrecondition``.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}

/// Why a job needs review.
///
/// A host adds its own reasons as further static members.
public struct ReviewReason: RawRepresentable, Sendable, Hashable, Codable {
    /// The reason as it is stored and as APIs name it.
    public let rawValue: String

    /// States a reason by its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// It is older than ``OutboxPolicy/maxAge``.
    public static let tooOld = ReviewReason(rawValue: "too_old")
    /// It waited when the process started, and a search could not determine whether it had been sent before.
    public static let notVerified = ReviewReason(rawValue: "not_verified")
    /// The connection led to another tenant when it was enqueued, and nothing was sent for it.
    public static let tenantChanged = ReviewReason(rawValue: "tenant_changed")
    /// A request was made, and no search could determine whether it was executed.
    public static let outcomeUnknown = ReviewReason(rawValue: "outcome_unknown")
    /// It was sent ``OutboxPolicy/maxSends`` times without a usable answer, and searches proved each time that it was not executed.
    public static let notExecuted = ReviewReason(rawValue: "not_executed")
}

/// A ticket in the PSA, as a job remembers it.
public struct PostedTicket: Sendable, Hashable, Codable {
    /// The id in the PSA.
    public var id: String
    /// The number that people use.
    public var number: String
    /// The address of its page in the PSA; nil if not known.
    public var webAddress: String?
    /// The company it was created for, by its id in the PSA, empty for none; nil if that is not known.
    public var company: String?

    /// Creates a ``PostedTicket``.
    public init(id: String, number: String, webAddress: String? = nil, company: String? = nil) {
        self.id = id
        self.number = number
        self.webAddress = webAddress
        self.company = company
    }

}

extension PostedTicket {
    /// What is kept of a ticket.
    public init(_ ticket: Ticket) {
        self.init(id: ticket.id.rawValue, number: ticket.number, webAddress: ticket.webAddress, company: ticket.company?.id.rawValue ?? "")
    }
}

/// A running process that works on jobs.
public struct ProcessID: RawRepresentable, Sendable, Hashable, Codable {
    /// The value as stored.
    public let rawValue: String

    /// Draws a new one.
    public init() { rawValue = CorrelationID().rawValue }

    /// Takes one from a store.
    public init(rawValue: String) { self.rawValue = rawValue }
}
