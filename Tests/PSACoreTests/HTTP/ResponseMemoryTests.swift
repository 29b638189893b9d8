import PSATesting
import Testing

@testable import PSACore

@Suite("Memory of large responses", .timeLimit(.minutes(1)))
struct ResponseMemoryTests {
    private let later = ContinuousClock.now + .seconds(3_600)

    @Test func aHostHasOnlyAPartOfTheSharesAndOthersHaveTheRest() {
        let memory = ResponseMemory(medium: 6, large: 2)
        let medium = (0..<3).map { _ in memory.take(.medium, for: "a.example") }
        #expect(medium.map { $0 != nil } == [true, true, false])
        let large = [memory.take(.large, for: "a.example"), memory.take(.large, for: "a.example"), memory.take(.large, for: "b.example")]
        #expect(large.map { $0 != nil } == [true, false, true])
        #expect(memory.take(.medium, for: "b.example") != nil)
        withExtendedLifetime((medium, large)) {}
    }

    @Test func aReturnedShareGoesToTheLongestWaitThatMayHaveIt() async throws {
        let memory = ResponseMemory(medium: 3, large: 1)
        var first = memory.take(.large, for: "a.example")
        #expect(first != nil)
        let passed = Signal()
        let waiters = ["a.example", "b.example"].map { host in
            Task {
                let share = try await memory.share(.large, for: host, until: later)
                passed.fire()
                return share?.size
            }
        }
        while memory.waiting < 2 { await Task.yield() }
        #expect(!passed.hasFired)
        first = nil
        for waiter in waiters { #expect(try await waiter.value == .large) }
    }

    @Test func aWaitEndsWithItsDeadlineAndWithItsTask() async throws {
        let memory = ResponseMemory(medium: 3, large: 1)
        let share = memory.take(.large, for: "a.example")
        #expect(try await memory.share(.large, for: "b.example", until: .now) == nil)
        let waiter = Task { try await memory.share(.large, for: "b.example", until: later) }
        while memory.waiting == 0 { await Task.yield() }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { _ = try await waiter.value }
        #expect(memory.waiting == 0)
        withExtendedLifetime(share) {}
    }

    @Test func aDocumentHoldsTheShareOfItsResponse() async throws {
        let memory = ResponseMemory(medium: 3, large: 1)
        var response: TransportResponse? = TransportResponse(status: 200, body: Array("[1]".utf8))
        response?.memoryShare = memory.take(.large, for: "a.example")
        var document: JSONDocument? = try await JSONDocument.parse(#require(response))
        response = nil
        #expect(memory.take(.large, for: "b.example") == nil)
        #expect(document?.root.elements.count == 1)
        document = nil
        #expect(memory.take(.large, for: "b.example") != nil)
    }

    @Test(arguments: ["[{},{},", "[[[", "[1,", "[\"\",", #"[{"":0},"#])
    func aLargeTextOfTinyValuesIsRefusedBeforeItTakesAMultipleOfItsSize(part: String) throws {
        let bytes = Array("[".utf8) + Array(repeatElement(Array((part.dropFirst() + "").utf8), count: (4 << 20) / part.utf8.count).joined())
        let error = try #require(throws: JSONSyntaxError.self) { try JSONDocument(bytes) }
        #expect([.tooManyValues, .tooDeep].contains(error.reason), "\(error)")
        #expect(error.offset < bytes.count)
    }

    @Test func asManyValuesAsAreAllowedAreRead() throws {
        let count = JSONDocument.maxValues(inBytes: 0) - 2
        let text = "[" + repeatElement("1", count: count).joined(separator: ",") + "]"
        #expect(try JSONDocument(Array(text.utf8)).root.elements.count == count)
    }

    @Test func aLargeTextIsReadLikeASmallOne() async throws {
        let rows = (0..<20_000).map { #"{"id":\#($0),"summary":"\#(String(repeating: "x", count: 120))"}"# }
        let body = Array(("[" + rows.joined(separator: ",") + "]").utf8)
        #expect(body.count > JSONDocument.sliceBytes * 2)
        let root = try await JSONDocument.parse(TransportResponse(status: 200, body: body)).root
        #expect(root.elements.last?["id"]?.integer == 19_999)
        await #expect(throws: JSONSyntaxError.self) {
            try await JSONDocument.parse(TransportResponse(status: 200, body: Array(body.dropLast())))
        }
    }
}
