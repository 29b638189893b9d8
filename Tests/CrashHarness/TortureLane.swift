import Foundation
import HaloSimulator
import PSACore
import PostgreSQLServer

/// Runs plans sequentially against its own simulator.
struct TortureLane: Sendable {
    let binary: String
    let simulator: Simulator
    let prepared: PreparedData
    /// Where runs keep their data folders.
    let folder: String
    /// For how many seconds longer than its plan says a run may take: a lease of a host that was killed must end first.
    private let leaseSeconds: Int

    init(binary: String, folder: String, server: PostgreSQLServer?) async throws {
        self.binary = binary
        self.folder = folder
        leaseSeconds = server == nil ? 0 : 60
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        simulator = try Simulator()
        prepared = try await PreparedData.make(folder + "/prepared", on: server, binary: binary, simulator: simulator)
    }

    /// Runs a plan from the first event to the last completed job, and counts.
    func run(_ plan: TorturePlan) async throws -> TortureResult {
        let start = ContinuousClock.now
        let data = folder + "/" + plan.label
        let stage = try await prepared.copy(to: data)
        try await simulator.set(plan.faults + plan.lastingFaults)
        var result = TortureResult(events: plan.events.count, folder: data)
        switch plan.scenario {
        case .plain: try await runKept(plan, stage, &result)
        case .restore: try await runRestore(plan, stage, &result)
        case .wrongKey: try await runWrongKey(plan, stage, &result)
        case .changed(let change): try await runChanged(plan, change, stage, &result)
        }
        try await count(plan, stage, &result)
        try await simulator.set([])
        await simulator.clear()
        result.took = ContinuousClock.now - start
        // What went well leaves nothing behind.
        if result.isGood {
            for suffix in ["", ".log"] { try? FileManager.default.removeItem(atPath: data + suffix) }
            try await prepared.drop(stage)
        }
        return result
    }

    /// Sends all events to a host that is started again each time it dies.
    private func runKept(_ plan: TorturePlan, _ stage: PreparedData.Stage, _ result: inout TortureResult) async throws {
        let host = RestartingHost(binary, folder: stage.folder, sharing: stage.sharing)
        result.isComplete = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await host.keepRunning(crash: plan.crash) }
            do {
                async let faults: Void = injectFaults(plan, for: host)
                try await sendAll(plan, to: host)
                if !plan.kills.isEmpty {
                    // A host that is killed when all is done must not do anything again either.
                    await faults
                    _ = await wait(300)
                }
                let isComplete = try await complete(plan.events, stage, within: .seconds(plan.timeout))
                await host.stop()
                group.cancelAll()
                try await group.waitForAll()
                return isComplete
            } catch {
                // The task that keeps it running waits for its end.
                await host.stop()
                throw error
            }
        }
        result.deaths = await host.deaths
    }

    private func sendAll(_ plan: TorturePlan, to host: RestartingHost) async throws {
        guard plan.isAtOnce else {
            for event in plan.events {
                try await send(event) { await host.origin }
                _ = await wait(plan.pause)
            }
            return
        }
        while await host.origin == nil { _ = await wait(5) }
        try await withThrowingTaskGroup { group in
            for event in plan.events { group.addTask { try await send(event) { await host.origin } } }
            try await group.waitForAll()
        }
    }

    /// Switches the faults off and kills the host when the plan says so.
    private func injectFaults(_ plan: TorturePlan, for host: RestartingHost) async {
        while await host.origin == nil { guard await wait(5) else { return } }
        await withDiscardingTaskGroup { group in
            for kill in plan.kills { group.addTask { if await wait(kill) { await host.kill() } } }
            // Their names were read when the run began.
            if plan.faultTime > 0 { group.addTask { if await wait(plan.faultTime) { try? await simulator.set(plan.lastingFaults) } } }
        }
    }

    /// False if the run is over meanwhile.
    func wait(_ milliseconds: Int) async -> Bool { (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil }

    /// Sends an event until it is accepted, always under the same name.
    func send(_ event: TortureEvent, to origin: () async -> ServiceURL?) async throws {
        let json = event.json(name: await simulator.name(event.client))
        while true {
            do {
                if let origin = await origin(), try await HostClient.send(json, token: prepared.tokens[event.token], to: origin) {
                    return
                }
            } catch is TransportError {
                // The host is dead, or died of this; whether it has the event is unknown.
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Waits until nothing of these events waits any more; false if it takes too long.
    func complete(_ events: [TortureEvent], _ stage: PreparedData.Stage, within timeout: Duration) async throws -> Bool {
        let ledger = try await stage.ledger.open()
        let deadline = ContinuousClock.now + timeout + .seconds(leaseSeconds)
        var isComplete = false
        do {
            while !isComplete, ContinuousClock.now < deadline {
                isComplete = try await ledger.isComplete(events)
                if !isComplete { try await Task.sleep(for: .milliseconds(25)) }
            }
        } catch {
            await ledger.close()
            throw error
        }
        // At once: the last one to close a database removes files by their names, and the folder may be another by then.
        await ledger.close()
        return isComplete
    }

    /// Compares the history with the simulator.
    private func count(_ plan: TorturePlan, _ stage: PreparedData.Stage, _ result: inout TortureResult) async throws {
        let ledger = try await stage.ledger.open()
        let own = try await ledger.entries().filter { entry in plan.events.contains { entry.text.hasPrefix($0.mark) } }
        result.damages = try await ledger.damages()
        let orphans = try await ledger.orphanedFiles()
        await ledger.close()
        TortureVerdict(
            events: plan.events, entries: own, writes: await simulator.writes(), files: await simulator.files(), orphans: orphans,
            believesRefusals: plan.believesRefusals
        ).judge(into: &result)
        result.searchedFor = await simulator.searched().intersection(own.map(\.reference)).count
    }
}
