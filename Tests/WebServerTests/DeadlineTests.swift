import PSATesting
import Testing

@testable import WebServer

@Suite("Deadlines", .timeLimit(.minutes(1)))
struct DeadlineTests {
    /// Long enough for the other request of a test, which has to wait for its turn where many tests run at once.
    private static let patience = Duration.seconds(5)

    @Test func aHandlerPastItsDeadlineIsCancelledAndAnsweredFor() async throws {
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
        try await withServer(.init(handlerDeadline: Self.patience), handler: handler) { server in
            let client = try RawClient(port: server.port)
            #expect(try await client.exchange("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").status == 503)
            await cancelled.wait(ignoringCancellation: true)
            #expect(try await client.exchange(get).status == 200)
        }
    }

    @Test func anAnswerAfterTheDeadlineIsIgnored() async throws {
        let release = Signal()
        let handler: WebServer.Handler = { request in
            if request.path == "/slow" { await release.wait(ignoringCancellation: true) }
            return WebResponse(status: 200)
        }
        try await withServer(.init(handlerDeadline: Self.patience), handler: handler) { server in
            let client = try RawClient(port: server.port)
            #expect(try await client.exchange("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").status == 503)
            release.fire()
            #expect(try await client.exchange(get).status == 200)
        }
    }

    @Test(arguments: ["GET /", "GET / HTTP/1.1\r\nX: ", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n"])
    func aSlowDripIsCut(_ start: String) async throws {
        // Bytes come far more often than the idle timeout asks for, so that only the request deadline can end it.
        let limits = WebServer.Configuration(idleTimeout: .seconds(1), requestDeadline: .milliseconds(600))
        try await withServer(limits, handler: echo) { server in
            let client = try RawClient(port: server.port)
            try await client.send(start)
            try await client.drip(UInt8(ascii: "a"))
        }
    }

    @Test func aSlowDripDoesNotHinderOthers() async throws {
        try await withServer(.init(requestDeadline: .milliseconds(600)), handler: echo) { server in
            let client = try RawClient(port: server.port)
            let slow = try RawClient(port: server.port)
            try await slow.send("GET / HTTP/1.1\r\nX: ")
            async let dripped: Void = slow.drip(UInt8(ascii: "a"))
            for _ in 0..<50 { #expect(try await client.exchange(get).status == 200) }
            try await dripped
        }
    }

    @Test func aSilentConnectionIsClosed() async throws {
        try await withServer(.init(idleTimeout: .seconds(1)), handler: echo) { server in
            let client = try RawClient(port: server.port)
            #expect(try await client.exchange(get).status == 200)
            #expect(try await client.everything().isEmpty)
        }
    }

    @Test func aLongHandlerOutlivesTheRequestDeadline() async throws {
        let late = Signal()
        let handler: WebServer.Handler = { request in
            if request.path == "/late" { await late.wait(ignoringCancellation: true) }
            return WebResponse(status: 200)
        }
        let limits = WebServer.Configuration(idleTimeout: .seconds(1), requestDeadline: .milliseconds(600))
        try await withServer(limits, handler: handler) { server in
            let waiting = try RawClient(port: server.port)
            try await waiting.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n")
            // A drip that is cut proves that the request deadline has passed for the earlier request too.
            try await RawClient(port: server.port).drip(UInt8(ascii: "a"))
            late.fire()
            #expect(try await waiting.answer().status == 200)
        }
    }
}
