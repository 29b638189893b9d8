package import FoundationEssentials
package import PSACore
import PSAEngine
import VectisRules

/// An action, done or attempted: never changed, and kept in the database until it is archived.
package struct AuditEntry: Sendable, Equatable {
    /// Who did it: an account, a program, or the host itself.
    package enum Actor: Sendable, Hashable {
        case account(AccountName)
        /// A program, by the name of its API key.
        case apiKey(String)
        /// An unauthenticated user; the name that was typed is not stored, because it may be a password.
        case unknown
        /// The host by itself: first start, scheduled checks, the command line.
        case system

        /// The actor as one word; an account name can't contain parentheses.
        package var text: String {
            switch self {
            case .account(let name): name.rawValue
            case .apiKey(let name): Self.keyPrefix + name
            case .unknown: "(unknown)"
            case .system: "(system)"
            }
        }

        package init(text: String) {
            if text.hasPrefix(Self.keyPrefix) {
                self = .apiKey(String(text.dropFirst(Self.keyPrefix.count)))
            } else {
                self = text == "(system)" ? .system : AccountName(text).map(Actor.account) ?? .unknown
            }
        }

        /// What the text of an API key begins with.
        package static let keyPrefix = "(API key) "
    }

    package enum Outcome: String, Sendable, CaseIterable {
        case done
        /// Not allowed, or not valid.
        case refused
        /// Tried, and it did not work.
        case failed
        /// It is unknown whether it happened.
        case unknown
    }

    package var at: Date
    package var actor: Actor
    package var action: AuditAction
    /// What it was done to, such as a connection's name; empty where there is nothing to name.
    package var target: String
    package var outcome: Outcome
    /// One sentence for a person, without anything secret.
    package var detail: String
    /// The error's code, where one was met.
    package var code: ErrorCode?
    /// Correlates page, log and audit entry.
    package var correlationID: String
    /// Where the request came from; nil for the host itself.
    package var address: String?

    /// Creates an ``AuditEntry``.
    package init(
        at: Date, actor: Actor, action: AuditAction, target: String, outcome: Outcome, detail: String, code: ErrorCode? = nil,
        correlationID: String, address: String? = nil
    ) {
        self.at = at
        self.actor = actor
        self.action = action
        self.target = target
        self.outcome = outcome
        self.detail = detail
        self.code = code
        self.correlationID = correlationID
        self.address = address
    }

}

/// The actions that the audit log records.
package enum AuditAction: String, Sendable, CaseIterable {
    case signedIn = "account.signed_in"
    case signInFailed = "account.sign_in_failed"
    case signInBlocked = "account.sign_in_blocked"
    case refusedSignInsCounted = "account.sign_ins_refused"
    case signedOut = "account.signed_out"
    case accountCreated = "account.created"
    case accountChanged = "account.changed"
    case accountRemoved = "account.removed"
    case passwordChanged = "account.password_changed"
    case sessionEnded = "account.session_ended"
    case secondFactorEnabled = "account.second_factor_on"
    case secondFactorDisabled = "account.second_factor_off"
    case secondFactorReset = "account.second_factor_reset"
    case recoveryCodeUsed = "account.recovery_code_used"
    case preferencesChanged = "account.preferences_changed"
    case connectionTested = "connection.tested"
    case connectionChecked = "connection.checked"
    case connectionCreated = "connection.created"
    case connectionChanged = "connection.changed"
    case connectionRemoved = "connection.removed"
    case changeHookEnabled = "connection.hook_enabled"
    case changeHookDisabled = "connection.hook_disabled"
    case syncRequested = "sync.requested"
    case syncPaused = "sync.paused"
    case syncResumed = "sync.resumed"
    case ticketDefaultsChanged = "connection.ticket_defaults_changed"
    case detectorsChanged = "connection.detectors_changed"
    case testTicketCreated = "ticket.test_created"
    case ticketCreated = "ticket.created"
    case noteAdded = "ticket.note_added"
    case replySent = "ticket.reply_sent"
    case statusChanged = "ticket.status_changed"
    case jobDecided = "job.decided"
    case ruleCreated = "rule.created"
    case ruleChanged = "rule.changed"
    case ruleRemoved = "rule.removed"
    case rulePaused = "rule.paused"
    case ruleResumed = "rule.resumed"
    case ruleReplayed = "rule.replayed"
    case outboxLimitsChanged = "outbox.limits_changed"
    case retentionChanged = "retention.changed"
    case companyMapped = "company.mapped"
    case companyMappingRemoved = "company.mapping_removed"
    case unmatchedCompanyDismissed = "company.dismissed"
    case tokenCreated = "token.created"
    case tokenChanged = "token.changed"
    case tokenRevoked = "token.revoked"
    case missingRecordsAccepted = "sync.missing_accepted"
    case ticketReadAgain = "sync.ticket_requested"
    case dataExported = "data.exported"
    case auditExported = "audit.exported"
    case keyRotated = "key.rotated"
    case onboardingChanged = "onboarding.changed"
    case contactPointCreated = "contact_point.created"
    case contactPointChanged = "contact_point.changed"
    case contactPointRemoved = "contact_point.removed"
    case contactPointTested = "contact_point.tested"

    /// The action for display.
    package var title: String {
        switch self {
        case .signedIn: "Signed in"
        case .signInFailed: "Sign-in failed"
        case .signInBlocked: "Sign-in blocked"
        case .refusedSignInsCounted: "Refused sign-ins counted"
        case .signedOut: "Signed out"
        case .accountCreated: "Account created"
        case .accountChanged: "Account changed"
        case .accountRemoved: "Account removed"
        case .passwordChanged: "Password changed"
        case .sessionEnded: "Sessions ended"
        case .secondFactorEnabled: "Second factor turned on"
        case .secondFactorDisabled: "Second factor turned off"
        case .secondFactorReset: "Second factor reset"
        case .recoveryCodeUsed: "Recovery code used"
        case .preferencesChanged: "Language and time zone changed"
        case .connectionTested: "Connection tested"
        case .connectionChecked: "Connection checked by schedule"
        case .connectionCreated: "Connection created"
        case .connectionChanged: "Connection changed"
        case .connectionRemoved: "Connection removed"
        case .changeHookEnabled: "Address for messages of the PSA made"
        case .changeHookDisabled: "Address for messages of the PSA removed"
        case .syncRequested: "Run of the local copy requested"
        case .syncPaused: "Local copy paused"
        case .syncResumed: "Local copy resumed"
        case .ticketDefaultsChanged: "Ticket defaults changed"
        case .detectorsChanged: "Detectors changed"
        case .testTicketCreated: "Test ticket created"
        case .ticketCreated: "Ticket created"
        case .noteAdded: "Note added"
        case .replySent: "Reply sent"
        case .statusChanged: "Status changed"
        case .jobDecided: "Job decided by a person"
        case .ruleCreated: "Rule created"
        case .ruleChanged: "Rule changed"
        case .ruleRemoved: "Rule removed"
        case .rulePaused: "Rule paused"
        case .ruleResumed: "Rule resumed"
        case .ruleReplayed: "Events replayed in dry run"
        case .outboxLimitsChanged: "Limits of the sending queue changed"
        case .retentionChanged: "Retention changed"
        case .companyMapped: "Company mapped"
        case .companyMappingRemoved: "Company mapping removed"
        case .unmatchedCompanyDismissed: "Company that was not found dismissed or shown again"
        case .tokenCreated: "API key created"
        case .tokenChanged: "API key changed"
        case .tokenRevoked: "API key revoked"
        case .onboardingChanged: "Checklist dismissed or shown again"
        case .missingRecordsAccepted: "Missing records accepted as gone"
        case .ticketReadAgain: "Reading of a ticket requested"
        case .dataExported: "Data of a connection exported"
        case .auditExported: "Audit log exported"
        case .keyRotated: "Key rotated"
        case .contactPointCreated: "Contact point created"
        case .contactPointChanged: "Contact point changed"
        case .contactPointRemoved: "Contact point removed"
        case .contactPointTested: "Contact point tested"
        }
    }
}

