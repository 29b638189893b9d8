import WebServer

/// Turns a finished reply into what goes on the wire, and lets the reshaping faults at it.
struct FaultedDelivery: Sendable {
    let reshapings: [(fault: HaloFault, reshaping: FaultEntry.Reshaping)]

    func response(for reply: Reply) -> WebResponse {
        var reply = reply
        for (_, reshaping) in reshapings { reply.content = reshape(reply.content, by: reshaping) }
        if case .interim = reply.content { return WebResponse(status: reply.status, headers: reply.headers, body: .interim) }
        guard let body = reply.bytes else { return WebResponse(status: reply.status, body: .hangUp) }
        var response = WebResponse(status: reply.status, headers: reply.wireHeaders, body: .bytes(body))
        for (fault, reshaping) in reshapings where reply.isJSON { deliver(body, by: reshaping, fault, in: &response) }
        return response
    }

    private func reshape(_ content: Reply.Content, by reshaping: FaultEntry.Reshaping) -> Reply.Content {
        switch (reshaping, content) {
        case (.nullRows, .list(var list)):
            list.rowsAreNull = true
            return .list(list)
        case (.bareRows, .list(var list)):
            list.key = nil
            return .list(list)
        case (.noRows, .list(var list)):
            list.rows = []
            list.rowCount = 0
            list.total = 0
            return .list(list)
        case (.noRecordCount, .list(var list)):
            list.showsTotal = false
            return .list(list)
        case (.wrappedRecord, .saved(let record)):
            return .json([UInt8(ascii: "[")] + record + [UInt8(ascii: "]")])
        case (.garbage, .list), (.garbage, .json), (.garbage, .saved):
            return .json(Array(#"{"record_count":1,"tickets":[{"id":}],,"#.utf8))
        case (.identifiers(let spelling), .list), (.identifiers(let spelling), .json), (.identifiers(let spelling), .saved):
            return .json(spelling.rewrite(Reply(status: 200, content: content).bytes ?? []))
        default: return content
        }
    }

    private func deliver(_ body: [UInt8], by reshaping: FaultEntry.Reshaping, _ fault: HaloFault, in response: inout WebResponse) {
        switch reshaping {
        case .cutBody: response.body = .bytes(Array(body.prefix(body.count / 2)))
        case .cutConnection: response.body = .cutOff(Array(body.prefix(body.count / 2)), declaredLength: max(body.count, 1))
        case .contentType(let type): response.headers["Content-Type"] = type
        case .byteOrderMark: response.body = .bytes([0xEF, 0xBB, 0xBF] + body)
        case .contentEncoding(let encoding): response.headers["Content-Encoding"] = encoding
        case .endlessBody: response.body = .stream(Self.padding(megabytes: fault.number))
        case .dripping: response.body = .stream(Self.drips(of: body, milliseconds: fault.number))
        default: break
        }
    }

    /// One JSON object with a single, very long text; made on demand, so it costs one megabyte here.
    private static func padding(megabytes: Int) -> AsyncStream<[UInt8]> {
        let megabyte = [UInt8](repeating: UInt8(ascii: "A"), count: 1_048_576)
        let pieces = StreamPieces(
            [Array(#"{"record_count":1,"tickets":[{"id":1,"summary":""#.utf8)], then: megabyte, times: megabytes, Array(#""}]}"#.utf8))
        return AsyncStream { await pieces.next() }
    }

    private static func drips(of body: [UInt8], milliseconds: Int) -> AsyncStream<[UInt8]> {
        let size = max(1, (body.count + 19) / 20)
        let pieces = StreamPieces(stride(from: 0, to: body.count, by: size).map { Array(body[$0..<min($0 + size, body.count)]) })
        return AsyncStream {
            guard (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil else { return nil }
            return await pieces.next()
        }
    }
}

/// The pieces of a streamed body, handed out one at a time.
private actor StreamPieces {
    private var head: [[UInt8]]
    private let repeated: [UInt8]
    private var times: Int
    private var tail: [UInt8]?

    init(_ head: [[UInt8]], then repeated: [UInt8] = [], times: Int = 0, _ tail: [UInt8]? = nil) {
        self.head = head.reversed()
        self.repeated = repeated
        self.times = times
        self.tail = tail
    }

    func next() -> [UInt8]? {
        if let piece = head.popLast() { return piece }
        if times > 0 {
            times -= 1
            return repeated
        }
        defer { tail = nil }
        return tail
    }
}
