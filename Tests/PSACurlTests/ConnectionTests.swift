import PSACore

@testable import PSACurl
import PSATesting
import TestSupport
import Testing

@Suite("Connections")
struct ConnectionTests {
    @Test func aConnectionIsReused() async throws {
        let server = try RawServer { $0.serve { _ in RawConnection.response() } }
        let transport = CurlTransport()
        for _ in 0..<5 { _ = try await transport.send(request(.get, server)) }
        _ = try await transport.send(request(.post, server))
        #expect(server.requests == 6)
        #expect(server.connections == 1)
    }

    @Test func fiveHundredRequestsAtOnceAreAllAnsweredOverEightConnections() async throws {
        let server = try RawServer { connection in
            connection.serve { RawConnection.response(body: String($0.prefix { $0 != "\r\n" })) }
        }
        let transport = CurlTransport()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<500 {
                group.addTask {
                    try await transport.send(request(.get, server, path: "/\(number)")).text == "GET /\(number) HTTP/1.1"
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
        #expect(server.requests == 500)
        #expect(server.connections <= 8)
    }

    /// Answers the first request on a connection, reads the second, and closes the connection without a response.
    private func serverThatClosesAfterOneResponse() throws -> RawServer {
        try RawServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.write(RawConnection.response())
            _ = connection.readRequest()
        }
    }

    @Test func aWriteOnAClosedConnectionIsNotRepeated() async throws {
        let server = try serverThatClosesAfterOneResponse()
        // On a busy machine the connection may be idle for longer than a write accepts by default.
        let transport = CurlTransport(settings: TransferSettings(proxies: ProxyEnvironment(), maximumIdleSecondsBeforeWrite: 600))
        _ = try await transport.send(request(.get, server))
        let error = try await failure(of: request(.post, server) { $0.body = [1] }, over: transport)
        #expect(error.kind == .interrupted && error.delivery == .maybeSent, "\(error)")
        #expect(server.requests == 2)
    }

    @Test func aReadOnAClosedConnectionIsRepeatedOnANewOne() async throws {
        let server = try serverThatClosesAfterOneResponse()
        let transport = CurlTransport()
        _ = try await transport.send(request(.get, server))
        #expect(try await transport.send(request(.get, server)).status == 200)
        #expect(server.requests == 3)
        #expect(server.connections == 2)
    }

    @Test func aPostMarkedRepeatableIsRepeatedToo() async throws {
        let server = try serverThatClosesAfterOneResponse()
        let transport = CurlTransport()
        _ = try await transport.send(request(.get, server))
        let sent = try request(.post, server) {
            $0.body = [1]
            $0.isRepeatable = true
        }
        #expect(try await transport.send(sent).status == 200)
        #expect(server.requests == 3)
    }

    @Test func aLoopbackConnectionIsNotReusedUnderThePublicOnlyPolicy() async throws {
        let server = try RawServer { $0.serve { _ in RawConnection.response() } }
        let transport = CurlTransport()
        let origin = try server.origin(host: "localhost")
        _ = try await transport.send(TransportRequest(.get, origin, route: "/", addressPolicy: .allowingLoopback))
        let error = try await failure(of: TransportRequest(.get, origin, route: "/", addressPolicy: .publicOnly), over: transport)
        #expect(error.kind == .addressForbidden && error.delivery == .notSent)
        #expect(server.requests == 1 && server.connections == 1)
    }

    @Test(arguments: ["127.0.0.1", "localhost", "2130706433", "127.1", "[::ffff:127.0.0.1]"])
    func aForbiddenAddressIsNeverConnectedTo(host: String) async throws {
        let server = try RawServer { $0.serve { _ in RawConnection.response() } }
        let origin = try server.origin(host: host)
        let error = try await failure(of: TransportRequest(.post, origin, route: "/", addressPolicy: .publicOnly))
        #expect(error.kind == .addressForbidden && error.delivery == .notSent)
        #expect(server.connections == 0)
    }

    @Test(arguments: ["10.0.0.0/8", "0.0.0.0/0", "::/0", "127.0.0.2"]) func anAllowedNetworkDoesNotAllowAddressesOutsideIt(text: String)
        async throws
    {
        let server = try RawServer { $0.serve { _ in RawConnection.response() } }
        let policy = AddressPolicy.publicOnly.allowing([try #require(IPNetwork(text))])
        for host in ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]", "017700000001"] {
            let error = try await failure(of: TransportRequest(.get, try server.origin(host: host), route: "/", addressPolicy: policy))
            #expect(error.kind == .addressForbidden && error.delivery == .notSent)
        }
        #expect(server.connections == 0)
    }

    @Test func anAllowedNetworkAllowsAddressesInsideIt() async throws {
        let server = try RawServer { $0.serve { _ in RawConnection.response() } }
        let policy = AddressPolicy.publicOnly.allowing([try #require(IPNetwork("127.0.0.0/8"))])
        for host in ["localhost", "127.0.0.1", "0x7f.1"] {
            let response = try await CurlTransport().send(
                TransportRequest(.get, try server.origin(host: host), route: "/", addressPolicy: policy))
            #expect(response.status == 200 && response.localAddress == IPAddress("127.0.0.1"))
        }
    }

    @Test func aRedirectIntoAnAllowedNetworkIsNotFollowed() async throws {
        let inside = try RawServer { $0.serve { _ in RawConnection.response() } }
        let server = try RawServer { $0.serve { _ in RawConnection.response("302 Found", "Location: http://127.0.0.1:\(inside.port)/") } }
        let policy = AddressPolicy.publicOnly.allowing([try #require(IPNetwork("127.0.0.0/8"))])
        let response = try await CurlTransport().send(TransportRequest(.get, try server.origin(), route: "/", addressPolicy: policy))
        #expect(response.status == 302 && inside.connections == 0)
    }

    @Test func aPrivateAddressIsForbiddenByTheOtherPolicies() async throws {
        let origin = try ServiceURL(typed: "https://10.1.2.3", policy: .allowingPrivate)
        for policy in [AddressPolicy.publicOnly, .allowingLoopback] {
            let error = try await failure(of: TransportRequest(.get, origin, route: "/", addressPolicy: policy))
            #expect(error.kind == .addressForbidden)
        }
    }
}
