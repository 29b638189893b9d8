import WebServer

/// One row of the fault catalogue: name, argument, summary and effect.
struct FaultDefinition: Sendable {
    let kind: HaloFault.Kind
    let argument: Argument
    let summary: String
    let effect: Effect

    init(_ kind: HaloFault.Kind, takes argument: Argument = .none, _ summary: String, _ effect: Effect) {
        self.kind = kind
        self.argument = argument
        self.summary = summary
        self.effect = effect
    }

    enum Effect: Sendable {
        /// A canned reply replaces the real one at the given stage.
        case answer(Stage, CannedReply)
        /// The real reply is modified before it is sent.
        case transform(ReplyTransform)
        /// The handler concerned asks the fault plan itself.
        case checkedByHandler
    }

    /// Where a canned reply replaces the real one.
    enum Stage: Sendable {
        case token
        case api
        /// Routes below `/api` after the token was accepted, for the resource in the argument.
        case resource
        case everywhere
        /// The first N API calls, where N is the argument.
        case firstCalls
        /// The first N API calls by GET, where N is the argument.
        case firstReads
        /// A POST that creates a record, before or after it is stored; the argument names the resource, tickets by default.
        case beforeCreate
        case afterCreate
    }

    enum ReplyTransform: Sendable {
        case truncateBody
        case truncateConnection
        case contentType(String)
        case byteOrderMark
        case contentEncoding(String)
        case hugeBody
        case slowBody
        case invalidJSON
        case identifiers(IdentifierFormat)
        case nullRows
        case bareArray
        case noRows
        case noRecordCount
        case wrapRecordInArray
    }

    enum Argument: Sendable {
        case none
        case number(String, default: Int)
        case requiredNumber(String)
        case resource
        case optionalResource
        case optionalText(String)
        case choice([String])
        /// An argument with its own syntax: how it is shown in the list of faults, and a function that validates it.
        case form(String, @Sendable (String?) -> String?)

        var hint: String? {
            switch self {
            case .none: nil
            case .number(let word, _): "[\(word)]"
            case .requiredNumber(let word): word
            case .resource: "RESOURCE"
            case .optionalResource: "[RESOURCE]"
            case .optionalText(let word): "[\(word)]"
            case .choice(let words): words.joined(separator: "|")
            case .form(let hint, _): hint
            }
        }

        func validationError(_ text: String?) -> String? {
            switch (self, text) {
            case (.none, nil), (.number, nil), (.optionalResource, nil), (.optionalText, nil): nil
            case (.none, _): "takes no argument"
            case (.number(let word, _), let text?), (.requiredNumber(let word), let text?):
                Int32(text).map { $0 >= 0 } == true ? nil : "takes a number of \(word), not '\(text)'"
            case (.requiredNumber(let word), nil): "needs a number after a colon: \(word)"
            case (.resource, nil): "needs the name of a resource after a colon, such as tickets or contracts"
            case (.resource, let text?), (.optionalResource, let text?):
                Resource.named(text).isEmpty ? "does not know the resource '\(text)'; known are \(Resource.names)" : nil
            case (.optionalText(let word), let text?): text.isEmpty ? "takes a \(word.lowercased()), not an empty text" : nil
            case (.form(_, let problem), let text): problem(text)
            case (.choice(let words), let text):
                text.map(words.contains) == true ? nil : "needs one of \(words.joined(separator: ", ")) after a colon"
            }
        }
    }

    /// Whether the fault may be limited to writes that contain a given text.
    var supportsContentFilter: Bool {
        switch kind {
        case .createStatus, .createStatusStored, .createLostReply, .create504Stored, .create500Stored, .createLostRequest, .subject,
            .details, .thirdPartyDropped, .poison, .errorShape, .ticketTypeRequired, .forbiddenOutcome:
            true
        default: false
        }
    }

    static func of(_ kind: HaloFault.Kind) -> FaultDefinition { byKind[kind] ?? FaultDefinition(kind, "", .checkedByHandler) }

    private static let byKind = [HaloFault.Kind: FaultDefinition](all.map { ($0.kind, $0) }) { first, _ in first }
}

