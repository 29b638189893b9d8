/// A fault that the simulator injects, with its argument if it takes one.
///
/// The text form is the name, or the name and the argument separated by a colon: `server-error`, `deny:contracts`, `latency:500`. A
/// fault of writes may be limited to writes that contain a text, given after an `@`: `create-status-stored:302@SRV-01`.
public struct HaloFault: Sendable, Hashable, CustomStringConvertible {
    /// The kind of fault; ``HaloFault/catalogue`` describes each in one line.
    public var kind: Kind
    /// The argument, the text after the colon; nil selects the fault's default.
    public var argument: String?
    /// The text a write must contain in subject, details or note for the fault to apply to it; nil applies it to every write.
    public var contentFilter: String?

    /// Creates a fault without validating the argument; ``init(parsing:)`` validates it.
    public init(_ kind: Kind, _ argument: String? = nil, contentFilter: String? = nil) {
        self.kind = kind
        self.argument = argument
        self.contentFilter = contentFilter
    }

    /// Parses `name` or `name:argument`, optionally followed by `@text` to limit it to writes that contain the text.
    ///
    /// - Throws: ``HaloFaultError`` for an unknown name, or a missing or invalid argument.
    public init(parsing text: String) throws {
        let halves = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let parts = (halves.first ?? "").split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts.first ?? ""
        guard let kind = Kind(rawValue: name) else {
            throw HaloFaultError(
                message: "There is no fault named '\(name)'. Known: \(Self.catalogue.map(\.name).joined(separator: ", ")).")
        }
        let argument = parts.count > 1 ? parts[1] : nil
        if let problem = FaultDefinition.of(kind).argument.validationError(argument) {
            throw HaloFaultError(message: "The fault '\(name)' \(problem).")
        }
        let contentFilter = halves.count > 1 ? halves[1] : nil
        if let contentFilter, contentFilter.isEmpty || !FaultDefinition.of(kind).supportsContentFilter {
            throw HaloFaultError(
                message: contentFilter.isEmpty
                    ? "There is no text after the @." : "The fault '\(name)' can't be limited to writes that contain a text with an @.")
        }
        self.init(kind, argument, contentFilter: contentFilter)
    }

    /// The text form, which ``init(parsing:)`` parses to the same fault.
    public var description: String { kind.rawValue + (argument.map { ":" + $0 } ?? "") + (contentFilter.map { "@" + $0 } ?? "") }

    /// The argument as an integer, or the fault's default.
    var number: Int {
        if let argument, let number = Int(argument) { return number }
        if case .number(_, let number) = FaultDefinition.of(kind).argument { return number }
        return 0
    }
}

/// The reason why the text form of a fault is invalid, as one sentence for the user.
public struct HaloFaultError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The sentence.
    public var message: String
    /// The sentence.
    public var description: String { message }
}

extension HaloFault {
    /// The names of all faults.
    ///
    /// The raw values are stable: scripts and tests use them.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case tokenInvalidClient = "token-invalid-client"
        case tokenUnauthorizedClient = "token-unauthorized-client"
        case tokenInvalidScope = "token-invalid-scope"
        case tokenNotFound = "token-not-found"
        case tokenNotFoundHTML = "token-not-found-html"
        case tokenServerError = "token-server-error"
        case tokenRateLimited = "token-rate-limited"
        case tokenHTMLLoginPage = "token-html-login-page"
        case tokenMissingFields = "token-missing-fields"
        case tokenExpiresNow = "token-expires-now"
        case tokenRevokedOnce = "token-revoked-once"
        case tokenRevokedAlways = "token-revoked-always"
        case wrongHost = "wrong-host"
        case notHalo = "not-halo"

        case deny
        case deny401 = "deny-401"
        case empty
        case restrictedRows = "restricted-rows"

        case html200 = "html-200"
        case html502 = "html-502"
        case redirectLogin = "redirect-login"
        case serverError = "server-error"
        case unavailable
        case gatewayTimeout = "gateway-timeout"
        case rateLimit = "rate-limit"
        case rateLimitNoHeader = "rate-limit-no-header"
        case rateLimitTimes = "rate-limit-times"
        case flaky
        case latency
        case silent
        case hangUp = "hang-up"

        case truncatedBody = "truncated-body"
        case truncatedHalfway = "truncated-halfway"
        case wrongContentType = "wrong-content-type"
        case bom
        case gzipFlagPlain = "gzip-flag-plain"
        case hugeBody = "huge-body"
        case slowBody = "slow-body"
        case garbageJSON = "garbage-json"
        case nullLists = "null-lists"
        case listAsArray = "list-as-array"
        case noRecordCount = "no-record-count"
        case oneElementArrayReplies = "one-element-array-replies"
        case idAsDouble = "id-as-double"
        case idsAsText = "ids-as-text"
        case repeatLastPage = "repeat-last-page"
        case pageCap = "page-cap"
        case pageSizes = "page-sizes"
        case recordCountMore = "record-count-more"
        case clock
        case clockStored = "clock-stored"
        case dateFilterLocal = "date-filter-local"
        case dateFilterIgnored = "date-filter-ignored"
        case deletedFilter = "deleted-filter"
        case closedHidden = "closed-hidden"
        case mergedHidden = "merged-hidden"
        case repeatPage = "repeat-page"

        case createLostReply = "create-lost-reply"
        case create504Stored = "create-504-stored"
        case create500Stored = "create-500-stored"
        case createLostRequest = "create-lost-request"
        case createStatus = "create-status"
        case createStatusStored = "create-status-stored"
        case createRace = "create-race"
        case subject
        case details
        case poison
        case errorShape = "error-shape"
        case ticketTypeRequired = "ticket-type-required"
        case forbiddenOutcome = "forbidden-outcome"
        case actionsWithoutTicketError = "actions-without-ticket-error"
        case notesLeaveTicketUntouched = "notes-leave-ticket-untouched"
        case thirdPartyFilterUnsupported = "third-party-filter-unsupported"
        case thirdPartyHiddenOnRows = "third-party-hidden-on-rows"
        case thirdPartyDropped = "third-party-dropped"
        case rowsThin = "rows-thin"
        case notesRefused = "notes-refused"
        case deletedStaysReadable = "deleted-stays-readable"

        case requirementWording = "requirement-wording"
        case requirementShape = "requirement-shape"
        case unknownCategoryDropped = "unknown-category-dropped"
        case customFieldsDropped = "custom-fields-dropped"
        case typeDefaultsApplied = "type-defaults-applied"
        case typeDetailArray = "type-detail-array"
        case workflowStatus = "workflow-status"
        case closingDemand = "closing-demand"
        case uploadLimit = "upload-limit"
        case uploadTokens = "upload-tokens"
        case attachmentLink = "attachment-link"
    }

    /// An entry of the list of faults, as the command line shows it.
    public struct Description: Sendable, Hashable {
        /// The stable name.
        public var name: String
        /// The argument's placeholder in capitals, in brackets if it is optional; nil if the fault takes no argument.
        public var argument: String?
        /// What the simulator does, in one line.
        public var summary: String
    }

    /// Every fault, in the order of processing: token, permission, transport, body, writing, demands.
    public static let catalogue: [Description] = FaultDefinition.all.map {
        Description(name: $0.kind.rawValue, argument: $0.argument.hint, summary: $0.summary)
    }
}
