import PSACore
import PSATesting
import Synchronization
import Testing

@testable import WebServer

/// Shares of connections over sockets; the clients come from several addresses of 127.0.0.0/8.
@Suite("Shares of connections", .timeLimit(.minutes(1)))
struct ConnectionShareTests {
    /// Answers at once, and to `/wait` when it is released; `/known` comes from a known client.
    private final class Fixture: Sendable {
        let started = Signal()
        let release = Signal()

        func with(_ limits: WebServer.Configuration, _ body: (WebServer) async throws -> Void) async throws {
            let handler: WebServer.Handler = { request in
                if request.path == "/wait" {
                    self.started.fire()
                    await self.release.wait(ignoringCancellation: true)
                }
                var response = WebResponse(status: 200)
                response.isForKnownClient = request.path == "/known"
                return response
            }
            try await withServer(limits, handler: handler) { server in
                do {
                    try await body(server)
                } catch {
                    release.fire()
                    throw error
                }
                release.fire()
            }
        }
    }

    private func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n" }

    @Test func tooManyConnectionsWithARequestFromOneAddressAreClosed() async throws {
        let fixture = Fixture()
        try await fixture.with(.init(connectionsPerAddress: 1)) { server in
            let first = try RawClient(port: server.port)
            try await first.send(get("/wait"))
            await fixture.started.wait()
            let second = try RawClient(port: server.port)
            #expect(try await second.everything().isEmpty)
            // Another address has its own share.
            let other = try RawClient(port: server.port, from: "127.0.0.2")
            #expect(try await other.exchange(get("/")).status == 200)
            fixture.release.fire()
            #expect(try await first.answer().status == 200)
        }
    }

    @Test func aFurtherConnectionReplacesTheLongestIdleOneOfItsAddress() async throws {
        try await Fixture().with(.init(connectionsPerAddress: 2)) { server in
            let other = try RawClient(port: server.port, from: "127.0.0.2")
            #expect(try await other.exchange(get("/")).status == 200)
            let first = try RawClient(port: server.port)
            #expect(try await first.exchange(get("/")).status == 200)
            let second = try RawClient(port: server.port)
            #expect(try await second.exchange(get("/")).status == 200)
            let third = try RawClient(port: server.port)
            #expect(try await third.exchange(get("/")).status == 200)
            #expect(try await first.everything().isEmpty)
            for client in [second, third, other] { #expect(try await client.exchange(get("/")).status == 200) }
        }
    }

    @Test func idleConnectionsFromManyAddressesDoNotLockOthersOut() async throws {
        try await Fixture().with(.init(connectionLimit: 16, connectionsPerAddress: 8)) { server in
            // Some say nothing, some have begun a head, and there are more of them than places.
            var idle: [RawClient] = []
            for number in 0..<48 {
                let client = try RawClient(port: server.port, from: "127.0.1.\(number % 6 + 1)")
                if number % 2 == 0 { try await client.send("GET /") }
                idle.append(client)
            }
            for number in 0..<40 {
                let client = try RawClient(port: server.port, from: "127.0.2.\(number + 1)")
                #expect(try await client.exchange(get("/")).status == 200)
            }
            withExtendedLifetime(idle) {}
        }
    }

    @Test func aKnownClientKeepsItsConnectionWhileOthersAreClosed() async throws {
        try await Fixture().with(.init(connectionLimit: 4, connectionsPerAddress: 0)) { server in
            let known = try RawClient(port: server.port)
            #expect(try await known.exchange(get("/known")).status == 200)
            var others: [RawClient] = []
            for _ in 0..<20 {
                let client = try RawClient(port: server.port)
                #expect(try await client.exchange(get("/")).status == 200)
                others.append(client)
            }
            #expect(try await known.exchange(get("/")).status == 200)
            // Where every connection is known, the longest idle one gives way.
            for client in others.suffix(3) { #expect(try await client.exchange(get("/known")).status == 200) }
            let last = try RawClient(port: server.port)
            #expect(try await last.exchange(get("/")).status == 200)
            #expect(try await known.everything().isEmpty)
        }
    }

    @Test func withoutAShareOneAddressMayHoldAllConnections() async throws {
        try await Fixture().with(.init(connectionLimit: 20, connectionsPerAddress: 0)) { server in
            var clients: [RawClient] = []
            for _ in 0..<20 { clients.append(try RawClient(port: server.port)) }
            for client in clients { #expect(try await client.exchange(get("/")).status == 200) }
        }
    }

    @Test func addressesOfOneNetworkCountTogether() {
        func network(_ bytes: [UInt8]) -> ClientNetwork { ClientNetwork(version6: bytes) }
        let prefix: [UInt8] = [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 1]
        let one = network(prefix + [0, 0, 0, 0, 0, 0, 0, 1])
        #expect(one == network(prefix + [UInt8](repeating: 0xFF, count: 8)))
        #expect(one != network(prefix.dropLast() + [2] + [UInt8](repeating: 0, count: 8)))
        #expect(ClientNetwork(version4: 0x7F00_0001) != ClientNetwork(version4: 0x7F00_0002))
        let mapped = network([UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 127, 0, 0, 1])
        #expect(mapped == ClientNetwork(version4: 0x7F00_0001))
        #expect(network([UInt8](repeating: 0, count: 15) + [1]) != ClientNetwork(version4: 1))
    }
}