extension FaultDefinition {
    /// Every fault.
    ///
    /// A fault that only sends a canned reply or only modifies one needs nothing beyond its row here.
    static let all: [FaultDefinition] = token + permission + transport + bodies + writing + demands

    private static let token: [FaultDefinition] = [
        FaultDefinition(
            .tokenInvalidClient, "The token endpoint rejects client id or secret: 401 invalid_client.",
            .answer(.token, .oauth(401, "invalid_client", "The specified client credentials are invalid.", "ID2055"))),
        FaultDefinition(
            .tokenUnauthorizedClient, "The application is inactive or not approved: 400 unauthorized_client.",
            .answer(
                .token, .oauth(400, "unauthorized_client", "The client application is not allowed to use the token endpoint.", "ID2063"))),
        FaultDefinition(
            .tokenInvalidScope, "The token endpoint rejects the scopes: 400 invalid_scope.",
            .answer(.token, .oauth(400, "invalid_scope", "The specified 'scope' parameter is invalid.", "ID2052"))),
        FaultDefinition(.tokenNotFound, "The token endpoint does not exist: 404, empty.", .answer(.token, CannedReply(status: 404))),
        FaultDefinition(
            .tokenNotFoundHTML, "The token endpoint does not exist: 404 with a web page.",
            .answer(.token, CannedReply(status: 404, body: .html(Pages.notFound)))),
        FaultDefinition(
            .tokenServerError, "The server does not know the tenant: 500 with a web page.",
            .answer(.token, CannedReply(status: 500, body: .html(Pages.serverError)))),
        FaultDefinition(
            .tokenRateLimited, takes: .number("SECONDS", default: 30), "The token endpoint throttles: 429 with Retry-After.",
            .answer(.token, CannedReply(status: 429, retryAfter: .argument))),
        FaultDefinition(
            .tokenHTMLLoginPage, "The token endpoint answers 200 with the login page.",
            .answer(.token, CannedReply(status: 200, body: .html(Pages.login)))),
        FaultDefinition(
            .tokenMissingFields, "The token reply is 200 without access_token and expires_in.",
            .answer(.token, CannedReply(status: 200, body: .json(["token_type": "Bearer"])))),
        FaultDefinition(.tokenExpiresNow, "Token replies say expires_in 0, but the API accepts the tokens.", .checkedByHandler),
        FaultDefinition(
            .tokenRevokedOnce, "The next API call revokes every token issued so far (401); later tokens work.", .checkedByHandler),
        FaultDefinition(.tokenRevokedAlways, "The API rejects every token: 401, empty.", .checkedByHandler),
        FaultDefinition(
            .wrongHost, "Every path answers 200 with an unrelated web page, as behind a DNS wildcard.",
            .answer(.everywhere, CannedReply(status: 200, body: .html(Pages.parkedDomain)))),
        FaultDefinition(
            .notHalo, "Every path answers 404 with a web page.",
            .answer(.everywhere, CannedReply(status: 404, body: .html(Pages.notFound)))),
    ]

    private static let permission: [FaultDefinition] = [
        FaultDefinition(.deny, takes: .resource, "The resource answers 403, empty.", .answer(.resource, CannedReply(status: 403))),
        FaultDefinition(
            .deny401, takes: .resource, "The resource answers 401, empty, although the token is valid.",
            .answer(.resource, CannedReply(status: 401, headers: [("WWW-Authenticate", "Bearer")]))),
        FaultDefinition(.empty, takes: .resource, "Lists of the resource are 200 without rows.", .transform(.noRows)),
        FaultDefinition(.restrictedRows, "The login agent sees only the rows of client 1.", .checkedByHandler),
    ]