/// The part of the storage that keeps the audit log; it has no way to change or remove an entry.
package protocol AuditStore: Sendable {
    /// Stores an entry for an action that changed nothing here: a rejected sign-in, a test, an export.
    func append(_ entry: AuditEntry) async throws

    /// Entries that match, the newest first.
    ///
    /// - Parameters:
    ///   - filter: Which entries.
    ///   - position: Only those older than this place; nil for the newest.
    ///   - limit: At most so many.
    /// - Returns: The entries with their places.
    /// - Throws: What the storage throws.
    func audit(_ filter: AuditFilter, before position: AuditPosition?, limit: Int) async throws -> [StoredAuditEntry]
}

/// The position of an entry in the log; later entries have higher positions.
package struct AuditPosition: Sendable, Hashable, Comparable {
    package let rawValue: Int64

    /// Creates an ``AuditPosition``.
    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    package static func < (lhs: AuditPosition, rhs: AuditPosition) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// An entry with its place.
package struct StoredAuditEntry: Sendable, Equatable {
    package let position: AuditPosition
    package let entry: AuditEntry

    /// Creates a ``StoredAuditEntry``.
    package init(position: AuditPosition, entry: AuditEntry) {
        self.position = position
        self.entry = entry
    }

}

/// Which entries are wanted; nil means any.
package struct AuditFilter: Sendable, Equatable {
    package var action: AuditAction?
    /// The actor's text, whole.
    package var actor: String?
    /// A part of the target; ASCII letters are compared case-insensitively.
    package var target: String?
    /// From this time on, inclusive.
    package var from: Date?
    /// Before this time, exclusive.
    package var until: Date?

    /// Creates an ``AuditFilter``.
    package init(action: AuditAction? = nil, actor: String? = nil, target: String? = nil, from: Date? = nil, until: Date? = nil) {
        self.action = action
        self.actor = actor
        self.target = target
        self.from = from
        self.until = until
    }

}

/// Who asks for a change, when, and from where: what every audit entry of one request has in common.
package struct RequestOrigin: Sendable {
    /// When the request arrived.
    package var at: Date
    /// The account that sends the request; nil if it is not signed in.
    package var account: AccountName?
    /// The name of the API key that the request shows; nil if a person sends it.
    package var apiKey: String?
    /// The id of the request in pages, log and audit log.
    package var correlationID: CorrelationID
    /// The address of the client.
    package var address: String

    /// Creates a ``RequestOrigin``.
    package init(at: Date, account: AccountName? = nil, apiKey: String? = nil, correlationID: CorrelationID, address: String) {
        self.at = at
        self.account = account
        self.apiKey = apiKey
        self.correlationID = correlationID
        self.address = address
    }

    /// The account, else the API key.
    package var actor: AuditEntry.Actor { account.map { .account($0) } ?? apiKey.map { .apiKey($0) } ?? .unknown }

    /// The audit entry of an action of this request.
    package func audit(
        _ action: AuditAction, _ target: String, _ outcome: AuditEntry.Outcome = .done, _ detail: String = "", error: PSAError? = nil,
        actor: AuditEntry.Actor? = nil
    ) -> AuditEntry {
        AuditEntry(
            at: at, actor: actor ?? self.actor, action: action, target: target,
            outcome: outcome,
            detail: detail, code: error?.code, correlationID: (error?.correlationID ?? correlationID).rawValue, address: address)
    }
}
