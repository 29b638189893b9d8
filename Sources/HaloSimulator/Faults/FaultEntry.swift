import WebServer

extension FaultEntry {
    /// The table.
    ///
    /// A fault that only answers or only reshapes is complete with its row here.
    static let all: [FaultEntry] = token + permission + transport + bodies + writing

    private static let token: [FaultEntry] = [
        FaultEntry(
            .tokenInvalidClient, "The token endpoint refuses client id or secret: 401 invalid_client.",
            .answer(.token, .oauth(401, "invalid_client", "The specified client credentials are invalid.", "ID2055"))),
        FaultEntry(
            .tokenUnauthorizedClient, "The application is inactive or not approved: 400 unauthorized_client.",
            .answer(
                .token, .oauth(400, "unauthorized_client", "The client application is not allowed to use the token endpoint.", "ID2063"))),
        FaultEntry(
            .tokenInvalidScope, "The token endpoint knows none of the scopes: 400 invalid_scope.",
            .answer(.token, .oauth(400, "invalid_scope", "The specified 'scope' parameter is invalid.", "ID2052"))),
        FaultEntry(.tokenNotFound, "The token endpoint is not there: 404, empty.", .answer(.token, CannedAnswer(status: 404))),
        FaultEntry(
            .tokenNotFoundHTML, "The token endpoint is not there: 404 with a web page.",
            .answer(.token, CannedAnswer(status: 404, body: .html(Pages.notFound)))),
        FaultEntry(
            .tokenServerError, "The tenant is not known to the server: 500 with a web page.",
            .answer(.token, CannedAnswer(status: 500, body: .html(Pages.serverError)))),
        FaultEntry(
            .tokenRateLimited, takes: .number("SECONDS", standard: 30), "The token endpoint throttles: 429 with Retry-After.",
            .answer(.token, CannedAnswer(status: 429, retryAfter: .argument))),
        FaultEntry(
            .tokenHTMLLoginPage, "The token endpoint answers 200 with the login page.",
            .answer(.token, CannedAnswer(status: 200, body: .html(Pages.login)))),
        FaultEntry(
            .tokenMissingFields, "The token reply is 200 without access_token and expires_in.",
            .answer(.token, CannedAnswer(status: 200, body: .json(["token_type": "Bearer"])))),
        FaultEntry(.tokenExpiresNow, "Tokens say expires_in 0, though the API honours them.", .consulted),
        FaultEntry(.tokenRevokedOnce, "Every token issued so far dies with the next API call (401); later ones live.", .consulted),
        FaultEntry(.tokenRevokedAlways, "The API refuses every token: 401, empty.", .consulted),
        FaultEntry(
            .wrongHost, "Every address answers 200 with somebody's web page, as behind a DNS wildcard.",
            .answer(.everywhere, CannedAnswer(status: 200, body: .html(Pages.stranger)))),
        FaultEntry(
            .notHalo, "Every address answers 404 with a web page.",
            .answer(.everywhere, CannedAnswer(status: 404, body: .html(Pages.notFound)))),
    ]

    private static let permission: [FaultEntry] = [
        FaultEntry(.deny, takes: .resource, "The resource answers 403, empty.", .answer(.resource, CannedAnswer(status: 403))),
        FaultEntry(
            .deny401, takes: .resource, "The resource answers 401, empty, though the token is good.",
            .answer(.resource, CannedAnswer(status: 401, headers: [("WWW-Authenticate", "Bearer")]))),
        FaultEntry(.empty, takes: .resource, "Lists of the resource are 200 without rows.", .reshape(.noRows)),
        FaultEntry(.restrictedRows, "The login agent sees the rows of client 1 alone.", .consulted),
    ]