    private static let transport: [FaultDefinition] = [
        FaultDefinition(
            .html200, "The API answers 200 with a web page.", .answer(.api, CannedReply(status: 200, body: .html(Pages.login)))),
        FaultDefinition(
            .html502, "The API answers 502 with a proxy's web page.", .answer(.api, CannedReply(status: 502, body: .html(Pages.badGateway)))
        ),
        FaultDefinition(
            .redirectLogin, "The API redirects to the login page: 302.",
            .answer(.api, CannedReply(status: 302, headers: [("Location", "/auth/login?ReturnUrl=%2Fapi")]))),
        FaultDefinition(.serverError, "The API answers 500, empty.", .answer(.api, CannedReply(status: 500))),
        FaultDefinition(
            .unavailable, takes: .number("SECONDS", default: 5), "The API answers 503 with Retry-After.",
            .answer(.api, CannedReply(status: 503, retryAfter: .argument))),
        FaultDefinition(
            .gatewayTimeout, "The API answers 504 with a gateway's web page.",
            .answer(.api, CannedReply(status: 504, body: .html(Pages.gatewayTimeout)))),
        FaultDefinition(
            .rateLimit, takes: .number("SECONDS", default: 30), "The API answers 429 with Retry-After.",
            .answer(.api, CannedReply(status: 429, retryAfter: .argument))),
        FaultDefinition(.rateLimitNoHeader, "The API answers 429 without Retry-After.", .answer(.api, CannedReply(status: 429))),
        FaultDefinition(
            .rateLimitTimes, takes: .requiredNumber("CALLS"), "The first API calls, as many as given, get 429 with Retry-After 1.",
            .answer(.firstCalls, CannedReply(status: 429, retryAfter: .seconds(1)))),
        FaultDefinition(
            .flaky, takes: .requiredNumber("CALLS"), "The first GET calls of the API, as many as given, get 503.",
            .answer(.firstReads, CannedReply(status: 503))),
        FaultDefinition(
            .latency, takes: .requiredNumber("MILLISECONDS"), "Every reply, including the token's, is delayed this long.", .checkedByHandler
        ),
        FaultDefinition(.silent, "The API accepts the request and never answers.", .answer(.api, CannedReply(status: 0, body: .never))),
        FaultDefinition(.hangUp, "The API closes the connection without a reply.", .answer(.api, CannedReply(status: 0, body: .hangUp))),
    ]

    private static let bodies: [FaultDefinition] = [
        FaultDefinition(.truncatedBody, "The JSON ends in the middle, inside a complete HTTP response.", .transform(.truncateBody)),
        FaultDefinition(.truncatedHalfway, "The connection breaks after half the declared body.", .transform(.truncateConnection)),
        FaultDefinition(.wrongContentType, "JSON is sent as text/plain.", .transform(.contentType("text/plain; charset=utf-8"))),
        FaultDefinition(.bom, "The JSON is preceded by a byte order mark.", .transform(.byteOrderMark)),
        FaultDefinition(
            .gzipFlagPlain, "Content-Encoding says gzip, but the body is not compressed.", .transform(.contentEncoding("gzip"))),
        FaultDefinition(.hugeBody, takes: .number("MEGABYTES", default: 256), "The body has this many megabytes.", .transform(.hugeBody)),
        FaultDefinition(
            .slowBody, takes: .number("MILLISECONDS", default: 250), "The body is sent in twenty pieces with this delay before each.",
            .transform(.slowBody)),
        FaultDefinition(.garbageJSON, "The body looks like JSON but is invalid.", .transform(.invalidJSON)),
        FaultDefinition(.nullLists, "Lists have their key with null as its value.", .transform(.nullRows)),
        FaultDefinition(.listAsArray, "Lists are bare arrays without an envelope.", .transform(.bareArray)),
        FaultDefinition(.noRecordCount, "Lists have no record_count.", .transform(.noRecordCount)),
        FaultDefinition(.oneElementArrayReplies, "Replies to POST are arrays with one element.", .transform(.wrapRecordInArray)),
        FaultDefinition(.idAsDouble, "Integer ids are sent as 18.0.", .transform(.identifiers(.double))),
        FaultDefinition(.idsAsText, "Ids are sent as strings.", .transform(.identifiers(.text))),
        FaultDefinition(.repeatLastPage, "A page past the end repeats the last one.", .checkedByHandler),
        FaultDefinition(
            .pageCap, takes: .requiredNumber("ROWS"), "Pages have at most this many rows, whatever page size is requested.",
            .checkedByHandler),
        FaultDefinition(
            .pageSizes, takes: .form("ROWS/ROWS/…", PageSizes.validationError),
            "The first pages have these numbers of rows, later pages the last number.",
            .checkedByHandler),
        FaultDefinition(
            .recordCountMore, takes: .requiredNumber("ROWS"), "record_count of a numbered page is too high by this many rows.",
            .checkedByHandler),
        FaultDefinition(
            .clock, takes: .form(ClockOffset.hint, ClockOffset.validationError),
            "The vendor's clock is wrong: stored dates and the Date header.",
            .checkedByHandler),
        FaultDefinition(
            .clockStored, takes: .form(ClockOffset.hint, ClockOffset.validationError), "Stored dates are wrong; the Date header is right.",
            .checkedByHandler),
        FaultDefinition(
            .dateFilterLocal, takes: .form(ClockOffset.hint, ClockOffset.validationError),
            "Date filters are read as local time with this offset from UTC.", .checkedByHandler),
        FaultDefinition(
            .dateFilterIgnored, takes: .optionalResource,
            "Lists of the resource, by default of all, ignore lastupdatefromdate and -todate.",
            .checkedByHandler),
        FaultDefinition(
            .deletedFilter, takes: .choice(DeletedFilter.allCases.map(\.rawValue)),
            "The filter deleted=true of tickets is ignored, or adds the deleted to the others.", .checkedByHandler),
        FaultDefinition(.closedHidden, "Ticket lists have closed tickets only with includeclosed or closed_only.", .checkedByHandler),
        FaultDefinition(.mergedHidden, "Ticket lists have no merged tickets.", .checkedByHandler),
        FaultDefinition(
            .repeatPage, takes: .requiredNumber("PAGE"), "This page of a list repeats the one before it.", .checkedByHandler),
    ]

