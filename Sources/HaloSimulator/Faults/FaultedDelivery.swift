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

/// Respells whole-number ids in finished JSON, for tenants whose ids arrive as `18.0` or as `"18"`.
enum IdentifierSpelling: Sendable {
    case double
    case text

    /// Rewrites the numbers behind every key that is `id` or ends in `_id`, and leaves everything else as it is.
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
