import FoundationEssentials
import PSACore
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Repeated events")
struct EventRepeatTests {
    private let storage: SQLiteStorage

    init() async throws { storage = try await SQLiteStorage.inMemory() }

    private func token(_ name: String, sharing namespace: String? = nil) async throws -> APIToken {
        let token = try APIToken.make(name: name, namespace: namespace.flatMap(EventNamespace.Name.init), at: .sampleNow).token
        try await storage.add(token, audit: .sample(.tokenCreated))
        return token
    }

    /// The result of an event: its sequence number, prefixed with R for a repeat or X for different content.
    private func send(_ event: HostEvent, _ token: APIToken) async throws -> String {
        // As a request does: what is stored of the token now.
        let token = try #require(try await storage.token(digest: token.digest))
        do {
            let acceptance = try await storage.accept(event, from: token) { _, _, _ in [] }
            return "\(acceptance.isRepeat ? "R" : "")\(acceptance.event.rawValue)"
        } catch let refusal as OtherContent {
            return "X\(refusal.event.rawValue)"
        }
    }

    @Test func anotherTokenSuppressesNoEvents() async throws {
        let (one, two) = (try await token("one"), try await token("two"))
        let (first, other) = (HostEvent.sample(text: "all is well"), HostEvent.sample(severity: .critical, text: "it burns"))
        #expect(try await send(first, one) == "1")
        #expect(try await send(other, two) == "2")
        #expect(try await send(first, one) == "R1")
        #expect(try await send(other, two) == "R2")
    }

    @Test(
        "different content under the same id is detected in every field",
        arguments: [
            HostEvent.sample(type: "backup.done"), .sample(severity: .warning), .sample(company: "Acme 2"), .sample(device: "SRV-2"),
            .sample(text: "The disk is full!"), .sample(at: .sampleNow + 1), .sample(device: ""), .sample(text: "The disk is full. "),
        ])
    func otherContent(event: HostEvent) async throws {
        let token = try await token("one")
        #expect(try await send(.sample(), token) == "1")
        #expect(try await send(event, token) == "X1")
        #expect(try await send(.sample(receivedAt: .sampleNow + 3_600), token) == "R1")
        #expect(try await storage.events(before: nil, limit: 10).count == 1)
    }

    @Test func adjacentMembersAreNotConfused() async throws {
        let token = try await token("one")
        #expect(try await send(.sample(company: "ab", device: "c"), token) == "1")
        #expect(try await send(.sample(company: "a", device: "bc"), token) == "X1")
    }

    @Test func anUnreportedTimeIsNotADifference() async throws {
        let token = try await token("one")
        func event(_ id: String, at seconds: Double?, arrives later: Double = 0) -> HostEvent {
            var event = HostEvent.sample(senderID: id, at: .sampleNow + (seconds ?? later), receivedAt: .sampleNow + later)
            event.isTimed = seconds != nil
            return event
        }
        #expect(try await send(event("a", at: nil), token) == "1")
        #expect(try await send(event("a", at: nil, arrives: 60), token) == "R1")
        #expect(try await send(event("a", at: 5, arrives: 90), token) == "R1")
        #expect(try await send(event("b", at: 5), token) == "2")
        #expect(try await send(event("b", at: nil, arrives: 60), token) == "R2")
        #expect(try await send(event("b", at: 6, arrives: 60), token) == "X2")
    }

    @Test func tokensWithASharedNamespaceShareEventIDs() async throws {
        let (one, two) = (try await token("one", sharing: "backup"), try await token("two", sharing: "backup"))
        let apart = try await token("three", sharing: "monitor")
        #expect(try await send(.sample(), one) == "1")
        #expect(try await send(.sample(), two) == "R1")
        #expect(try await send(.sample(text: "other"), two) == "X1")
        #expect(try await send(.sample(text: "other"), apart) == "2")
    }

    @Test func eventsSentBeforeSharingANamespaceCountForAllItsTokens() async throws {
        let old = try await token("old")
        #expect(try await send(.sample(), old) == "1")
        let new = try await token("new", sharing: "backup")
        let name = EventNamespace.Name("backup")
        try await storage.setNamespace(name, ofToken: old.id, audit: .sample(.tokenChanged))
        try await storage.revokeToken(old.id, at: .sampleNow, audit: .sample(.tokenRevoked))
        #expect(try await send(.sample(), new) == "R1")
        #expect(try await send(.sample(text: "other"), new) == "X1")
        await #expect(throws: StoreError.notFound) {
            try await storage.setNamespace(nil, ofToken: old.id, audit: .sample(.tokenChanged))
        }
    }

    @Test func aNamespaceIsNeverMistakenForATokensOwn() {
        #expect(EventNamespace.Name("token/abc") == nil && EventNamespace.Name("") == nil && EventNamespace.Name("a b") == nil)
        #expect(EventNamespace.Name(" Backup-1.x_y\u{A0}")?.rawValue == "backup-1.x_y")
        #expect(EventNamespace.Name(String(repeating: "a", count: 61)) == nil && EventNamespace.Name("é") == nil)
    }

    @Test func similarIDsAreDifferent() async throws {
        let token = try await token("one")
        #expect(try await send(.sample(senderID: "e\u{301}"), token) == "1")
        #expect(try await send(.sample(senderID: "\u{E9}", text: "other"), token) == "2")
        #expect(try await send(.sample(senderID: "E", text: "third"), token) == "3")
        #expect(try await send(.sample(senderID: "e", text: "fourth"), token) == "4")
    }
}
