import Foundation
import PSACore
import PSATesting
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// The durability contract of the shipped program: acknowledged changes are stored, and no change is partial.
@Suite("kill -9")
struct KillTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// How often the host is killed; `KILL_ROUNDS=100` asks for all hundred.
    ///
    /// A round takes a third of a second on a machine that does nothing else, most of it the start of a debug build.
    private static let rounds = environment["KILL_ROUNDS"].flatMap { Int($0) } ?? 20
    /// Draws who does what and after how many answers the host dies; `KILL_SEED` chooses another course.
    private static let seed = environment["KILL_SEED"].flatMap { UInt64($0) } ?? 9
    private static let browsers = 6

    @Test func aKilledHostLosesNoAcknowledgedChange() async throws {
        let folder = try TemporaryFolder()
        var generator = SeededGenerator(seed: Self.seed)
        var audit = DataFolderAudit()
        var connections: [StoredConnection] = []
        var browser: SignedInBrowser?
        let start = ContinuousClock.now
        for round in 0..<Self.rounds {
            let host = try await ServedHost.start(in: folder)
            if let password = host.firstPassword { browser = try await SignedInBrowser(host, name: "admin", password: password) }
            let actions = try await work(
                round, host, try #require(browser, "only the first start makes an account"), connections, &generator)
            #expect(host.wasKilled)
            connections = try await audit.check(folder, after: actions)
        }
        for name in ["data/vectis.db", "data/vectis.db-wal", "log"] {
            let isShown = Data(folder.bytes(name)).range(of: Data(RevisionMarker.secretPrefix.utf8)) != nil
            #expect(!isShown, "\(name)")
        }
        #expect(audit.answered >= Self.rounds)
        print(
            "kill -9: \(Self.rounds) rounds in \(ContinuousClock.now - start), \(audit.answered) changes answered;",
            "of those without an answer \(audit.unanswered.done) were done, \(audit.unanswered.undone) were not")
    }

    /// Starts the browsers, kills the host while they work, and returns their actions.
    private func work(
        _ round: Int, _ host: ServedHost, _ browser: SignedInBrowser, _ connections: [StoredConnection], _ generator: inout SeededGenerator
    ) async throws -> [ClientAction] {
        let answers = AnswerCount(until: Int.random(in: 1...40, using: &generator))
        let wait = Int.random(in: 0...4_000, using: &generator)
        let workers = (0..<Self.browsers).map { number in
            LoadClient(
                browser: browser, host: host, prefix: "r\(round)b\(number)", answers: answers,
                own: connections.enumerated().filter { $0.offset % Self.browsers == number }.map(\.element),
                generator: SeededGenerator(seed: generator.next()))
        }
        return try await withThrowingTaskGroup(of: [ClientAction].self) { group in
            for var worker in workers { group.addTask { try await worker.run() } }
            group.addTask {
                await answers.reached()
                // Only to vary the time of the kill; nothing depends on the actual duration.
                try await Task.sleep(for: .microseconds(wait))
                await host.kill()
                return []
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }
}
