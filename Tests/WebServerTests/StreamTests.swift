import PSACore
import PSATesting
import Testing

@testable import WebServer

@Suite("Streams", .timeLimit(.minutes(1)))
struct StreamTests {
    /// A stream under the test's hand, and a signal of its end.
    private func pieces() -> (stream: AsyncStream<[UInt8]>, feed: AsyncStream<[UInt8]>.Continuation, ended: Signal) {
        let (stream, feed) = AsyncStream.makeStream(of: [UInt8].self)
        let ended = Signal()
        feed.onTermination = { _ in ended.fire() }
        return (stream, feed, ended)
    }

    @Test func eachPieceArrivesBeforeTheNextIsMade() async throws {
        let (stream, feed, _) = pieces()
        try await withServer(handler: { _ in WebResponse(status: 200, body: .stream(stream)) }) { server in
            let client = try RawClient(port: server.port)
            try await client.send(get)
            #expect(try await client.answerHead().headers["Transfer-Encoding"] == "chunked")
            for piece in ["one", "two", "three"] {
                feed.yield(Array(piece.utf8))
                #expect(try await client.nextChunk() == Array(piece.utf8))
            }
            feed.yield([])
            feed.finish()
            #expect(try await client.nextChunk() == [])
        }
    }

    @Test func aPieceLargerThanAnyBufferArrivesUnchangedAndTheConnectionStays() async throws {
        let piece = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let handler: WebServer.Handler = { _ in
            WebResponse(
                status: 200,
                body: .stream(
                    AsyncStream { feed in
                        feed.yield(piece)
                        feed.yield(piece)
                        feed.finish()
                    }))
        }
        try await withServer(handler: handler) { server in
            let client = try RawClient(port: server.port)
            for _ in 0..<2 {
                let answer = try await client.exchange(get)
                #expect(answer.isWhole)
                #expect(answer.body == piece + piece)
            }
        }
    }

    @Test func anEmptyStreamIsAnEmptyBody() async throws {
        try await withServer(handler: { _ in WebResponse(status: 200, body: .stream(AsyncStream { $0.finish() })) }) { server in
            let answer = try await ask(server, get)
            #expect(answer.isWhole)
            #expect(answer.body.isEmpty)
        }
    }

    @Test func aClientThatLeavesASilentStreamCancelsIt() async throws {
        let (stream, feed, ended) = pieces()
        try await withServer(handler: { _ in WebResponse(status: 200, body: .stream(stream)) }) { server in
            let client = try RawClient(port: server.port)
            try await client.send(get)
            feed.yield([1])
            _ = try await client.answerHead()
            #expect(try await client.nextChunk() == [1])
            #expect(!ended.hasFired)
            client.leave()
            await ended.wait()
        }
    }

    @Test func aClientThatStopsReadingIsCutAndTheStreamCancelled() async throws {
        let (stream, feed, ended) = pieces()
        let handler: WebServer.Handler = { _ in WebResponse(status: 200, body: .stream(stream)) }
        try await withServer(.init(idleTimeout: .seconds(1)), handler: handler) { server in
            let client = try RawClient(port: server.port)
            try await client.send(get)
            feed.yield([UInt8](repeating: 0, count: 20_000_000))
            await ended.wait()
            _ = client
        }
    }

    @Test func manyClientsLeavingAtOnceCancelEveryStream() async throws {
        let streams = (0..<50).map { _ in pieces() }
        let handler: WebServer.Handler = { request in
            WebResponse(status: 200, body: .stream(streams[Int(request.segments[0]) ?? 0].stream))
        }
        try await withServer(handler: handler) { server in
            for (number, stream) in streams.enumerated() {
                let client = try RawClient(port: server.port)
                try await client.send("GET /\(number) HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try await client.answerHead()
                stream.feed.yield([2])
                client.leave()
            }
            for stream in streams { await stream.ended.wait() }
            #expect(try await ask(server, "HEAD /0 HTTP/1.1\r\nHost: x\r\n\r\n").status == 200)
        }
    }

    @Test func headEndsTheStreamWithoutABody() async throws {
        let ended = Signal()
        let handler: WebServer.Handler = { _ in
            WebResponse(status: 200, body: .stream(AsyncStream { $0.onTermination = { _ in ended.fire() } }))
        }
        try await withServer(handler: handler) { server in
            let client = try RawClient(port: server.port)
            #expect(try await client.exchange("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n").status == 200)
            await ended.wait()
        }
    }

    @Test func aStreamThatComesAfterTheDeadlineIsCancelled() async throws {
        let (stream, feed, ended) = pieces()
        let late = Signal()
        let handler: WebServer.Handler = { _ in
            await late.wait(ignoringCancellation: true)
            return WebResponse(status: 200, body: .stream(stream))
        }
        try await withServer(.init(handlerDeadline: .seconds(1)), handler: handler) { server in
            let client = try RawClient(port: server.port)
            #expect(try await client.exchange(get).status == 503)
            late.fire()
            await ended.wait()
        }
        feed.finish()
    }

    @Test func aStreamWhoseHeadersCannotBeSentIsCancelled() async throws {
        let (stream, feed, ended) = pieces()
        let handler: WebServer.Handler = { _ in WebResponse(status: 200, headers: ["X": "\n"], body: .stream(stream)) }
        try await withServer(handler: handler) { server in
            let client = try RawClient(port: server.port)
            #expect(try await client.exchange(get).status == 500)
            await ended.wait()
        }
        feed.finish()
    }

    @Test func stoppingTheServerCutsAnOpenStream() async throws {
        let (stream, feed, ended) = pieces()
        let server = try WebServer.start { _ in WebResponse(status: 200, body: .stream(stream)) }
        let client = try RawClient(port: server.port)
        try await client.send(get)
        feed.yield([3])
        _ = try await client.answerHead()
        #expect(try await client.nextChunk() == [3])
        await server.stop()
        #expect(try await client.nextChunk() == nil)
        await ended.wait()
    }
}
