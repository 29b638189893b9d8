import PSACore
import PSATesting
import Testing

@testable import WebServer

/// Starts a server, runs the body and stops the server, also if the body throws.
func withServer(
    _ configuration: WebServer.Configuration = .init(),
    handler: @escaping WebServer.Handler,
    _ body: (WebServer) async throws -> Void
) async throws {
    let server = try WebServer.start(configuration, handler: handler)
    do {
        try await body(server)
    } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}

/// Answers with the parts of the request, one per line.
@Sendable func echo(_ request: WebRequest) async -> WebResponse {
    let lines =
        [request.method, request.path, request.segments.joined(separator: "|")]
        + request.query.map { "\($0.name)=\($0.value)" } + [String(decoding: request.body, as: UTF8.self)]
    return WebResponse(status: 200, body: .bytes(Array(lines.joined(separator: "\n").utf8)))
}

/// Sends one request on a new connection and returns the response.
func send(_ server: WebServer, _ request: String) async throws -> RawClient.Answer {
    let client = try RawClient(port: server.port)
    return try await client.exchange(request)
}

let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

@Suite("Requests and responses", .timeLimit(.minutes(1)))
struct RequestTests {
    @Test func oneConnectionCarriesManyRequests() async throws {
        try await withServer(handler: echo) { server in
            let client = try RawClient(port: server.port)
            for number in 0..<20 {
                let response = try await client.exchange("GET /\(number) HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(response.status == 200)
                #expect(response.text == "GET\n/\(number)\n\(number)\n")
            }
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await withServer(handler: echo) { server in
            let client = try RawClient(port: server.port)
            try await client.send((0..<5).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
            for number in 0..<5 {
                #expect(try await client.answer().text.contains("/\(number)\n"))
            }
        }
    }

    @Test func aBodyWithALengthReachesTheHandler() async throws {
        try await withServer(handler: echo) { server in
            let body = String(repeating: "0123456789", count: 100_000)
            let client = try RawClient(port: server.port)
            let response = try await client.exchange("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            #expect(response.text == "POST\n/a\na\n\(body)")
            #expect(try await client.exchange(get).status == 200)
        }
    }

    @Test func aChunkedBodyReachesTheHandler() async throws {
        try await withServer(handler: echo) { server in
            let client = try RawClient(port: server.port)
            let response = try await client.exchange(
                "PUT /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")
            #expect(response.text == "PUT\n/a\na\nonetwo")
            #expect(try await client.exchange(get).status == 200)
        }
    }

    @Test func aClientThatExpects100GetsIt() async throws {
        try await withServer(handler: echo) { server in
            let client = try RawClient(port: server.port)
            try await client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            #expect(try await client.answerHead().status == 100)
            #expect(try await client.exchange("hi").text == "POST\n/\n\nhi")
        }
    }

    @Test func pathAndQueryAreDecodedStrictlyAndInOrder() async throws {
        try await withServer(handler: echo) { server in
            let client = try RawClient(port: server.port)
            let response = try await client.exchange(
                "GET /a%2Fb//c%20d/?x=1&y=a+b%2Bc&x=%C3%A4&flag&=v HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(response.text == "GET\n/a%2Fb//c%20d/\na/b|c d\nx=1\ny=a b+c\nx=ä\nflag=\n=v\n")
        }
    }

    @Test func anAbsoluteTargetIsReducedToItsPath() async throws {
        try await withServer(handler: echo) { server in
            let client = try RawClient(port: server.port)
            #expect(try await client.exchange("GET http://x/a?b=1 HTTP/1.1\r\nHost: x\r\n\r\n").text == "GET\n/a\na\nb=1\n")
            #expect(try await client.exchange("GET http://x?b=1 HTTP/1.1\r\nHost: x\r\n\r\n").text == "GET\n/\n\nb=1\n")
            #expect(try await client.exchange("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").status == 200)
        }
    }

    @Test func headersAreTransferredUnchangedInBothDirections() async throws {
        let handler: WebServer.Handler = { request in
            var headers = request.headers
            headers["host"] = nil
            headers.append("Set-Cookie", "a=1")
            headers.append("Set-Cookie", "b=2")
            headers.append("Content-Length", "9999")
            headers["X-Address"] = request.remoteAddress
            return WebResponse(status: 299, headers: headers)
        }
        try await withServer(handler: handler) { server in
            let client = try RawClient(port: server.port)
            let response = try await client.exchange("GET / HTTP/1.1\r\nHost: x\r\nx-one: 1\r\nX-ONE: 2\r\n\r\n")
            #expect(response.status == 299)
            #expect(response.headers.values(of: "X-One") == ["1", "2"])
            #expect(response.headers.values(of: "set-cookie") == ["a=1", "b=2"])
            #expect(response.headers.values(of: "Content-Length") == ["0"])
            #expect(response.headers["X-Address"] == "127.0.0.1")
            #expect(response.headers["Host"] == nil)
        }
    }

    @Test func headGetsTheHeadersWithoutTheBody() async throws {
        try await withServer(handler: { _ in WebResponse(status: 200, body: .bytes(Array("hello".utf8))) }) { server in
            let client = try RawClient(port: server.port)
            try await client.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let text = String(decoding: try await client.everything(), as: UTF8.self)
            #expect(text.contains("Content-Length: 5\r\n"))
            #expect(text.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func aLargeBodyArrivesUnchanged() async throws {
        let body = (0..<900_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await withServer(handler: { _ in WebResponse(status: 200, body: .bytes(body)) }) { server in
            let client = try RawClient(port: server.port)
            for _ in 0..<3 {
                let response = try await client.exchange(get)
                #expect(response.isWhole)
                #expect(response.body == body)
            }
        }
    }

    @Test func aResponseWithConnectionCloseEndsTheConnection() async throws {
        try await withServer(handler: { _ in WebResponse(status: 200, headers: ["Connection": "close"]) }) { server in
            let client = try RawClient(port: server.port)
            try await client.send(get)
            let text = String(decoding: try await client.everything(), as: UTF8.self)
            #expect(text.contains("Connection: close\r\n"))
        }
    }

    @Test func manyConnectionsAreServedAtOnce() async throws {
        let count = 100
        let arrivals = Arrivals(expected: count)
        let handler: WebServer.Handler = { request in
            await arrivals.arriveAndWait()
            return WebResponse(status: 200, body: .bytes(Array(request.path.utf8)))
        }
        try await withServer(handler: handler) { server in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<count {
                    group.addTask {
                        let client = try RawClient(port: server.port)
                        return try await client.exchange("GET /\(number) HTTP/1.1\r\nHost: x\r\n\r\n").text == "/\(number)"
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test(arguments: [99, 101, 1_000, -1])
    func aStatusThatCannotBeSentBecomesAServerError(_ status: Int) async throws {
        try await withServer(handler: { _ in WebResponse(status: status) }) { server in
            let response = try await send(server, get)
            #expect(response.status == 500)
        }
    }

    @Test(arguments: ["a\r\nb", "a\0b"])
    func aHeaderThatWouldSplitTheResponseBecomesAServerError(_ value: String) async throws {
        try await withServer(handler: { _ in WebResponse(status: 200, headers: ["X": value]) }) { server in
            let response = try await send(server, get)
            #expect(response.status == 500)
            #expect(response.headers["X"] == nil)
        }
    }
}

/// Holds all requests until the expected number has arrived: passes only if they are served concurrently.
actor Arrivals {
    private let expected: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(expected: Int) {
        self.expected = expected
    }

    func arriveAndWait() async {
        await withCheckedContinuation { continuation in
            waiting.append(continuation)
            guard waiting.count == expected else { return }
            for waiter in waiting { waiter.resume() }
        }
    }
}