    private static let transport: [FaultEntry] = [
        FaultEntry(.html200, "The API answers 200 with a web page.", .answer(.api, CannedAnswer(status: 200, body: .html(Pages.login)))),
        FaultEntry(
            .html502, "The API answers 502 with a proxy's page.", .answer(.api, CannedAnswer(status: 502, body: .html(Pages.badGateway)))),
        FaultEntry(
            .redirectLogin, "The API redirects to the login page: 302.",
            .answer(.api, CannedAnswer(status: 302, headers: [("Location", "/auth/login?ReturnUrl=%2Fapi")]))),
        FaultEntry(.serverError, "The API answers 500, empty.", .answer(.api, CannedAnswer(status: 500))),
        FaultEntry(
            .unavailable, takes: .number("SECONDS", standard: 5), "The API answers 503 with Retry-After.",
            .answer(.api, CannedAnswer(status: 503, retryAfter: .argument))),
        FaultEntry(
            .gatewayTimeout, "The API answers 504 with a gateway's page.",
            .answer(.api, CannedAnswer(status: 504, body: .html(Pages.gatewayTimeout)))),
        FaultEntry(
            .rateLimit, takes: .number("SECONDS", standard: 30), "The API answers 429 with Retry-After.",
            .answer(.api, CannedAnswer(status: 429, retryAfter: .argument))),
        FaultEntry(.rateLimitNoHeader, "The API answers 429 without Retry-After.", .answer(.api, CannedAnswer(status: 429))),
        FaultEntry(
            .rateLimitTimes, takes: .neededNumber("CALLS"), "The first so many API calls get 429 with Retry-After 1.",
            .answer(.firstCalls, CannedAnswer(status: 429, retryAfter: .seconds(1)))),
        FaultEntry(
            .flaky, takes: .neededNumber("CALLS"), "The first so many API GETs get 503.", .answer(.firstReads, CannedAnswer(status: 503))),
        FaultEntry(.latency, takes: .neededNumber("MILLISECONDS"), "Every answer, the token's too, waits this long.", .consulted),
        FaultEntry(.silent, "The API takes the request and never answers.", .answer(.api, CannedAnswer(status: 0, body: .never))),
        FaultEntry(.hangUp, "The API closes the connection without an answer.", .answer(.api, CannedAnswer(status: 0, body: .hangUp))),
    ]

    private static let bodies: [FaultEntry] = [
        FaultEntry(.truncatedBody, "The JSON stops in the middle, in a complete HTTP answer.", .reshape(.cutBody)),
        FaultEntry(.truncatedHalfway, "The connection breaks after half the declared body.", .reshape(.cutConnection)),
        FaultEntry(.wrongContentType, "JSON is labelled text/plain.", .reshape(.contentType("text/plain; charset=utf-8"))),
        FaultEntry(.bom, "A byte order mark stands before the JSON.", .reshape(.byteOrderMark)),
        FaultEntry(.gzipFlagPlain, "Content-Encoding says gzip, the body is plain.", .reshape(.contentEncoding("gzip"))),
        FaultEntry(.hugeBody, takes: .number("MEGABYTES", standard: 256), "The body has this many megabytes.", .reshape(.endlessBody)),
        FaultEntry(
            .slowBody, takes: .number("MILLISECONDS", standard: 250), "The body drips in twenty pieces with this pause.",
            .reshape(.dripping)),
        FaultEntry(.garbageJSON, "The body starts like JSON and is none.", .reshape(.garbage)),
        FaultEntry(.nullLists, "Lists have their key, and null behind it.", .reshape(.nullRows)),
        FaultEntry(.listAsArray, "Lists are bare arrays without an envelope.", .reshape(.bareRows)),
        FaultEntry(.noRecordCount, "Lists have no record_count.", .reshape(.noRecordCount)),
        FaultEntry(.oneElementArrayReplies, "Replies to POST are arrays with one element.", .reshape(.wrappedRecord)),
        FaultEntry(.idAsDouble, "Whole-number ids arrive as 18.0.", .reshape(.identifiers(.double))),
        FaultEntry(.idsAsText, "Ids arrive as text.", .reshape(.identifiers(.text))),
        FaultEntry(.repeatLastPage, "A page past the end repeats the last one.", .consulted),
        FaultEntry(.pageCap, takes: .neededNumber("ROWS"), "Pages hold at most this many rows, whatever was asked for.", .consulted),
        FaultEntry(
            .pageSizes, takes: .form("ROWS/ROWS/…", PageSizes.problem), "The first pages hold these numbers of rows, later ones the last.",
            .consulted),
        FaultEntry(
            .recordCountMore, takes: .neededNumber("ROWS"), "record_count of a numbered page promises so many rows too many.", .consulted),
        FaultEntry(
            .clock, takes: .form(TimeShift.hint, TimeShift.problem), "The vendor's clock is off: stored dates and the header Date.",
            .consulted),
        FaultEntry(
            .clockStored, takes: .form(TimeShift.hint, TimeShift.problem), "Stored dates are off; the header Date is right.", .consulted),
        FaultEntry(
            .dateFilterLocal, takes: .form(TimeShift.hint, TimeShift.problem),
            "Date filters are read as the local time of a zone so far from UTC.", .consulted),
    ]

