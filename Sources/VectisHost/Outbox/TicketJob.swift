import FoundationEssentials
import PSACore

/// One rule that fired for one event: the decision, and what became of it.
///
/// It is the outbox's row as well.
struct TicketJob: Sendable, Equatable {
    /// The place in the order of decisions; given by the storage.
    struct ID: Sendable, Hashable, Comparable {
        let rawValue: Int64
        static func < (lhs: ID, rhs: ID) -> Bool { lhs.rawValue < rhs.rawValue }
    }

    let id: ID
    let event: HostEvent.ID
    let rule: RuleID
    let connection: ConnectionID
    /// What it goes by in the PSA: random, unique, the same at each try.
    let idempotencyKey: IdempotencyKey
    var payload: TicketJob.Payload
    /// The company of ``order`` in the PSA, as it was found before the last request; nil before the first.
    var company: CompanyResolution?
    var state: TicketJob.State
    /// What went wrong the last time, for what waits and what has an unknown outcome.
    var cause: FailureCause?
    /// What a person should know of how it ended; empty if nothing.
    var remark: String
    /// When it was first refused for a reason that would hold for every item of its rule; nil if it never was.
    var refusedAt: Date?
    /// How often a request was made for it.
    var attempts: Int
    /// How often it was looked for in vain, over all its sends: every so many looks prove that one send was not executed.
    var searchAttempts: Int
    /// The ticket to which a note may have been added, for what was sent as a note and has not completed.
    var target: PostedTicket?
    /// When it is its turn, for what waits.
    var dueAt: Date
    var createdAt: Date
    /// Since when it counts as wanted: the decision, or the moment at which a person said “send”.
    var wantedSince: Date
    var changedAt: Date

    /// Whether a person has said “send” after it was decided.
    var isReleased: Bool { wantedSince > createdAt }
}

/// A random mark by which a write is found again in the PSA.
struct IdempotencyKey: Sendable, Hashable, CustomStringConvertible {
    let rawValue: String

    /// Draws a new one: 24 characters, about 119 bits.
    init() { rawValue = "vectis-" + CorrelationID().rawValue + CorrelationID().rawValue }

    init(rawValue: String) { self.rawValue = rawValue }

    var description: String { rawValue }

    /// The markers in a text, whatever the PSA did to the case of its letters.
    static func all(in text: String) -> Set<String> {
        var markers: Set<String> = []
        var rest = text.lowercased()[...]
        while let start = rest.firstRange(of: "vectis-") {
            let mark = rest[start.upperBound...].prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
            markers.insert("vectis-" + mark)
            rest = rest[mark.endIndex...]
        }
        return markers
    }
}

extension TicketJob {
    /// What is written to the PSA.
    ///
    /// It is filled in when the job is created; later changes of the rule do not change it.
    struct Payload: Sendable, Equatable {
        var summary: String
        var details: String
        var company: String
        var companyID: String
        var device: String
        var type: String
        var status: String
        var priority: String
        /// Until when an open ticket of the same rule, company and device takes this as a note; nil for never.
        var appendsSince: Date?

        /// By which devices are compared: without case, outer spaces and differences of spelling that cannot be seen.
        var deviceKey: String { CompanyName.key(of: device) }
    }
}

extension TicketJob {
    /// The state of a job.
    enum State: Sendable, Equatable {
        /// A dry run: nothing was and nothing will be sent.
        case wouldCreate
        /// Whether the rule matches depends on the company in the PSA, which has not been read yet.
        case checking(CompanyCheck)
        /// Queued.
        case waiting
        /// A request for it is being made by a host that holds its lease.
        case sending(leaseHolder: HostID, until: Date)
        /// A ticket was created.
        case created(PostedTicket)
        /// A note was added to an open ticket.
        case appended(PostedTicket)
        /// Nothing was sent, and why.
        case skipped(String)
        /// The PSA refused it; the guidance as problem JSON.
        case failed(ErrorCode, problem: String)
        /// A request was made, and it is not known yet whether it was executed; the PSA is searched for it.
        case unknown
        /// It waits until a person decides.
        case needsReview(ReviewReason)
        /// A person dropped it.
        case dropped

        /// The name of a state without its details, for storage, filters and the API.
        enum Name: String, Sendable, CaseIterable {
            case wouldCreate = "would_create"
            case checking, waiting, sending, created, appended, skipped, failed, unknown
            case needsReview = "needs_review"
            case dropped
        }

        /// The state without its details.
        var name: Name {
            switch self {
            case .wouldCreate: .wouldCreate
            case .checking: .checking
            case .waiting: .waiting
            case .sending: .sending
            case .created: .created
            case .appended: .appended
            case .skipped: .skipped
            case .failed: .failed
            case .unknown: .unknown
            case .needsReview: .needsReview
            case .dropped: .dropped
            }
        }

        /// Whether a request may have been executed and nothing more is done about it without a person.
        var isOutcomeUnknown: Bool { self == .needsReview(.outcomeUnknown) }
    }
}

/// Why a job needs review.
enum ReviewReason: String, Sendable, CaseIterable {
    /// The limit of the rule or the connection was reached.
    case rateLimited = "rate_limited"
    /// It is older than writes may get that are sent by themselves.
    case tooOld = "too_old"
    /// The rule asks about a company that the PSA does not have.
    case companyNotFound = "company_not_found"
    /// Several companies of the PSA have the name.
    case companyAmbiguous = "company_ambiguous"
    /// The connection may not read companies.
    case companiesUnreadable = "companies_unreadable"
    /// The list of companies came with gaps, and the company is not in what came.
    case companiesIncomplete = "companies_incomplete"
    /// The PSA does not say what the rule asks about the company.
    case companySilent = "company_silent"
    /// It waited when the host was started, and whether it had been sent before could not be found out.
    case notVerified = "not_verified"
    /// A request was made, and no search could tell whether it was executed.
    case outcomeUnknown = "outcome_unknown"

    /// Why, for a person.
    var sentence: String {
        switch self {
        case .rateLimited: "The limit was reached."
        case .tooOld: "It is too old to be sent by itself."
        case .companyNotFound: "The rule asks about the company, and the PSA has none of this name or id."
        case .companyAmbiguous: "The rule asks about the company, and several in the PSA have this name."
        case .companiesUnreadable: "The rule asks about the company, and the connection may not read companies."
        case .companiesIncomplete: "The rule asks about the company, and it is not in what the PSA gave of an incomplete list."
        case .companySilent: "The rule asks whether the company is active, and the PSA does not say."
        case .outcomeUnknown: "A request was made, and a search could not tell whether it was executed."
        case .notVerified:
            "It waited when Vectis was started, and the PSA’s tickets could not be searched for it. Look there for its reference before you release it."
        }
    }
}

/// A ticket in the PSA.
struct PostedTicket: Sendable, Hashable {
    var id: String
    var number: String
    var webAddress: String?
    /// The company it was created for, by its id in the PSA, empty for none; nil if that is not known.
    var company: String?
}

/// A running host, for as long as it runs.
struct HostID: Sendable, Hashable {
    let rawValue: String

    /// Draws a new one.
    init() { rawValue = CorrelationID().rawValue }
    init(rawValue: String) { self.rawValue = rawValue }
}
