public import PSACore

/// The jobs that a failure concerns.
public enum FailureScope: Sendable, Equatable {
    /// The values of this job: it fails alone.
    case job
    /// Every job of the source, until something is changed: the source is paused.
    case source
    /// Every job, because credentials are refused: as ``source``, but retried at the longest wait only, because accounts get locked.
    case credentials
    /// Every job of the connection, because network or PSA fail: all wait.
    case connection

    /// The scope of an error code; a code that only one connector knows concerns the job.
    public init(_ code: ErrorCode) {
        switch code.area {
        // A missing key is not a mistake in a rule.
        case .config where code == .configSecretUnreadable: self = .connection
        case .network, .tls, .proxy, .vendor, .rate, .url: self = .connection
        case .auth: self = .credentials
        case .permission, .config: self = .source
        case .connector where code != .connectorDefect: self = .source
        case .ticket: self = Self.itemCodes.contains(code) ? .job : .source
        default: self = .job
        }
    }

    /// The scope of the failure of a write: of its code, but a missing file and the status of a change concern the job, which alone has them.
    init(_ cause: FailureCause, of operation: TicketJob.Operation.Name) {
        let missing = (try? JSONDocument(Array(cause.problem.utf8)).root["ticketFields"]?.elements) ?? []
        let isAboutFiles = !missing.isEmpty && missing.allSatisfy { $0["field"]?.string == TicketField.ID.attachments.rawValue }
        let isAboutItsFiles = cause.code == .ticketFieldRequired && isAboutFiles
        let isAboutItsStatus = cause.code == .ticketStatusNotAllowed && operation == .changeStatus
        self = isAboutItsFiles || isAboutItsStatus ? .job : Self(cause.code)
    }

    /// What concerns the values of one ticket, or one ticket that exists, among the codes about tickets.
    private static let itemCodes: Set<ErrorCode> = [.ticketFieldInvalid, .ticketNotWritable, .ticketOtherCompany]
}

/// Why something waits, or why its outcome is unknown: the last error.
public struct FailureCause: Sendable, Equatable {
    /// The error code.
    public let code: ErrorCode
    /// The guidance as problem JSON.
    public let problem: String

    /// Creates a cause from stored values.
    public init(code: ErrorCode, problem: String) { (self.code, self.problem) = (code, problem) }

    /// Creates the cause for an error.
    public init(_ error: PSAError) { self.init(code: error.code, problem: error.storedProblem) }

    /// Whether the PSA gave a reason, or the code means that every job would be refused.
    public var isExplained: Bool {
        let message = (try? JSONDocument(Array(problem.utf8)).root["vendor"]?["message"]?.string) ?? nil
        return FailureScope(code) != .job || message?.isEmpty == false
    }

    /// Whether only the access token was refused, and the next request brings a new one.
    var isTokenEnded: Bool {
        guard code == .authTokenRejected else { return false }
        let causes = (try? JSONDocument(Array(problem.utf8)).root["causes"]?.elements) ?? []
        return causes.contains { $0["id"]?.string == "token_ended" }
    }

    /// What happened, in a sentence; empty if it was not kept.
    public var detail: String { (try? JSONDocument(Array(problem.utf8)).root["detail"]?.string) ?? "" }
}
