import WebServer

/// The reply of a handler, before it is serialized.
struct Reply: Sendable {
    enum Content: Sendable {
        case empty
        case json([UInt8])
        case html([UInt8])
        case plain([UInt8])
        case octets([UInt8])
        case list(ListReply)
        /// The record saved by a POST.
        case saved([UInt8])
        case hangUp
        /// An interim response without a final one.
        case interim
        case never
    }

    var status: Int
    var headers: WebHeaders = [:]
    var content: Content

    init(status: Int, content: Content) {
        self.status = status
        self.content = content
    }

    init(status: Int, json: JSONValue) { self.init(status: status, content: .json(JSONWriter.bytes(of: json))) }

    static func list(_ list: ListReply) -> Reply { Reply(status: 200, content: .list(list)) }

    var isJSON: Bool {
        switch content {
        case .json, .list, .saved: true
        default: false
        }
    }

    /// The body, or nil if the connection is closed instead.
    var bytes: [UInt8]? {
        switch content {
        case .empty: []
        case .json(let bytes), .html(let bytes), .plain(let bytes), .octets(let bytes), .saved(let bytes): bytes
        case .list(let list): list.bytes
        case .hangUp, .interim, .never: nil
        }
    }

    /// The headers of the vendor's replies, with the content type of the body.
    var allHeaders: WebHeaders {
        var all = headers
        switch content {
        case .json, .list, .saved: all["Content-Type"] = "application/json; charset=utf-8"
        case .html: all["Content-Type"] = "text/html; charset=utf-8"
        case .plain: all["Content-Type"] = "text/plain; charset=utf-8"
        case .octets: all["Content-Type"] = "application/octet-stream"
        case .empty, .hangUp, .interim, .never: break
        }
        all["Cache-Control"] = "no-cache, no-store, must-revalidate"
        all["Request-Context"] = "appId=cid-v1:00000000-0000-4000-8000-000000000000"
        return all
    }
}

/// A list without its envelope, so that a fault can change the envelope alone.
struct ListReply: Sendable {
    /// The key of the rows, or nil for a bare array.
    var key: StaticString?
    /// Serialized members before `record_count`, such as `"ticket_id":5`.
    var before: [UInt8] = []
    /// Serialized members after the rows.
    var after: [UInt8] = []
    /// The serialized rows, separated by commas.
    var rows: [UInt8]
    var rowCount: Int
    /// The value of `record_count`.
    var total: Int
    var showsTotal = true
    var rowsAreNull = false

    var bytes: [UInt8] {
        var json = JSONWriter()
        json.reserve(rows.count + before.count + after.count + 64)
        guard let key else {
            json.raw("[")
            json.raw(rows)
            json.raw("]")
            return json.bytes
        }
        json.raw("{")
        json.raw(before)
        if showsTotal { json.member("record_count", total) }
        json.name(key)
        if rowsAreNull {
            json.raw("null")
        } else {
            json.raw("[")
            json.raw(rows)
            json.raw("]")
        }
        if !after.isEmpty {
            json.separate()
            json.raw(after)
        }
        json.raw("}")
        return json.bytes
    }
}

/// An error that ends a handler with a reply other than a success.
struct ErrorReply: Error {
    let reply: Reply

    init(_ reply: Reply) { self.reply = reply }

    /// HaloPSA fact: 401, 403, 404 and 500 have an empty body.
    static func empty(_ status: Int) -> ErrorReply { ErrorReply(Reply(status: status, content: .empty)) }

    /// A 400 whose body is one JSON string.
    static func text(_ message: String) -> ErrorReply { ErrorReply(ErrorShape.string.reply(message)) }

    /// A 400 whose body is a serialized .NET exception.
    static func exception(_ message: String) -> ErrorReply { ErrorReply(ErrorShape.exception.reply(message)) }

    /// A 400 whose body maps a path in the request to a list of messages.
    static func modelState(_ member: String, _ message: String) -> ErrorReply {
        ErrorReply(ErrorShape.modelstate.reply(message, member: member))
    }

    /// HaloPSA fact: the message for a path or query value of the wrong type.
    static func invalidValue(_ name: String, _ value: String) -> ErrorReply { .modelState(name, "The value '\(value)' is not valid.") }

    static func unauthorized(_ challenge: String) -> ErrorReply {
        var reply = Reply(status: 401, content: .empty)
        reply.headers["WWW-Authenticate"] = challenge
        return ErrorReply(reply)
    }
}

/// The body formats of HaloPSA's 400 replies.
///
/// HaloPSA fact: which message has which format is not documented; a client must parse all of them.
enum ErrorShape: String, Sendable, CaseIterable {
    case string
    case exception
    case modelstate
    case older
    case html
    case empty

    func reply(_ message: String, member: String = "[0].details") -> Reply {
        switch self {
        case .string: Reply(status: 400, json: .string(message))
        case .exception: Reply(status: 400, json: Self.exceptionBody(message))
        case .modelstate: Reply(status: 400, json: [member: .array([.string(message)])])
        case .older: Reply(status: 400, json: ["resultCode": 1, "errorMessage": .string(message)])
        case .html: Reply(status: 400, content: .html(Array(Pages.badRequest.utf8)))
        case .empty: Reply(status: 400, content: .empty)
        }
    }

    /// A serialized .NET exception with the members the API sends.
    private static func exceptionBody(_ message: String) -> JSONValue {
        [
            "ClassName": "System.Exception", "Message": .string(message), "Data": nil, "InnerException": nil, "HelpURL": nil,
            "StackTraceString": nil, "RemoteStackTraceString": nil, "RemoteStackIndex": 0, "ExceptionMethod": nil,
            "HResult": -2_146_233_088, "Source": nil, "WatsonBuckets": nil,
        ]
    }
}

/// Web pages sent where a client expects JSON.
///
/// They are long enough that a client cannot mistake them for a plain error message.
enum Pages {
    static let login = page(
        "Log in", "<form method=\"post\" action=\"/auth/login\"><label>Username <input name=\"username\"></label></form>")
    static let parkedDomain = page("Welcome", "<p>This domain is parked. Nothing of yours lives here.</p>")
    static let notFound = page("404 - File or directory not found.", "<h2>404 - File or directory not found.</h2>")
    static let serverError = page("Runtime Error", "<h1>Server Error in '/' Application.</h1><p>The tenant could not be resolved.</p>")
    static let badRequest = page("Bad Request", "<h2>Bad Request</h2><hr><p>HTTP Error 400. The request is badly formed.</p>")
    static let badGateway = page("502 Bad Gateway", "<center><h1>502 Bad Gateway</h1></center><hr><center>gateway</center>")
    static let gatewayTimeout = page("504 Gateway Time-out", "<center><h1>504 Gateway Time-out</h1></center><hr><center>gateway</center>")

    private static func page(_ title: String, _ body: String) -> String {
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>\(title)</title></head><body>\(body)</body></html>\n"
    }
}
