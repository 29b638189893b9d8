import Foundation
import HaloSimulator
import PSACore
import PostgreSQLServer
import Synchronization

/// Kills hosts at every step of their writes and holds what they say against what the PSA has.
public struct Torture: Sendable {
    /// How much is done.
    public struct Amount: Sendable {
        /// Runs for each step of a write.
        public var perStep: Int
        /// Runs for each fault of the simulator.
        public var perFault: Int
        /// Runs in which the host is killed from outside, with and without lost answers.
        public var kills: Int
        /// Runs of each other kind: answers, texts, clocks, customers, poison, tokens, backups, keys, changed tickets.
        public var perKind: Int
        /// What is tried once in each of its forms.
        public var sweep: Sweep

        /// States an amount, by default nothing.
        public init(perStep: Int = 0, perFault: Int = 0, kills: Int = 0, perKind: Int = 0, sweep: Sweep = .none) {
            self.perStep = perStep
            self.perFault = perFault
            self.kills = kills
            self.perKind = perKind
            self.sweep = sweep
        }
    }

    /// What is tried once in each of its forms, after everything else.
    public enum Sweep: Sendable {
        case none
        /// The representative statuses of each class.
        case sample
        /// Every status from 100 to 999, every change of a subject, every clock.
        case everything
    }

    private let binary: String
    private let folder: String
    private let lanes: Int
    private let plans: [TorturePlan]
    private let store: TortureStore

    /// Plans a torture.
    ///
    /// - Parameters:
    ///   - binary: The program `vectis`.
    ///   - folder: A folder that need not be there yet; what went wrong is left in it.
    ///   - amount: How much is done.
    ///   - seed: The same seed plans the same.
    ///   - lanes: How many runs go on at the same time.
    public init(binary: String, folder: String, amount: Amount, seed: UInt64, lanes: Int) {
        self.binary = binary
        self.folder = folder
        self.lanes = lanes
        plans = TorturePlan.all(amount, seed: seed)
        store = .sqlite
    }

    /// Runs these plans alone; on a server those that change no files.
    init(binary: String, folder: String, plans: [TorturePlan], store: TortureStore = .sqlite, lanes: Int) {
        self.binary = binary
        self.folder = folder
        self.lanes = lanes
        self.plans = store == .sqlite ? plans : plans.filter { !$0.changesFiles }
        self.store = store
    }

    /// Runs everything and reports the progress every two seconds.
    ///
    /// - Parameter onProgress: Called with the progress every two seconds.
    /// - Returns: The results.
    /// - Throws: Errors of a run itself, such as a program that does not start.
    public func run(_ onProgress: @escaping @Sendable (String) -> Void = { _ in }) async throws -> TortureReport {
        let queue = Queue(plans)
        let server = store == .sqlite ? nil : try PostgreSQLServer()
        let teller = Task {
            while (try? await Task.sleep(for: .seconds(2))) != nil { onProgress(queue.progress) }
        }
        defer { teller.cancel() }
        try await withThrowingTaskGroup { group in
            for number in 0..<lanes {
                group.addTask {
                    let lane = try await TortureLane(binary: binary, folder: folder + "/lane-\(number)", server: server)
                    while let plan = queue.next() { queue.finish(plan, try await lane.run(plan)) }
                    await lane.simulator.server.stop()
                }
            }
            try await group.waitForAll()
        }
        // Its end is that of the server.
        withExtendedLifetime(server) {}
        return queue.report
    }

    /// What is still to be run, and what came of the rest.
    private final class Queue: Sendable {
        private let state: Mutex<(plans: ArraySlice<TorturePlan>, report: TortureReport)>
        private let count: Int

        init(_ plans: [TorturePlan]) {
            count = plans.count
            state = Mutex((plans[...], TortureReport()))
        }

        var report: TortureReport { state.withLock { $0.report } }

        func next() -> TorturePlan? { state.withLock { $0.plans.popFirst() } }

        func finish(_ plan: TorturePlan, _ result: TortureResult) { state.withLock { $0.report.add(result, of: plan) } }

        var progress: String {
            let sum = report.sum
            return
                "\(sum.runs) of \(count) runs, \(sum.events) events, \(sum.lost) lost, \(sum.duplicated) duplicated, \(sum.misfiled) misfiled"
        }
    }
}
