import PSACore
import PSATesting
import Testing

@testable import WebServer

@Suite("Streams", .timeLimit(.minutes(1)))
struct StreamTests {
    /// A stream that the test controls, and a signal for its end.
    private func makeStream() -> (stream: AsyncStream<[UInt8]>, feed: AsyncStream<[UInt8]>.Continuation, ended: Signal) {
        let (stream, feed) = AsyncStream.makeStream(of: [UInt8].self)
        let ended = Signal()
        feed.onTermination = { _ in ended.fire() }
        return (stream, feed, ended)
    }

    @Test func eachChunkArrivesBeforeTheNextIsProduced() async throws {
        let (stream, feed, _) = makeStream()
        try await withServer(handler: { _ in WebResponse(status: 200, body: .stream(stream)) }) { server in
            let client = try RawClient(port: server.port)
            try await client.send(get)
            #expect(try await client.answerHead().headers["Transfer-Encoding"] == "chunked")
            for chunk in ["one", "two", "three"] {
                feed.yield(Array(chunk.utf8))
                #expect(try await client.nextChunk() == Array(chunk.utf8))
            }
            feed.yield([])
            feed.finish()
            #expect(try await client.nextChunk() == [])
        }
    }

    @Test func aChunkLargerThanAnyBufferArrivesUnchangedAndKeepsTheConnectionOpen() async throws {
        let chunk = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let handler: WebServer.Handler = { _ in
            WebResponse(
                status: 200,
                body: .stream(
                    AsyncStream { feed in
                        feed.yield(chunk)
                        feed.yield(chunk)
                        feed.finish()
                    }))
        }
        try await withServer(handler: handler) { server in
            let client = try RawClient(port: server.port)
            for _ in 0..<2 {
                let response = try await client.exchange(get)
                #expect(response.isWhole)
                #expect(response.body == chunk + chunk)
            }
        }
    }

    @Test func anEmptyStreamIsAnEmptyBody() async throws {
        try await withServer(handler: { _ in WebResponse(status: 200, body: .stream(AsyncStream { $0.finish() })) }) { server in
            let response = try await send(server, get)
            #expect(response.isWhole)
            #expect(response.body.isEmpty)
        }
    }

    @Test func disconnectingFromAnIdleStreamCancelsIt() async throws {
        let (stream, feed, ended) = makeStream()
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

    @Test func aClientThatStopsReadingIsDisconnectedAndTheStreamIsCancelled() async throws {
        let (stream, feed, ended) = makeStream()
        let handler: WebServer.Handler = { _ in WebResponse(status: 200, body: .stream(stream)) }
        try await withServer(.init(idleTimeout: .seconds(1)), handler: handler) { server in
            let client = try RawClient(port: server.port)
            try await client.send(get)
            feed.yield([UInt8](repeating: 0, count: 20_000_000))
            await ended.wait()
            _ = client
        }
    }

    @Test func manyClientsDisconnectingAtOnceCancelEveryStream() async throws {
        let streams = (0..<50).map { _ in makeStream() }
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
            #expect(try await send(server, "HEAD /0 HTTP/1.1\r\nHost: x\r\n\r\n").status == 200)
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

    @Test func aStreamReturnedAfterTheDeadlineIsCancelled() async throws {
        let (stream, feed, ended) = makeStream()
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
        let (stream, feed, ended) = makeStream()
        let handler: WebServer.Handler = { _ in WebResponse(status: 200, headers: ["X": "\n"], body: .stream(stream)) }
        try await withServer(handler: handler) { server in
            let client = try RawClient(port: server.port)
            #expect(try await client.exchange(get).status == 500)
            await ended.wait()
        }
        feed.finish()
    }

    @Test func stoppingTheServerAbortsAnOpenStream() async throws {
        let (stream, feed, ended) = makeStream()
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
