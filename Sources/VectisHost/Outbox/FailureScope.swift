import PSACore

/// What the failure of one write says about the other writes.
enum FailureScope: Sendable, Equatable {
    /// It concerns values of this item: it fails alone, and everything else goes on.
    case item
    /// Every item of the rule would fail until somebody changes something: the rule pauses.
    case rule
    /// Credentials are refused: as with ``rule``, and tried at the longest wait only, because accounts get locked.
    case credentials
    /// The way to the PSA, or the PSA itself, is in trouble: everything of the connection waits.
    case connection

    /// The scope of an error code; a code that only one connector knows concerns the item.
    init(_ code: ErrorCode) {
        switch code.area {
        case "network", "tls", "proxy", "vendor", "rate", "url": self = .connection
        case "auth": self = .credentials
        case "permission", "config": self = .rule
        case "connector" where code != .connectorDefect: self = .rule
        case "ticket": self = Self.itemCodes.contains(code) ? .item : .rule
        default: self = .item
        }
    }

    /// What concerns the values of one ticket, or one ticket that exists, among the codes about tickets.
    private static let itemCodes: Set<ErrorCode> = [.ticketFieldInvalid, .ticketNotWritable]
}

/// Why something waits, or why its outcome is unknown: the last error.
struct FailureCause: Sendable, Equatable {
    let code: ErrorCode
    /// The guidance as problem JSON.
    let problem: String

    init(code: ErrorCode, problem: String) { (self.code, self.problem) = (code, problem) }

    init(_ error: PSAError) { self.init(code: error.code, problem: error.problem.encodedText) }
}
