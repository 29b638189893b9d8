import WebServer

/// What a handler answers, before it is spelt out as bytes.
struct Reply: Sendable {
    enum Content: Sendable {
        case empty
        case json([UInt8])
        case html([UInt8])
        case plain([UInt8])
        case octets([UInt8])
        case list(ListReply)
        /// The record that a POST saved.
        case saved([UInt8])
        case hangUp
        /// An interim answer, and then none.
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

    init(status: Int, json: JSONValue) { self.init(status: status, content: .json(JSONBytes.of(json))) }

    static func list(_ list: ListReply) -> Reply { Reply(status: 200, content: .list(list)) }

    var isJSON: Bool {
        switch content {
        case .json, .list, .saved: true
        default: false
        }
    }

    /// The body, or nil where the connection is to be dropped instead.
    var bytes: [UInt8]? {
        switch content {
        case .empty: []
        case .json(let bytes), .html(let bytes), .plain(let bytes), .octets(let bytes), .saved(let bytes): bytes
        case .list(let list): list.bytes
        case .hangUp, .interim, .never: nil
        }
    }

    /// The headers seen on real answers, with the content type that fits the body.
    var wireHeaders: WebHeaders {
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

/// A list before it gets its envelope, so that a fault can change the envelope alone.
struct ListReply: Sendable {
    /// The key of the rows, or nil for a bare array.
    var key: StaticString?
    /// Finished members that stand before the count, such as `"ticket_id":5`.
    var before: [UInt8] = []
    /// Finished members that stand behind the rows.
    var after: [UInt8] = []
    /// The rows, joined by commas.
    var rows: [UInt8]
    var rowCount: Int
    /// What `record_count` says.
    var total: Int
    var showsTotal = true
    var rowsAreNull = false

    var bytes: [UInt8] {
        var json = JSONBytes()
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
