import PSACore
import PSACurl
import PSATesting
import TestSupport
import Testing

@Suite("Failures")
struct FailureTests {
    @Test func aRefusedConnectionIsNotSent() async throws {
        var server: RawServer? = try RawServer { _ in }
        let origin = try #require(try server?.origin())
        server = nil
        let error = try await failure(of: TransportRequest(.post, origin, route: "/", addressPolicy: .allowingLoopback))
        #expect(error.kind == .connectionRefused && error.delivery == .notSent)
    }

    @Test func anUnknownHostIsNotSent() async throws {
        let error = try await failure(of: TransportRequest(.post, ServiceURL(typed: "nothing.invalid"), route: "/"))
        #expect(error.kind == .nameNotFound && error.delivery == .notSent)
    }

    @Test func aSilentServerTimesOut() async throws {
        let server = try RawServer { while $0.read() != nil {} }
        let error = try await failure(of: request(.get, server) { $0.timeout = .milliseconds(100) })
        #expect(error.kind == .timedOut && error.delivery == .maybeSent)
    }

    @Test func aTimeoutOfZeroIsNotUnlimited() async throws {
        let server = try RawServer { while $0.read() != nil {} }
        #expect(try await failure(of: request(.get, server) { $0.timeout = .zero }).kind == .timedOut)
    }

    @Test func waitingForAConnectionCountsTowardsTheTimeout() async throws {
        let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
        let server = try RawServer {
            while $0.readRequest() != nil { arrival.yield() }
        }
        let transport = CurlTransport(maximumConnectionsPerHost: 1)
        let first = Task { try await transport.send(request(.get, server)) }
        for await _ in arrivals { break }
        let error = try await failure(of: request(.post, server) { $0.timeout = .milliseconds(100) }, over: transport)
        #expect(error.kind == .timedOut && error.delivery == .notSent)
        // If the second had waited for the timeout of the first, the first would report it.
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
    }

    @Test func aHandshakeThatNeverEndsHitsTheConnectTimeout() async throws {
        let server = try RawServer { while $0.read() != nil {} }
        let origin = try ServiceURL(typed: "https://127.0.0.1:\(server.port)", policy: .allowingLoopback)
        var request = TransportRequest(.post, origin, route: "/", addressPolicy: .allowingLoopback)
        request.connectTimeout = .milliseconds(100)
        let error = try await failure(of: request)
        #expect(error.kind == .timedOut && error.delivery == .notSent)
    }

    @Test(
        arguments: [
            ("no byte at all", ""), ("half a status line", "HTTP/1."), ("half the fields", "HTTP/1.1 200 OK\r\nContent-Le"),
            ("half the body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"),
            ("half the chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
            ("no chunk's size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n"),
        ], [false, true])
    func aLostConnectionIsInterrupted(part: (name: String, bytes: String), byReset: Bool) async throws {
        let server = try RawServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.write(part.bytes)
            if byReset { connection.reset() }
        }
        let error = try await failure(of: request(.post, server))
        #expect(error.kind == .interrupted && error.delivery == .maybeSent, "\(part.name): \(error)")
        #expect(server.requests == 1)
    }

    @Test func aConnectionResetBeforeTheRequestIsReadIsInterrupted() async throws {
        let server = try RawServer { $0.reset() }
        let error = try await failure(of: request(.post, server))
        #expect(error.kind == .interrupted, "\(error)")
    }

    @Test(arguments: [
        ("X-Name", "a\r\nX-Injected: 1"), ("X-Name", "a\nb"), ("X-Name", "a\u{0}b"), ("X Name", "a"), ("X-Name:", "a"), ("", "a"),
        ("Content-Length", "5"), ("Transfer-Encoding", "chunked"),
    ])
    func aHeaderThatWouldChangeTheMessageIsUnusable(name: String, value: String) async throws {
        let server = try RawServer { $0.serve { _ in RawConnection.response() } }
        let error = try await failure(of: request(.get, server) { $0.headers.append(name, value) })
        #expect(error.kind == .unusableRequest && error.delivery == .notSent)
        #expect(server.connections == 0)
    }

    @Test(arguments: ["/a b", "/a\r\nX: 1", "/a\u{0}b", "/ä"])
    func aPathThatIsNotEncodedIsUnusable(path: String) async throws {
        let server = try RawServer { $0.serve { _ in RawConnection.response() } }
        let error = try await failure(of: request(.get, server) { $0.path = path })
        #expect(error.kind == .unusableRequest && server.connections == 0)
    }

    @Test func theErrorContainsOnlyTheHostOfTheRequest() async throws {
        let server = try RawServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.write("HTTP/1.1 MARKER\r\nMARKER\r\n\r\n")
        }
        let sent = try request(.post, server, path: "/MARKER") {
            $0.query = [QueryItem("MARKER", "MARKER")]
            $0.headers = ["Authorization": "MARKER"]
            $0.body = Array("MARKER".utf8)
        }
        let error = try await failure(of: sent)
        #expect(!error.description.contains("MARKER"))
        #expect(error.description.contains("127.0.0.1"))
    }
}
