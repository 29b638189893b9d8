import WebServer

/// Builds the HTTP response for a finished reply, with the active reply transforms applied.
struct ResponseBuilder: Sendable {
    let transforms: [(fault: HaloFault, transform: FaultDefinition.ReplyTransform)]

    func response(for reply: Reply) -> WebResponse {
        var reply = reply
        for (_, transform) in transforms { reply.content = apply(transform, to: reply.content) }
        if case .interim = reply.content { return WebResponse(status: reply.status, headers: reply.headers, body: .interim) }
        guard let body = reply.bytes else { return WebResponse(status: reply.status, body: .hangUp) }
        var response = WebResponse(status: reply.status, headers: reply.allHeaders, body: .bytes(body))
        for (fault, transform) in transforms where reply.isJSON { apply(transform, of: fault, to: body, in: &response) }
        return response
    }

    /// Applies the transforms that change the JSON.
    private func apply(_ transform: FaultDefinition.ReplyTransform, to content: Reply.Content) -> Reply.Content {
        switch (transform, content) {
        case (.nullRows, .list(var list)):
            list.rowsAreNull = true
            return .list(list)
        case (.bareArray, .list(var list)):
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
        case (.wrapRecordInArray, .saved(let record)):
            return .json([UInt8(ascii: "[")] + record + [UInt8(ascii: "]")])
        case (.invalidJSON, .list), (.invalidJSON, .json), (.invalidJSON, .saved):
            return .json(Array(#"{"record_count":1,"tickets":[{"id":}],,"#.utf8))
        case (.identifiers(let format), .list), (.identifiers(let format), .json), (.identifiers(let format), .saved):
            return .json(format.rewrite(Reply(status: 200, content: content).bytes ?? []))
        default: return content
        }
    }

    /// Applies the transforms that change headers or the way the body is sent.
    private func apply(
        _ transform: FaultDefinition.ReplyTransform, of fault: HaloFault, to body: [UInt8], in response: inout WebResponse
    ) {
        switch transform {
        case .truncateBody: response.body = .bytes(Array(body.prefix(body.count / 2)))
        case .truncateConnection: response.body = .truncated(Array(body.prefix(body.count / 2)), declaredLength: max(body.count, 1))
        case .contentType(let type): response.headers["Content-Type"] = type
        case .byteOrderMark: response.body = .bytes([0xEF, 0xBB, 0xBF] + body)
        case .contentEncoding(let encoding): response.headers["Content-Encoding"] = encoding
        case .hugeBody: response.body = .stream(Self.hugeObject(megabytes: fault.number))
        case .slowBody: response.body = .stream(Self.delayedChunks(of: body, milliseconds: fault.number))
        default: break
        }
    }

    /// Streams one JSON object with a single, very long string; the same megabyte is sent repeatedly to limit memory use.
    private static func hugeObject(megabytes: Int) -> AsyncStream<[UInt8]> {
        let megabyte = [UInt8](repeating: UInt8(ascii: "A"), count: 1_048_576)
        let pieces = ChunkSource(
            [Array(#"{"record_count":1,"tickets":[{"id":1,"summary":""#.utf8)], then: megabyte, times: megabytes, Array(#""}]}"#.utf8))
        return AsyncStream { await pieces.next() }
    }

    private static func delayedChunks(of body: [UInt8], milliseconds: Int) -> AsyncStream<[UInt8]> {
        let size = max(1, (body.count + 19) / 20)
        let pieces = ChunkSource(stride(from: 0, to: body.count, by: size).map { Array(body[$0..<min($0 + size, body.count)]) })
        return AsyncStream {
            guard (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil else { return nil }
            return await pieces.next()
        }
    }
}

/// The chunks of a streamed body, returned one at a time.
private actor ChunkSource {
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

/// Rewrites integer ids in finished JSON, for tenants whose ids are sent as `18.0` or as `"18"`.
enum IdentifierFormat: Sendable {
    case double
    case text

    /// Rewrites the numbers of every key that is `id` or ends in `_id`, and keeps everything else unchanged.
    func rewrite(_ body: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(body.count + body.count / 20)
        var index = 0
        while index < body.count {
            guard body[index] == UInt8(ascii: "\"") else {
                result.append(body[index])
                index += 1
                continue
            }
            let start = index
            index += 1
            while index < body.count, body[index] != UInt8(ascii: "\"") { index += body[index] == UInt8(ascii: "\\") ? 2 : 1 }
            index = min(index + 1, body.count)
            result.append(contentsOf: body[start..<index])
            guard index < body.count, body[index] == UInt8(ascii: ":"), isIdentifier(body[(start + 1)..<(index - 1)]) else { continue }
            result.append(UInt8(ascii: ":"))
            index += 1
            let numberStart = index
            while index < body.count, isNumeric(body[index]) { index += 1 }
            append(body[numberStart..<index], to: &result)
        }
        return result
    }

    private func isIdentifier(_ key: ArraySlice<UInt8>) -> Bool { key.elementsEqual("id".utf8) || key.suffix(3).elementsEqual("_id".utf8) }

    private func isNumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private func append(_ number: ArraySlice<UInt8>, to result: inout [UInt8]) {
        guard !number.isEmpty else { return }
        switch self {
        case .double:
            result.append(contentsOf: number)
            if !number.contains(UInt8(ascii: ".")) { result.append(contentsOf: ".0".utf8) }
        case .text:
            result.append(UInt8(ascii: "\""))
            result.append(contentsOf: number)
            result.append(UInt8(ascii: "\""))
        }
    }
}
