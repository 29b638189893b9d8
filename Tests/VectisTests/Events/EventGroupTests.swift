import FoundationEssentials
import PSACore
import PSATesting
import SQL
import SQLite
import Synchronization
import Testing
import WebServer
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage

@Suite("Events that are accepted together", .timeLimit(.minutes(1))) struct EventGroupTests {
    private let folder: TemporaryFolder
    /// What two processes have of one file.
    private let (storage, other): (DatabaseStorage, DatabaseStorage)
    private let connection = StoredConnection.sample()

    init() async throws {
        folder = try TemporaryFolder()
        storage = try await DatabaseStorage.open(folder.file("vectis.db"))
        other = try await DatabaseStorage.open(folder.file("vectis.db"))
        try await storage.add(connection, audit: .sample())
    }

    private func rule(_ mode: Rule.Mode = .active, types: [String] = []) -> Rule {
        .sample(.sample(connection: connection.id, eventTypes: types), mode: mode)
    }

    private func service(_ storage: DatabaseStorage) -> EventService {
        EventService(storage: storage, time: ManualClock(movesBySleeping: false).source, wake: {}) { _ in }
    }

    private func token(_ storage: DatabaseStorage) async throws -> (text: String, token: APIToken) {
        let made = try APIToken.make(name: "program", at: .sampleNow)
        try await storage.add(made.token, audit: .sample(.tokenCreated))
        return (made.text.reveal(), made.token)
    }

    @Test func manyEventsAtOnceAreEachStoredOnceAndDecidedAlone() async throws {
        try await storage.add(rule(), audit: .sample())
        let events = service(storage)
        let (_, token) = try await token(storage)
        // Each id is sent three times at once: two times with one content and once with another.
        let outcomes = await withTaskGroup(of: (id: Int, outcome: String).self) { group in
            for id in 0..<40 {
                for text in ["same", "same", "other"] {
                    group.addTask {
                        do {
                            let acceptance = try await events.accept(.sample(senderID: "\(id)", text: text), from: token)
                            return (id, acceptance.isRepeat ? "repeat" : "new \(text)")
                        } catch is OtherContent {
                            return (id, "conflict")
                        } catch {
                            return (id, "\(error)")
                        }
                    }
                }
            }
            return await group.reduce(into: [Int: [String]]()) { $0[$1.id, default: []].append($1.outcome) }
        }
        for (_, outcome) in outcomes {
            let expected =
                outcome.contains("new same") ? ["conflict", "new same", "repeat"] : ["conflict", "conflict", "new other"]
            #expect(outcome.sorted() == expected)
        }
        #expect(try await storage.events(before: nil, limit: 1_000).count == 40)
        #expect(try await storage.queue.read { try $0.first("SELECT COUNT(*) AS n FROM job")?.integer("n") } == 40)
    }

    @Test func aDecisionUsesTheRulesThatAnotherProcessHasStored() async throws {
        let (here, there) = (service(storage), service(other))
        var number = 0
        func jobs(_ service: EventService, _ type: String = "backup.failed") async throws -> Int {
            number += 1
            return try await service.accept(.sample(senderID: "\(number)", type: type, receivedAt: .sampleNow)).jobs
        }
        #expect(try await jobs(here) == 0)
        var first = rule(.dryRun)
        try await other.add(first, audit: .sample())
        #expect(try await jobs(here) == 1)
        let second = rule(.dryRun, types: ["disk.full"])
        try await other.add(second, audit: .sample())
        #expect(try await jobs(here, "disk.full") == 2)
        #expect(try await jobs(there, "disk.full") == 2)
        (first.mode, first.revision) = (.off, 2)
        try await storage.replace(first, audit: .sample())
        #expect(try await jobs(there, "disk.full") == 1)
        #expect(try await jobs(here, "disk.full") == 1)
        try await other.removeRule(second.id, audit: .sample())
        #expect(try await jobs(here, "disk.full") == 0)
        #expect(try await jobs(there, "disk.full") == 0)
    }

    /// What one transaction reads of the rules, through the cache and without it.
    private static func comparison(_ cache: RuleCache, _ database: any Database) throws -> (cached: [Rule], stored: [Rule]) {
        (try cache.index(in: database).verdicts(on: .sample()).map(\.rule), try database.rules().filter { $0.mode != .off })
    }

    @Test(arguments: 0..<6 as Range<UInt64>) func theKeptRulesAreThoseOfTheTransactionWhateverChangesThem(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        for mode in [Rule.Mode.active, .dryRun, .active] { try await storage.add(rule(mode), audit: .sample()) }
        let changes = [
            "UPDATE rule SET pause = CASE WHEN pause IS NULL THEN 'rate_limited' END", "UPDATE rule SET mode = 'off'",
            "UPDATE rule SET mode = 'active'", "UPDATE job_source SET refused_code = 'request.rejected'",
            "UPDATE job_source SET refused_code = NULL", "DELETE FROM job_source",
            "INSERT OR REPLACE INTO job_source (id, is_enabled, refused_code) SELECT id, 1, NULL FROM rule",
            "INSERT OR REPLACE INTO job_source (id, is_enabled, refused_code) SELECT id, 1, 'ticket.field_required' FROM rule",
            "DELETE FROM rule WHERE id = (SELECT MIN(id) FROM rule)", "UPDATE rule SET name = name || 'x', revision = revision + 1",
            "INSERT OR REPLACE INTO rule SELECT * FROM rule",
        ]
        for _ in 0..<150 {
            let storage = Bool.random(using: &generator) ? storage : other
            let change = generator.pick(changes) ?? ""
            let isUndone = Bool.random(using: &generator)
            do {
                try await storage.queue.write { database in
                    try database.run(change)
                    // A transaction that reads its own change may be rolled back afterwards.
                    let rules = try Self.comparison(storage.ruleCache, database)
                    #expect(rules.cached == rules.stored)
                    if isUndone { throw StoreError.stale }
                }
            } catch StoreError.stale {}
            for storage in [self.storage, other] {
                let rules = try await storage.queue.write { try Self.comparison(storage.ruleCache, $0) }
                #expect(rules.cached == rules.stored, "after \(change)")
            }
        }
    }

    @Test func aTokenThatAnotherProcessRevokedSendsNothing() async throws {
        let events = service(storage)
        let (text, token) = try await token(storage)
        #expect(try await events.token(text)?.id == token.id)
        #expect(try await events.accept(.sample(), from: token).isRepeat == false)
        try await other.revokeToken(token.id, at: .sampleNow, audit: .sample(.tokenRevoked))
        await #expect(throws: UnknownToken.self) { try await events.accept(.sample(senderID: "2"), from: token) }
        #expect(try await events.token(text) == nil)
        #expect(try await events.isGood(token) == false)
        #expect(try await storage.events(before: nil, limit: 10).count == 1)
    }

    @Test func theNamespaceThatAnotherProcessGaveATokenCounts() async throws {
        let events = service(storage)
        let (text, token) = try await token(storage)
        _ = try #require(try await events.token(text))
        var shared = token
        shared.sharedNamespace = EventNamespace.Name("shared")
        try await other.change(shared, audit: .sample())
        _ = try await events.accept(.sample(), from: token)
        let namespace = try await storage.queue.read { try $0.first("SELECT namespace FROM event")?.text("namespace") }
        #expect(namespace == "name/shared")
    }

    @Test func theUseOfATokenIsNotedOnceAMinuteAlsoForARefusedEvent() async throws {
        let (_, token) = try await token(storage)
        func lastUse() async throws -> Date? { try await storage.token(digest: token.digest)?.lastUsedAt }
        func send(_ text: String, after seconds: Double) async throws {
            let event = HostEvent.sample(text: text, receivedAt: .sampleNow + seconds)
            _ = try? await storage.accept(event, from: token) { _, _, _ in [] }
        }
        try await send("one", after: 0)
        #expect(try await lastUse() == .sampleNow)
        try await send("one", after: 59)
        #expect(try await lastUse() == .sampleNow)
        try await send("another", after: 61)
        #expect(try await lastUse() == .sampleNow + 61)
    }

    @Test func theWebServerLimitsHowManyEventsWait() {
        // Each waiting event is a request on a connection of its own.
        #expect(Host.limits(isBehindTLS: false).connectionLimit == 512)
        #expect(Host.limits(isBehindTLS: true).connectionLimit == 512)
    }
}