    private static let writing: [FaultDefinition] = [
        FaultDefinition(
            .createLostReply, takes: .optionalResource, "The new record is stored, then the connection is closed.",
            .answer(.afterCreate, CannedReply(status: 0, body: .hangUp))),
        FaultDefinition(
            .create504Stored, takes: .optionalResource, "The new record is stored, then the reply is 504.",
            .answer(.afterCreate, CannedReply(status: 504, body: .html(Pages.gatewayTimeout)))),
        FaultDefinition(
            .create500Stored, takes: .optionalResource, "The new record is stored, then the reply is 500, empty.",
            .answer(.afterCreate, CannedReply(status: 500))),
        FaultDefinition(
            .createLostRequest, takes: .optionalResource, "The connection is closed before anything is stored.",
            .answer(.beforeCreate, CannedReply(status: 0, body: .hangUp))),
        FaultDefinition(
            .createStatus, takes: .form(WriteReply.hint, WriteReply.validationError), "The new record is not stored; this is the reply.",
            .checkedByHandler),
        FaultDefinition(
            .createStatusStored, takes: .form(WriteReply.hint, WriteReply.validationError), "The new record is stored; this is the reply.",
            .checkedByHandler),
        FaultDefinition(
            .subject, takes: .form(TextTransform.hint, TextTransform.validationError), "Subjects are changed before they are stored.",
            .checkedByHandler),
        FaultDefinition(
            .details, takes: .form(TextTransform.hint, TextTransform.validationError),
            "Details and notes are changed before they are stored.", .checkedByHandler
        ),
        FaultDefinition(
            .poison, takes: .optionalText("WORD"), "Writes that contain the word, by default 'poison', are rejected with 400.",
            .checkedByHandler),
        FaultDefinition(.createRace, "Tickets created at the same time fail with 500.", .checkedByHandler),
        FaultDefinition(
            .errorShape, takes: .choice(ErrorShape.allCases.map(\.rawValue)), "Ticket creation is rejected with 400 in this format.",
            .checkedByHandler),
        FaultDefinition(.ticketTypeRequired, "A ticket without a type is rejected.", .checkedByHandler),
        FaultDefinition(.forbiddenOutcome, "The API agent may not use any outcome.", .checkedByHandler),
        FaultDefinition(.actionsWithoutTicketError, "GET /Actions without a ticket is 500 instead of empty.", .checkedByHandler),
        FaultDefinition(.notesLeaveTicketUntouched, "A new action does not change the ticket's last_update.", .checkedByHandler),
        FaultDefinition(.thirdPartyFilterUnsupported, "The filter third_party_id_string is ignored.", .checkedByHandler),
        FaultDefinition(.thirdPartyHiddenOnRows, "third_party_id_string is in the detail, not in list rows.", .checkedByHandler),
        FaultDefinition(.thirdPartyDropped, "third_party_id_string is accepted and not stored.", .checkedByHandler),
        FaultDefinition(.rowsThin, "List rows of tickets have neither third_party_id_string nor details.", .checkedByHandler),
        FaultDefinition(
            .notesRefused, takes: .choice(NoteRestriction.allCases.map(\.rawValue)),
            "Notes on tickets in this state are rejected with 400; without this fault they are accepted.", .checkedByHandler),
        FaultDefinition(.deletedStaysReadable, "A deleted ticket answers 200 with deleted true instead of 404.", .checkedByHandler),
    ]

