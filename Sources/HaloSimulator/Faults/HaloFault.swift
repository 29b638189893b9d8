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
        /// The token endpoint rejects client id or secret with 401 `invalid_client`, in the format of OpenIddict.
        case tokenInvalidClient = "token-invalid-client"
        /// The token endpoint answers 400 `unauthorized_client`: the application is inactive or not approved.
        case tokenUnauthorizedClient = "token-unauthorized-client"
        /// The token endpoint answers 400 `invalid_scope`: the application may not have the permissions asked for.
        case tokenInvalidScope = "token-invalid-scope"
        /// The token endpoint answers 404 without a body, as with a wrong path of the authorisation server.
        case tokenNotFound = "token-not-found"
        /// The token endpoint answers 404 with a web page.
        case tokenNotFoundHTML = "token-not-found-html"
        /// The token endpoint answers 500 with a web page, as for a tenant that the server does not know.
        case tokenServerError = "token-server-error"
        /// The token endpoint answers 429 with a `Retry-After` of the argument's seconds, 30 by default.
        case tokenRateLimited = "token-rate-limited"
        /// The token endpoint answers 200 with the login page instead of a token.
        case tokenHTMLLoginPage = "token-html-login-page"
        /// The token endpoint answers 200 without `access_token` and `expires_in`.
        case tokenMissingFields = "token-missing-fields"
        /// Token replies say `expires_in` 0, and the API accepts the tokens nevertheless.
        case tokenExpiresNow = "token-expires-now"
        /// The next API call gets 401 and revokes every token issued so far; tokens issued after it work.
        case tokenRevokedOnce = "token-revoked-once"
        /// The API answers every token with 401, also one just issued.
        case tokenRevokedAlways = "token-revoked-always"
        /// Every path answers 200 with an unrelated web page, as behind a DNS wildcard or a parked domain.
        case wrongHost = "wrong-host"
        /// Every path answers 404 with a web page, as a web server does that is not HaloPSA.
        case notHalo = "not-halo"

        /// The resource of the argument answers 403, as for an agent without the permission.
        case deny
        /// The resource of the argument answers 401 although the token is valid.
        case deny401 = "deny-401"
        /// Lists of the argument's resource are 200 without rows.
        case empty
        /// The agent behind the token sees only the rows of client 1; other records answer 404.
        case restrictedRows = "restricted-rows"

        /// The API answers 200 with a web page.
        case html200 = "html-200"
        /// The API answers 502 with the web page of a proxy.
        case html502 = "html-502"
        /// The API answers 302 with the login page as `Location`.
        case redirectLogin = "redirect-login"
        /// The API answers 500 without a body.
        case serverError = "server-error"
        /// The API answers 503 with a `Retry-After` of the argument's seconds, 5 by default.
        case unavailable
        /// The API answers 504 with the web page of a gateway; nothing is executed.
        case gatewayTimeout = "gateway-timeout"
        /// The API answers 429 with a `Retry-After` of the argument's seconds, 30 by default.
        case rateLimit = "rate-limit"
        /// The API answers 429 and does not say how long to wait.
        case rateLimitNoHeader = "rate-limit-no-header"
        /// The first API calls, as many as the argument says, get 429 with a `Retry-After` of one second.
        case rateLimitTimes = "rate-limit-times"
        /// The first GET calls of the API, as many as the argument says, get 503.
        case flaky
        /// Every reply is delayed by the argument's milliseconds, those of the token endpoint included.
        case latency
        /// The API takes the request and never answers; the connection stays open.
        case silent
        /// The API closes the connection without a reply; nothing is executed.
        case hangUp = "hang-up"

        /// The JSON ends in the middle, within an HTTP response that is complete.
        case truncatedBody = "truncated-body"
        /// The connection breaks after half of the body that `Content-Length` declares.
        case truncatedHalfway = "truncated-halfway"
        /// JSON is sent as `text/plain`.
        case wrongContentType = "wrong-content-type"
        /// The JSON starts with a byte order mark.
        case bom
        /// `Content-Encoding` says gzip, and the body is not compressed.
        case gzipFlagPlain = "gzip-flag-plain"
        /// The body has the argument's number of megabytes, 256 by default.
        case hugeBody = "huge-body"
        /// The body is sent in twenty pieces, each delayed by the argument's milliseconds, 250 by default.
        case slowBody = "slow-body"
        /// The body looks like JSON and is not valid.
        case garbageJSON = "garbage-json"
        /// Lists have their key, with null in place of the rows.
        case nullLists = "null-lists"
        /// Lists are arrays of rows, without the object that has `record_count`.
        case listAsArray = "list-as-array"
        /// Lists do not say how many rows there are in all.
        case noRecordCount = "no-record-count"
        /// Replies to POST are arrays with the record as their only element.
        case oneElementArrayReplies = "one-element-array-replies"
        /// Whole-number ids are sent as numbers with a fraction, such as 18.0.
        case idAsDouble = "id-as-double"
        /// Ids are sent as strings.
        case idsAsText = "ids-as-text"
        /// A page past the end repeats the last one, so that a reader who waits for an empty page never ends.
        case repeatLastPage = "repeat-last-page"
        /// Pages have at most the argument's number of rows, whatever page size is requested.
        case pageCap = "page-cap"
        /// The first pages have the numbers of rows that the argument lists, such as `3/1/2`; later pages have the last number.
        case pageSizes = "page-sizes"
        /// `record_count` of a numbered page is too high by the argument's number of rows.
        case recordCountMore = "record-count-more"
        /// The vendor's clock is off by the argument, such as `-26h`: in stored dates and in the header field `Date`.
        case clock
        /// Stored dates are off by the argument, such as `+90m`, and the header field `Date` is right.
        case clockStored = "clock-stored"
        /// Date filters are read as local time with the argument as its offset from UTC.
        case dateFilterLocal = "date-filter-local"
        /// Lists of the argument's resource, by default of all, ignore `lastupdatefromdate` and `lastupdatetodate`.
        case dateFilterIgnored = "date-filter-ignored"
        /// The ticket filter `deleted=true` is ignored, or adds the deleted tickets to the others, as the argument says.
        case deletedFilter = "deleted-filter"
        /// Ticket lists have closed tickets only with `includeclosed` or `closed_only`.
        case closedHidden = "closed-hidden"
        /// Ticket lists leave out tickets that were merged into another.
        case mergedHidden = "merged-hidden"
        /// The page of the argument's number repeats the one before it.
        case repeatPage = "repeat-page"

        /// The new record is stored, then the connection is closed; the argument names the resource, tickets by default.
        case createLostReply = "create-lost-reply"
        /// The new record is stored, then the reply is 504; the argument names the resource, tickets by default.
        case create504Stored = "create-504-stored"
        /// The new record is stored, then the reply is 500; the argument names the resource, tickets by default.
        case create500Stored = "create-500-stored"
        /// The connection is closed before anything is stored; the argument names the resource, tickets by default.
        case createLostRequest = "create-lost-request"
        /// The new record is not stored, and the reply is that of the argument, such as `404/html`.
        case createStatus = "create-status"
        /// The new record is stored, and the reply is that of the argument, such as `302` or `500/record/actions`.
        case createStatusStored = "create-status-stored"
        /// Tickets created at the same time as another get 500.
        case createRace = "create-race"
        /// Subjects are changed before they are stored, as the argument says, such as `cut60` or `html-escaped`.
        case subject
        /// Details and notes are changed before they are stored, as the argument says, such as `trimmed` or `emoji-question`.
        case details
        /// Writes that contain the argument, by default `poison`, get 400.
        case poison
        /// Ticket creation gets 400, with its error in the format that the argument names.
        case errorShape = "error-shape"
        /// A new ticket without a type is rejected.
        case ticketTypeRequired = "ticket-type-required"
        /// The agent behind the token may not use any outcome, so no action can be added.
        case forbiddenOutcome = "forbidden-outcome"
        /// `GET /Actions` without a ticket answers 500 instead of an empty list.
        case actionsWithoutTicketError = "actions-without-ticket-error"
        /// A new action does not change the ticket's `last_update`, so that a filter for changes misses it.
        case notesLeaveTicketUntouched = "notes-leave-ticket-untouched"
        /// The list filter `third_party_id_string` is ignored: every ticket seems to match.
        case thirdPartyFilterUnsupported = "third-party-filter-unsupported"
        /// `third_party_id_string` is in the detail of a ticket and not in list rows.
        case thirdPartyHiddenOnRows = "third-party-hidden-on-rows"
        /// `third_party_id_string` is accepted and not stored, so a ticket cannot be found by it.
        case thirdPartyDropped = "third-party-dropped"
        /// List rows of tickets have neither `third_party_id_string` nor details.
        case rowsThin = "rows-thin"
        /// Notes on tickets in the argument's state get 400; without this fault they are accepted.
        case notesRefused = "notes-refused"
        /// A deleted ticket answers 200 with `deleted` true instead of 404.
        case deletedStaysReadable = "deleted-stays-readable"

        /// Missing fields are reported in the argument's wording; HaloPSA's is documented for some fields only.
        case requirementWording = "requirement-wording"
        /// Missing and invalid fields are reported in the format that the argument names.
        case requirementShape = "requirement-shape"
        /// A category that does not exist is accepted and not stored, instead of rejected.
        case unknownCategoryDropped = "unknown-category-dropped"
        /// Custom fields are accepted and not stored.
        case customFieldsDropped = "custom-fields-dropped"
        /// Team, agent and impact of a new ticket default to those of its type.
        case typeDefaultsApplied = "type-defaults-applied"
        /// The detail of a ticket type is an array with one element.
        case typeDetailArray = "type-detail-array"
        /// A status written past the workflow is kept as it was (`kept`), or rejected for a reason (`permission`, `step`).
        case workflowStatus = "workflow-status"
        /// Closing a ticket is rejected for the argument's reason, such as `open-children`.
        case closingDemand = "closing-demand"
        /// Files larger than the argument's number of bytes get 413.
        case uploadLimit = "upload-limit"
        /// The ids of attachments are texts instead of numbers.
        case uploadTokens = "upload-tokens"
        /// The detail of an attachment is an object with a link to the file, instead of the bytes.
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
