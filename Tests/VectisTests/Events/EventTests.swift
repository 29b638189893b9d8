import FoundationEssentials
import PSACore
import SQL
import SQLite
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Repeated events")
struct EventRepeatTests {
    private let storage: DatabaseStorage

    init() async throws { storage = try await DatabaseStorage.empty() }

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
        var shared = old
        shared.sharedNamespace = EventNamespace.Name("backup")
        try await storage.change(shared, audit: .sample(.tokenChanged))
        try await storage.revokeToken(old.id, at: .sampleNow, audit: .sample(.tokenRevoked))
        #expect(try await send(.sample(), new) == "R1")
        #expect(try await send(.sample(text: "other"), new) == "X1")
        await #expect(throws: StoreError.notFound) {
            try await storage.change(old, audit: .sample(.tokenChanged))
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

@Suite("Company ids in events")
struct CompanyIDTextTests {
    @Test(
        "a whole number is an id, as JSON number and as string",
        arguments: ["0", "1", "3", "42", "-1", "2147483648", "99999999999", "9007199254740991", "-9007199254740991"])
    func numbers(text: String) {
        #expect(CompanyIDText.id(number: text) == text && CompanyIDText.id(text: text) == text)
    }

    @Test(
        "another JSON number is no id, and another text is one",
        arguments: [
            "-0", "00", "007", "+1", "3.0", "3.", ".5", "3,0", "1e3", "3E0", "1e+2", "-1.5e-7", "1,000", "1.000.000", "1 000", "+ 1",
            "9007199254740992", "-9007199254740992", "9223372036854775808", "99999999999999999999", "\u{2212}3", "３", "٣", "1'000", "-",
            "abc", "0x1F", "3a", "12-34", "550e8400-e29b-41d4-a716-446655440000", "in progress", "NaN", "Infinity", "東京",
        ])
    func texts(text: String) {
        #expect(CompanyIDText.id(number: text) == nil)
        #expect(CompanyIDText.id(text: text) == text)
    }

    @Test(
        "invalid ids are rejected",
        arguments: ["", " a", "a\u{0}", "a\nb", "a\u{A0}b", "a\u{2028}b", "\u{7}", String(repeating: "a", count: 201)])
    func noIDs(text: String) {
        #expect(CompanyIDText.id(text: text) == nil)
    }
}

@Suite("Timestamps of events")
struct InternetTimeTests {
    @Test(
        "a valid timestamp is read to the millisecond",
        arguments: [
            ("2026-11-24T03:00:00Z", 1_795_489_200.0), ("2026-11-24t03:00:00z", 1_795_489_200),
            ("2026-11-24T04:30:00+01:30", 1_795_489_200),
            ("2026-11-23T22:00:00-05:00", 1_795_489_200), ("2026-11-24T03:00:00-00:00", 1_795_489_200),
            ("2026-11-24T03:00:00.5Z", 1_795_489_200.5), ("2026-11-24T03:00:00.1239Z", 1_795_489_200.123),
            ("2026-11-24T03:00:00.000000000000001Z", 1_795_489_200), ("2024-02-29T00:00:00Z", 1_709_164_800),
            ("2000-02-29T00:00:00Z", 951_782_400), ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999Z", -0.001),
            ("1900-01-01T00:00:00Z", -2_208_988_800), ("9999-12-31T23:59:59.999Z", 253_402_300_799.999),
            ("2016-12-31T23:59:60Z", 1_483_228_800), ("2016-12-31T23:59:60.25Z", 1_483_228_800.25),
            ("2017-01-01T00:59:60+01:00", 1_483_228_800), ("2015-06-30T16:59:60-07:00", 1_435_708_800),
            ("2026-01-01T00:00:00+23:59", 1_767_139_260),
        ])
    func taken(text: String, seconds: Double) throws {
        #expect(Date(storedMilliseconds: .max).storedMilliseconds == .integer(253_402_300_799_999))
        #expect(Date(storedMilliseconds: .min).storedMilliseconds == .integer(-62_135_769_600_000))
        #expect(Date(timeIntervalSince1970: .infinity).storedMilliseconds == .integer(253_402_300_799_999))
        let moment = try #require(InternetTime.timestamp(text))
        #expect(abs(moment.timeIntervalSince1970 - seconds) < 0.000_1, "\(moment.timeIntervalSince1970)")
        #expect(moment.storedMilliseconds == .integer(Int64((seconds * 1_000).rounded())))
    }

    @Test(
        "an invalid timestamp is rejected, never normalized",
        arguments: [
            "2026-02-30T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z",
            "2026-00-10T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T25:00:00Z",
            "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:60Z", "2026-03-31T23:59:60Z", "2016-12-31T23:59:60+01:00",
            "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z", "10000-01-01T00:00:00Z", "+2026-01-01T00:00:00Z",
            "-2026-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", "1900-01-01T00:00:00+01:00", "2026-01-01T00:00:00", "2026-01-01",
            "2026-01-01 00:00:00Z", "2026-01-01T00:00Z", "2026-1-1T00:00:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00,5Z",
            "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00+01", "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+00:60", "2026-01-01T00:00:00ZZ", "2026-01-01T00:00:00Z ", "1795489200", "", "now",
            "２０２６-01-01T00:00:00Z", "2026-W01-1T00:00:00Z", "2026-001T00:00:00Z", "2026-01-01T00:00:00\u{2212}01:00",
        ])
    func refused(text: String) {
        #expect(InternetTime.timestamp(text) == nil)
    }

    @Test func eachDayOfFourYearsIsThatDay() throws {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var day = 1_735_689_600.0
        for year in 2025...2028 {
            for (index, length) in lengths.enumerated() {
                let last = length + (index == 1 && year == 2028 ? 1 : 0)
                for number in 1...32 {
                    let text = "\(year)-\(index < 9 ? "0" : "")\(index + 1)-\(number < 10 ? "0" : "")\(number)T00:00:00Z"
                    #expect(InternetTime.timestamp(text)?.timeIntervalSince1970 == (number <= last ? day : nil), "\(text)")
                    if number <= last { day += 86_400 }
                }
            }
        }
    }
}
