import PSATesting
import Testing

@testable import WebServer

@Suite("Starting and stopping", .timeLimit(.minutes(1)))
struct LifecycleTests {
    @Test func stoppingWaitsForRunningResponses() async throws {
        let arrived = Signal()
        let release = Signal()
        let server = try WebServer.start { _ in
            arrived.fire()
            await release.wait(ignoringCancellation: true)
            return WebResponse(status: 200, body: .bytes([UInt8](repeating: 1, count: 2_000_000)))
        }
        let client = try RawClient(port: server.port)
        try await client.send(get)
        await arrived.wait()
        let idle = try RawClient(port: server.port)
        async let stopped: Void = server.stop()
        release.fire()
        let response = try await client.answer()
        #expect(response.isWhole)
        #expect(response.body.count == 2_000_000)
        await stopped
        #expect(try await idle.everything().isEmpty)
        #expect(throws: RawClient.Failure.self) { try RawClient(port: server.port) }
    }

    @Test func stoppingClosesIdleConnectionsAndIncompleteRequests() async throws {
        let server = try WebServer.start(handler: echo)
        let idle = try RawClient(port: server.port)
        #expect(try await idle.exchange(get).status == 200)
        let untouched = try RawClient(port: server.port)
        let half = try RawClient(port: server.port)
        try await half.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n")
        #expect(try await half.answerHead().status == 100)
        try await half.send("12345")
        await server.stop()
        #expect(try await idle.everything().isEmpty)
        #expect(try await untouched.everything().isEmpty)
        #expect(try await half.everything().isEmpty)
    }

    @Test func repeatedAndConcurrentStopsWaitForTheSameShutdown() async throws {
        let server = try WebServer.start(handler: echo)
        #expect(try await send(server, get).status == 200)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { await server.stop() } }
        }
        await server.stop()
    }

    @Test func stoppingDuringTrafficNeverCrashes() async throws {
        for _ in 0..<10 {
            let server = try WebServer.start { request in
                await Task.yield()
                return WebResponse(status: 200, body: .bytes(Array(request.path.utf8)))
            }
            let port = server.port
            try await withThrowingTaskGroup(of: Void.self) { group in
                let busy = Arrivals(expected: 5)
                for _ in 0..<4 {
                    group.addTask {
                        let client = try RawClient(port: port)
                        #expect(try await client.exchange(get).status == 200)
                        await busy.arriveAndWait()
                        // Ends with an error as soon as the server has stopped.
                        do { while true { _ = try await client.exchange(get) } } catch is RawClient.Failure {}
                    }
                }
                await busy.arriveAndWait()
                await server.stop()
                try await group.waitForAll()
            }
        }
    }

    @Test func clientsThatDisconnectDuringTheirHandlersDoNotAffectOthers() async throws {
        let count = 40
        let arrivals = Arrivals(expected: count + 1)
        let release = Signal()
        let handler: WebServer.Handler = { request in
            if request.path == "/held" {
                await arrivals.arriveAndWait()
                await release.wait(ignoringCancellation: true)
            }
            return WebResponse(status: 200, body: .bytes([UInt8](repeating: 1, count: 100_000)))
        }
        try await withServer(handler: handler) { server in
            let clients = try (0..<count).map { _ in try RawClient(port: server.port) }
            for client in clients { try await client.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n") }
            await arrivals.arriveAndWait()
            for client in clients { client.leave() }
            release.fire()
            #expect(try await send(server, get).isWhole)
        }
    }

    @Test func stoppingWaitsForAHandlerOnlyUntilItsDeadline() async throws {
        let arrived = Signal()
        let never = Signal()
        let server = try WebServer.start(.init(handlerDeadline: .milliseconds(200))) { _ in
            arrived.fire()
            await never.wait(ignoringCancellation: true)
            return WebResponse(status: 200)
        }
        let client = try RawClient(port: server.port)
        try await client.send(get)
        await arrived.wait()
        await server.stop()
        #expect(try await client.answer().status == 503)
        never.fire()
    }

    @Test func releasingTheLastReferenceStopsTheServer() async throws {
        var server: WebServer? = try WebServer.start(handler: echo)
        let client = try RawClient(port: try #require(server).port)
        #expect(try await client.exchange(get).status == 200)
        server = nil
        #expect(try await client.everything().isEmpty)
    }

    @Test func aPortInUseIsReported() async throws {
        let server = try WebServer.start(handler: echo)
        let error = #expect(throws: WebServerError.self) { try WebServer.start(.init(port: server.port), handler: echo) }
        #expect(error?.kind == .addressInUse)
        #expect(error?.message == "Cannot listen on 127.0.0.1:\(server.port): the port is in use by another program.")
        await server.stop()
        let second = try WebServer.start(.init(port: server.port), handler: echo)
        #expect(second.port == server.port)
        await second.stop()
    }

    @Test(arguments: [("localhost", WebServerError.Kind.invalidAddress), ("192.0.2.1", .cannotBind)])
    func anUnusableAddressIsReported(_ address: String, _ kind: WebServerError.Kind) {
        let error = #expect(throws: WebServerError.self) { try WebServer.start(.init(address: address), handler: echo) }
        #expect(error?.kind == kind)
        #expect(error?.message.contains(address) == true)
    }

    @Test func unreasonableLimitsAreClamped() async throws {
        let limits = WebServer.Configuration(
            maximumBodyBytes: .max, maximumHeaderBytes: .max, connectionLimit: -1, connectionsPerAddress: -1,
            idleTimeout: .seconds(Int64.max), requestDeadline: .seconds(Int64.max), handlerDeadline: .seconds(Int64.max))
        try await withServer(limits, handler: echo) { server in
            let response = try await send(server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
            #expect(response.text.hasSuffix("hi"))
        }
        #expect(WebServer.Configuration(handlerDeadline: .seconds(-1)).clamped.handlerDeadline > .zero)
    }

    @Test func aServerCanListenOnIPv6() async throws {
        let server = try WebServer.start(.init(address: "::1"), handler: echo)
        #expect(server.port > 0)
        await server.stop()
    }
}