    private static let writing: [FaultEntry] = [
        FaultEntry(
            .createLostReply, takes: .optionalResource, "What is created is stored, then the connection drops.",
            .answer(.afterCreate, CannedAnswer(status: 0, body: .hangUp))),
        FaultEntry(
            .create504Stored, takes: .optionalResource, "What is created is stored, then 504.",
            .answer(.afterCreate, CannedAnswer(status: 504, body: .html(Pages.gatewayTimeout)))),
        FaultEntry(
            .create500Stored, takes: .optionalResource, "What is created is stored, then 500, empty.",
            .answer(.afterCreate, CannedAnswer(status: 500))),
        FaultEntry(
            .createLostRequest, takes: .optionalResource, "The connection drops before anything is stored.",
            .answer(.beforeCreate, CannedAnswer(status: 0, body: .hangUp))),
        FaultEntry(
            .createStatus, takes: .form(WriteAnswer.hint, WriteAnswer.problem), "What is to be created is not stored; the answer is this.",
            .consulted),
        FaultEntry(
            .createStatusStored, takes: .form(WriteAnswer.hint, WriteAnswer.problem), "What is created is stored; the answer is this.",
            .consulted),
        FaultEntry(
            .subject, takes: .form(TextChange.hint, TextChange.problem), "Subjects are changed before they are stored.", .consulted),
        FaultEntry(
            .details, takes: .form(TextChange.hint, TextChange.problem), "Details and notes are changed before they are stored.", .consulted
        ),
        FaultEntry(
            .poison, takes: .optionalText("WORD"), "What contains the word, by default 'poison', is refused with 400.", .consulted),
        FaultEntry(.createRace, "Tickets created at the same time fail with 500.", .consulted),
        FaultEntry(
            .errorShape, takes: .choice(ErrorShape.allCases.map(\.rawValue)), "Ticket creation is refused with 400 in this shape.",
            .consulted),
        FaultEntry(.ticketTypeRequired, "A ticket without a type is refused.", .consulted),
        FaultEntry(.forbiddenOutcome, "The API agent may run no outcome at all.", .consulted),
        FaultEntry(.actionsWithoutTicketError, "GET /Actions without a ticket is 500 instead of empty.", .consulted),
        FaultEntry(.notesLeaveTicketUntouched, "A new action does not move the ticket's last_update.", .consulted),
        FaultEntry(.thirdPartyFilterUnsupported, "The filter third_party_id_string is ignored.", .consulted),
        FaultEntry(.thirdPartyHiddenOnRows, "third_party_id_string is on the detail, not on list rows.", .consulted),
        FaultEntry(.thirdPartyDropped, "third_party_id_string is accepted and not stored.", .consulted),
        FaultEntry(.rowsThin, "List rows of tickets have neither third_party_id_string nor details.", .consulted),
        FaultEntry(
            .notesRefused, takes: .choice(RefusedNotes.allCases.map(\.rawValue)),
            "Notes on tickets in this state are refused with 400; otherwise they are taken without a word.", .consulted),
        FaultEntry(.deletedStaysReadable, "A deleted ticket answers 200 with deleted true instead of 404.", .consulted),
    ]
}

extension CannedAnswer {
    /// An error of the token endpoint as OpenIddict spells it.
    static func oauth(_ status: Int, _ error: String, _ description: String, _ reference: String) -> CannedAnswer {
        CannedAnswer(status: status, body: .json(TokenRefusal.body(error, description, reference)))
    }
}

