import PSATesting
import Testing

@testable import PSACore

@Suite struct LoggingMiddlewareTests {
    @Test func anExchangeIsRecordedWithoutAnyOfItsContent() async throws {
        let time = ManualClock()
        let log = RecordingLog()
        try await ScriptedTransport.running(
            .status(404, headers: ["X-Secret": "SECRET-1"], "SECRET-2"),
            .failure(TransportError(.timedOut, delivery: .maybeSent, note: "SECRET-3"))
        ) { transport in
            let pipeline = HTTPPipeline([LoggingMiddleware(log: log, time: time.source)], to: transport)
            let request = HTTPRequest(
                .post, try ServiceURL(typed: "acme.example.com"), route: "/api/{id}", pathValues: ["SECRET-4"],
                query: [QueryItem("q", "SECRET-5")],
                headers: ["Authorization": "SECRET-6"], body: Array("SECRET-7".utf8))
            _ = try await pipeline.send(request)
            await #expect(throws: TransportError.self) { try await pipeline.send(request) }
        }
        #expect(
            log.lines == [
                "POST acme.example.com/api/{id} answered 404 with 8 bytes in 0 ms",
                "POST acme.example.com/api/{id} got no answer: timedOut after 0 ms",
            ])
    }
}
