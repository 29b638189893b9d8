import FoundationEssentials
import PSACore
import PSAEngine

/// What somebody did, or tried: kept for good, changed by nobody.
struct AuditEntry: Sendable, Equatable {
    /// Who did it: an account, or the host itself.
    enum Actor: Sendable, Hashable {
        case account(AccountName)
        /// Somebody who did not prove an identity; what they typed as a name is not kept, it may be a password.
        case unknown
        /// The host by itself: first start, scheduled checks, the command line.
        case system

        /// The actor as one word; an account name can't contain parentheses.
        var text: String {
            switch self {
            case .account(let name): name.rawValue
            case .unknown: "(unknown)"
            case .system: "(system)"
            }
        }

        init(text: String) {
            self = text == "(system)" ? .system : AccountName(text).map(Actor.account) ?? .unknown
        }
    }

    enum Outcome: String, Sendable, CaseIterable {
        case done
        /// Not allowed, or not valid.
        case refused
        /// Tried, and it did not work.
        case failed
        /// Nobody knows whether it happened.
        case unknown
    }

    var at: Date
    var actor: Actor
    var action: AuditAction
    /// What it was done to, such as a connection's name; empty where there is nothing to name.
    var target: String
    var outcome: Outcome
    /// One sentence for a person, without anything secret.
    var detail: String
    /// The error's code, where one was met.
    var code: ErrorCode?
    /// By which screen, log and audit find each other.
    var correlationID: String
    /// Where the request came from; nil for the host itself.
    var address: String?
}

/// What the audit log tells of.
enum AuditAction: String, Sendable, CaseIterable {
    case signedIn = "account.signed_in"
    case signInFailed = "account.sign_in_failed"
    case signInBlocked = "account.sign_in_blocked"
    case signedOut = "account.signed_out"
    case accountCreated = "account.created"
    case accountChanged = "account.changed"
    case accountRemoved = "account.removed"
    case passwordChanged = "account.password_changed"
    case connectionTested = "connection.tested"
    case connectionChecked = "connection.checked"
    case connectionCreated = "connection.created"
    case connectionChanged = "connection.changed"
    case connectionRemoved = "connection.removed"
    case ticketDefaultsChanged = "connection.ticket_defaults_changed"
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
    case companyMapped = "company.mapped"
    case companyMappingRemoved = "company.mapping_removed"
    case unmatchedCompanyDismissed = "company.dismissed"
    case tokenCreated = "token.created"
    case tokenChanged = "token.changed"
    case tokenRevoked = "token.revoked"
    case auditExported = "audit.exported"
    case keyRotated = "key.rotated"

    /// The action in words.
    var title: String {
        switch self {
        case .signedIn: "Signed in"
        case .signInFailed: "Sign-in failed"
        case .signInBlocked: "Sign-in blocked"
        case .signedOut: "Signed out"
        case .accountCreated: "Account created"
        case .accountChanged: "Account changed"
        case .accountRemoved: "Account removed"
        case .passwordChanged: "Password changed"
        case .connectionTested: "Connection tested"
        case .connectionChecked: "Connection checked by schedule"
        case .connectionCreated: "Connection created"
        case .connectionChanged: "Connection changed"
        case .connectionRemoved: "Connection removed"
        case .ticketDefaultsChanged: "Ticket defaults changed"
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
        case .outboxLimitsChanged: "Limits of the outbox changed"
        case .companyMapped: "Company mapped"
        case .companyMappingRemoved: "Company mapping removed"
        case .unmatchedCompanyDismissed: "Company that was not found dismissed or shown again"
        case .tokenCreated: "Token created"
        case .tokenChanged: "Namespace of a token changed"
        case .tokenRevoked: "Token revoked"
        case .auditExported: "Audit log exported"
        case .keyRotated: "Key rotated"
        }
    }
}
