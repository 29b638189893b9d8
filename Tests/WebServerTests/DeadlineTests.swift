import PSATesting
import Testing

@testable import WebServer

@Suite("Deadlines", .timeLimit(.minutes(1)))
struct DeadlineTests {
    /// Long enough for the other request of a test, which may be delayed when many tests run concurrently.
    private static let handlerDeadline = Duration.seconds(5)

    @Test func aHandlerPastItsDeadlineIsCancelledAndTheClientGets503() async throws {
        let cancelled = Signal()
        let handler: WebServer.Handler = { request in
            if request.path == "/slow" {
                await withTaskCancellationHandler {
                    await cancelled.wait(ignoringCancellation: true)
                } onCancel: {
                    cancelled.fire()
                }
            }
            return WebResponse(status: 200)
        }
        try await withServer(.init(handlerDeadline: Self.handlerDeadline), handler: handler) { server in
            let client = try RawClient(port: server.port)
            #expect(try await client.exchange("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").status == 503)
            await cancelled.wait(ignoringCancellation: true)
            #expect(try await client.exchange(get).status == 200)
        }
    }

    @Test func aResponseAfterTheDeadlineIsDiscarded() async throws {
        let release = Signal()
        let handler: WebServer.Handler = { request in
            if request.path == "/slow" { await release.wait(ignoringCancellation: true) }
            return WebResponse(status: 200)
        }
        try await withServer(.init(handlerDeadline: Self.handlerDeadline), handler: handler) { server in
            let client = try RawClient(port: server.port)
            #expect(try await client.exchange("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").status == 503)
            release.fire()
            #expect(try await client.exchange(get).status == 200)
        }
    }

    @Test(arguments: ["GET /", "GET / HTTP/1.1\r\nX: ", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n"])
    func aSlowRequestIsDisconnected(_ start: String) async throws {
        // Bytes arrive more often than the idle timeout requires, so that only the request deadline can end the connection.
        let limits = WebServer.Configuration(idleTimeout: .seconds(1), requestDeadline: .milliseconds(600))
        try await withServer(limits, handler: echo) { server in
            let client = try RawClient(port: server.port)
            try await client.send(start)
            try await client.drip(UInt8(ascii: "a"))
        }
    }

    @Test func aSlowRequestDoesNotBlockOthers() async throws {
        try await withServer(.init(requestDeadline: .milliseconds(600)), handler: echo) { server in
            let client = try RawClient(port: server.port)
            let slow = try RawClient(port: server.port)
            try await slow.send("GET / HTTP/1.1\r\nX: ")
            async let slowRequest: Void = slow.drip(UInt8(ascii: "a"))
            for _ in 0..<50 { #expect(try await client.exchange(get).status == 200) }
            try await slowRequest
        }
    }

    @Test func anIdleConnectionIsClosed() async throws {
        try await withServer(.init(idleTimeout: .seconds(1)), handler: echo) { server in
            let client = try RawClient(port: server.port)
            #expect(try await client.exchange(get).status == 200)
            #expect(try await client.everything().isEmpty)
        }
    }

    @Test func theRequestDeadlineDoesNotApplyToTheHandler() async throws {
        let late = Signal()
        let handler: WebServer.Handler = { request in
            if request.path == "/late" { await late.wait(ignoringCancellation: true) }
            return WebResponse(status: 200)
        }
        let limits = WebServer.Configuration(idleTimeout: .seconds(1), requestDeadline: .milliseconds(600))
        try await withServer(limits, handler: handler) { server in
            let waiting = try RawClient(port: server.port)
            try await waiting.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n")
            // A later slow request that was disconnected proves that the request deadline has passed for the earlier request too.
            try await RawClient(port: server.port).drip(UInt8(ascii: "a"))
            late.fire()
            #expect(try await waiting.answer().status == 200)
        }
    }
}