/// One row of the fault table: what the fault is called, what it takes and what it does.
struct FaultEntry: Sendable {
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
        /// This instead of the real answer, wherever the stage says.
        case answer(Stage, CannedAnswer)
        /// The real answer, changed on its way out.
        case reshape(Reshaping)
        /// The part of the stand-in that it concerns asks for it.
        case consulted
    }

    /// Where a canned answer replaces the real one.
    enum Stage: Sendable {
        case token
        case api
        /// Routes below `/api` after the token was accepted, for the resource in the argument.
        case resource
        case everywhere
        /// The first so many API calls, the argument counts them.
        case firstCalls
        /// The first so many API GETs.
        case firstReads
        /// A POST that creates, before or after it is stored; the argument names the resource, by default tickets.
        case beforeCreate
        case afterCreate
    }

    enum Reshaping: Sendable {
        case cutBody
        case cutConnection
        case contentType(String)
        case byteOrderMark
        case contentEncoding(String)
        case endlessBody
        case dripping
        case garbage
        case identifiers(IdentifierSpelling)
        case nullRows
        case bareRows
        case noRows
        case noRecordCount
        case wrappedRecord
    }

    enum Argument: Sendable {
        case none
        case number(String, standard: Int)
        case neededNumber(String)
        case resource
        case optionalResource
        case optionalText(String)
        case choice([String])
        /// An argument of a form of its own: how it is shown, and what is wrong with one.
        case form(String, @Sendable (String?) -> String?)

        var hint: String? {
            switch self {
            case .none: nil
            case .number(let word, _): "[\(word)]"
            case .neededNumber(let word): word
            case .resource: "RESOURCE"
            case .optionalResource: "[RESOURCE]"
            case .optionalText(let word): "[\(word)]"
            case .choice(let words): words.joined(separator: "|")
            case .form(let hint, _): hint
            }
        }

        func problem(with text: String?) -> String? {
            switch (self, text) {
            case (.none, nil), (.number, nil), (.optionalResource, nil), (.optionalText, nil): nil
            case (.none, _): "takes no argument"
            case (.number(let word, _), let text?), (.neededNumber(let word), let text?):
                Int32(text).map { $0 >= 0 } == true ? nil : "takes a number of \(word), not '\(text)'"
            case (.neededNumber(let word), nil): "needs a number behind a colon: \(word)"
            case (.resource, nil): "needs the name of a resource behind a colon, such as tickets or contracts"
            case (.resource, let text?), (.optionalResource, let text?):
                Resource.named(text).isEmpty ? "does not know the resource '\(text)'; there are \(Resource.words)" : nil
            case (.optionalText(let word), let text?): text.isEmpty ? "takes a \(word.lowercased()), not an empty text" : nil
            case (.form(_, let problem), let text): problem(text)
            case (.choice(let words), let text):
                text.map(words.contains) == true ? nil : "needs one of \(words.joined(separator: ", ")) behind a colon"
            }
        }
    }

    /// Whether it can be kept to writes that contain a text.
    var isOfOneWrite: Bool {
        switch kind {
        case .createStatus, .createStatusStored, .createLostReply, .create504Stored, .create500Stored, .createLostRequest, .subject,
            .details,
            .thirdPartyDropped, .poison, .errorShape, .ticketTypeRequired, .forbiddenOutcome:
            true
        default: false
        }
    }

    static func of(_ kind: HaloFault.Kind) -> FaultEntry { byKind[kind] ?? FaultEntry(kind, "", .consulted) }

    private static let byKind = [HaloFault.Kind: FaultEntry](all.map { ($0.kind, $0) }) { first, _ in first }
}

/// An answer that is written down in advance.
struct CannedAnswer: Sendable {
    enum Body: Sendable {
        case none
        case html(String)
        case json(JSONValue)
        /// Nothing: the connection is dropped.
        case hangUp
        /// Nothing, and the connection stays open until somebody's deadline passes.
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
        case .json(let value): reply.content = .json(JSONBytes.of(value))
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