    private static let demands: [FaultDefinition] = [
        FaultDefinition(
            .requirementWording, takes: .choice(["set", "entered", "mandatory"]), "Missing fields are reported in this wording.",
            .checkedByHandler),
        FaultDefinition(
            .requirementShape, takes: .choice(ErrorShape.allCases.map(\.rawValue)),
            "Missing and invalid fields are reported in this format.", .checkedByHandler),
        FaultDefinition(
            .unknownCategoryDropped, "A category that does not exist is accepted and not stored instead of rejected.", .checkedByHandler),
        FaultDefinition(.customFieldsDropped, "Custom fields are accepted and not stored.", .checkedByHandler),
        FaultDefinition(
            .typeDefaultsApplied, "Team, agent and impact of a new ticket default to those of its type.", .checkedByHandler),
        FaultDefinition(.typeDetailArray, "The detail of a ticket type is an array with one element.", .checkedByHandler),
        FaultDefinition(
            .workflowStatus, takes: .choice(["kept", "permission", "step"]),
            "A status written past the workflow is kept as it was, or rejected with this text.", .checkedByHandler),
        FaultDefinition(
            .closingDemand, takes: .choice(["open-children", "closure-note", "open-appointments"]),
            "Closing a ticket is rejected for this reason.", .checkedByHandler),
        FaultDefinition(
            .uploadLimit, takes: .requiredNumber("BYTES"), "Files larger than this are rejected with 413.", .checkedByHandler),
        FaultDefinition(.uploadTokens, "The ids of attachments are texts instead of numbers.", .checkedByHandler),
        FaultDefinition(
            .attachmentLink, "The detail of an attachment is an object with a link instead of the bytes.", .checkedByHandler),
    ]
}

extension CannedReply {
    /// An error of the token endpoint in the format of OpenIddict.
    static func oauth(_ status: Int, _ error: String, _ description: String, _ reference: String) -> CannedReply {
        CannedReply(status: status, body: .json(TokenErrorReply.body(error, description, reference)))
    }
}

/// A reply that is fixed in advance.
struct CannedReply: Sendable {
    enum Body: Sendable {
        case none
        case html(String)
        case json(JSONValue)
        /// No reply: the connection is closed.
        case hangUp
        /// No reply, and the connection stays open until the client or the server times out.
        case never
    }

    enum RetryAfter: Sendable {
        case none
        case argument
        case seconds(Int)
    }

    var status: Int
    var body: Body = .none
    var headers: [(name: String, value: String)] = []
    var retryAfter: RetryAfter = .none

    func reply(for fault: HaloFault) -> Reply {
        var reply = Reply(status: status, content: .empty)
        switch body {
        case .none: break
        case .html(let text): reply.content = .html(Array(text.utf8))
        case .json(let value): reply.content = .json(JSONWriter.bytes(of: value))
        case .hangUp: reply.content = .hangUp
        case .never: reply.content = .never
        }
        for header in headers { reply.headers.append(header.name, header.value) }
        switch retryAfter {
        case .none: break
        case .argument: reply.headers["Retry-After"] = String(fault.number)
        case .seconds(let seconds): reply.headers["Retry-After"] = String(seconds)
        }
        return reply
    }
}
