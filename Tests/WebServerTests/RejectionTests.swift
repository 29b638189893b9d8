import PSACore
import PSATesting
import Synchronization
import Testing

@testable import WebServer

@Suite("Rejected requests", .timeLimit(.minutes(1)))
struct RejectionTests {
    @Test(arguments: [
        "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a%0 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a% HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /ä HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /?a=%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /?a%=1 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /?a=%g1 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET a HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 2\r\n\r\nhi",
        "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
        "GÄT / HTTP/1.1\r\nHost: x\r\n\r\n",
        String(repeating: "A", count: 33) + " / HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ])
    func aMalformedRequestIsRejectedAndTheConnectionClosed(_ request: String) async throws {
        let calls = Mutex(0)
        let handler: WebServer.Handler = { _ in
            calls.withLock { $0 += 1 }
            return WebResponse(status: 200)
        }
        try await withServer(handler: handler) { server in
            let client = try RawClient(port: server.port)
            #expect(try await client.exchange(request).status == 400)
            #expect(try await client.everything().isEmpty)
        }
        #expect(calls.withLock { $0 } == 0)
    }

    @Test(arguments: ["two", "-1", "+1", "1.0", "1 2"])
    func aLengthThatIsNotANumberIsRejected(_ length: String) async throws {
        try await withServer(handler: echo) { server in
            // libmicrohttpd 0.9.75 answers itself and sends the head twice, so the test checks nothing after it.
            let response = try await send(server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\nhi")
            #expect(response.status == 400)
        }
    }

    @Test(arguments: [
        ("GET /a%zz?b HTTP/1.1\r\nHost: x\r\n\r\n", 400, "/a%zz"), ("GET /a HTTP/1.1\r\n\r\n", 400, "/a"),
        ("POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n123456789", 413, "/a"),
        ("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n", 413, "/a"),
        ("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n0\r\n\r\n", 413, "/a"),
        ("GET /late HTTP/1.1\r\nHost: x\r\n\r\n", 503, "/late"),
    ])
    func theApplicationCanReplaceTheRejectionResponse(_ request: String, _ status: Int, _ path: String) async throws {
        let limits = WebServer.Configuration(maximumBodyBytes: 8, handlerDeadline: .milliseconds(50)) { rejected in
            WebResponse(
                status: rejected.status, headers: ["X-Application": "yes"],
                body: .bytes(Array("\(rejected.path ?? "-") \(rejected.message)".utf8)))
        }
        let handler: WebServer.Handler = { _ in
            // The deadline cancels it earlier.
            try? await Task.sleep(for: .seconds(60))
            return WebResponse(status: 200)
        }
        try await withServer(limits, handler: handler) { server in
            let response = try await RawClient(port: server.port).exchange(request)
            #expect(response.status == status && response.headers["X-Application"] == "yes")
            #expect(response.text.hasPrefix(path + " ") && response.text.count > path.count + 10)
        }
    }

    @Test func http10NeedsNoHost() async throws {
        try await withServer(handler: echo) { server in
            let client = try RawClient(port: server.port)
            try await client.send("GET / HTTP/1.0\r\n\r\n")
            #expect(String(decoding: try await client.everything(), as: UTF8.self).hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func anUnknownTransferEncodingIsRejected() async throws {
        let configuration = WebServer.Configuration { WebResponse(status: $0.status, headers: ["X-Application": "yes"]) }
        try await withServer(configuration, handler: echo) { server in
            for encoding in ["gzip", "gzip, chunked"] {
                let response = try await RawClient(port: server.port).exchange(
                    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \(encoding)\r\n\r\n0\r\n\r\n")
                // libmicrohttpd 1.0 answers itself, with 400.
                #expect(response.status == 501 && response.headers["X-Application"] == "yes" || response.status == 400)
            }
        }
    }

    @Test func aHeaderSectionOverTheLimitIsRejected() async throws {
        try await withServer(.init(maximumHeaderBytes: 4_096), handler: echo) { server in
            for size in [5_000, 60_000] {
                let client = try RawClient(port: server.port)
                let filler = String(repeating: "a", count: size)
                #expect(try await client.exchange("GET / HTTP/1.1\r\nHost: x\r\nX: \(filler)\r\n\r\n").status == 431)
            }
            let fitting = String(repeating: "a", count: 3_500)
            #expect(try await send(server, "GET / HTTP/1.1\r\nHost: x\r\nX: \(fitting)\r\n\r\n").status == 200)
        }
    }

    @Test func aDeclaredBodyOverTheLimitIsRejectedAndTheConnectionKept() async throws {
        try await withServer(.init(maximumBodyBytes: 1_000), handler: echo) { server in
            let client = try RawClient(port: server.port)
            let fitting = String(repeating: "b", count: 1_000)
            let request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: "
            #expect(try await client.exchange("\(request)1001\r\n\r\n\(fitting)b").status == 413)
            #expect(try await client.exchange("\(request)1000\r\n\r\n\(fitting)").text.hasSuffix(fitting))
        }
    }

    @Test func aClientThatExpects100IsRejectedBeforeItSendsTheBody() async throws {
        try await withServer(.init(maximumBodyBytes: 1_000), handler: echo) { server in
            let client = try RawClient(port: server.port)
            let response = try await client.exchange("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n")
            #expect(response.status == 413)
        }
    }

    @Test func anExcessiveDeclaredLengthIsRejectedAtOnce() async throws {
        try await withServer(.init(maximumBodyBytes: 1_000), handler: echo) { server in
            for length in ["99999999999", "99999999999999999999999999"] {
                let client = try RawClient(port: server.port)
                #expect(try await client.exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\n").status == 413)
            }
        }
    }

    @Test func aChunkedBodyOverTheLimitIsDiscardedAndRejected() async throws {
        try await withServer(.init(maximumBodyBytes: 1_000), handler: echo) { server in
            let client = try RawClient(port: server.port)
            let chunk = "3e8\r\n\(String(repeating: "c", count: 1_000))\r\n"
            let request = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            #expect(try await client.exchange("\(request)\(chunk)\(chunk)\(chunk)0\r\n\r\n").status == 413)
            #expect(try await client.exchange("\(request)\(chunk)0\r\n\r\n").status == 200)
        }
    }

    @Test func aClientThatKeepsSendingIsDisconnected() async throws {
        try await withServer(.init(maximumBodyBytes: 1_000), handler: echo) { server in
            let client = try RawClient(port: server.port)
            try await client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "186a0\r\n\(String(repeating: "d", count: 100_000))\r\n"
            var sent = 0
            do {
                while sent < 1_000 {
                    try await client.send(chunk)
                    sent += 1
                }
            } catch is RawClient.Failure {}
            #expect(sent < 1_000)
            #expect(try await client.everything().isEmpty)
        }
    }
}
