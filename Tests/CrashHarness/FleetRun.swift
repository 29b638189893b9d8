import Foundation
import HaloSimulator
import PSACore
import PSATesting
import PostgreSQLServer
import Synchronization
import TestSupport
import WebServer

/// One run of a ``FleetTorture``, after everything is set up.
final class FleetRun: Sendable {
    /// An event, and the tenant whose PSA gets its ticket.
    private struct Assignment: Sendable {
        let event: TortureEvent
        let tenant: Int
        let losesAnswer: Bool
    }

    /// How many senders there are, each of which waits for the answer to an event before it sends the next one.
    private static let senders = 4

    let torture: FleetTorture
    let simulators: [Simulator]
    let setup: FleetSetup
    let server: PostgreSQLServer?
    private let hosts: [RestartingHost]
    private let assignments: [Assignment]
    /// What is done after how many steps; the acceptance of an event is one, and its ticket another.
    private let disturbances: [(step: Int, what: FleetTorture.Disturbance)]
    private let accepted = Atomic(0)
    private let resent = Atomic(0)
    private let kills = Atomic(0)
    private let restarts = Atomic(0)

    init(
        torture: FleetTorture, simulators: [Simulator], setup: FleetSetup, server: PostgreSQLServer?, sharing: HostProcess.Sharing
    ) {
        let plan = torture.plan
        (self.torture, self.simulators, self.setup, self.server) = (torture, simulators, setup, server)
        hosts = (0..<torture.processes).map { RestartingHost(torture.binary, folder: torture.hostFolder($0), sharing: sharing) }
        var generator = SeededGenerator(seed: plan.seed)
        assignments = (0..<plan.events).map { index in
            // A tenth of the first 500 goes to the first tenant, which reaches its limit; more would exceed that of a connection's jobs.
            let tenant = index % 10 == 0 && index < 500 ? 0 : Int.random(in: simulators.indices, using: &generator)
            let key = "fleet-\(plan.seed).\(index)"
            return Assignment(
                event: TortureEvent(key, type: FleetSetup.type(tenant), device: "Device \(key)"), tenant: tenant,
                losesAnswer: Int.random(in: 0..<4, using: &generator) == 0)
        }
        // Between the first tenth of the work and the last.
        let steps = (2 * plan.events / 10)..<(2 * plan.events * 9 / 10)
        var planned: [(Int, FleetTorture.Disturbance)] = (0..<plan.kills).map { _ in
            (Int.random(in: steps, using: &generator), .kill(Int.random(in: 0..<torture.processes, using: &generator)))
        }
        if server != nil {
            planned += (0..<plan.restarts).map { number in (2 * plan.events * (number + 1) / (plan.restarts + 1), .restartDatabase) }
        }
        disturbances = planned.sorted { $0.0 < $1.0 }.map { (step: $0.0, what: $0.1) }
    }

    /// Sends everything, and waits until nothing waits any more.
    func run(ledger place: Ledger.Place, _ onProgress: @escaping @Sendable (String) -> Void) async throws -> FleetReport {
        for (number, simulator) in simulators.enumerated() {
            let lost = assignments.filter { $0.tenant == number && $0.losesAnswer }
            try await simulator.set(lost.map { TorturePlan.fault("create-lost-reply", of: $0.event) })
        }
        let start = ContinuousClock.now
        let isComplete = try await withThrowingTaskGroup(of: Void.self) { group in
            for host in hosts { group.addTask { try await host.keepRunning(crash: "none:0") } }
            do {
                let isComplete = try await work(place, onProgress)
                for host in hosts { await host.stop() }
                try await group.waitForAll()
                return isComplete
            } catch {
                // The tasks that keep them running wait for their end.
                for host in hosts { await host.stop() }
                throw error
            }
        }
        return try await report(place, isComplete: isComplete, took: ContinuousClock.now - start)
    }

    private func work(_ place: Ledger.Place, _ onProgress: @escaping @Sendable (String) -> Void) async throws -> Bool {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in 0..<Self.senders { group.addTask { try await self.send(every: sender) } }
            group.addTask { try await self.disturb(onProgress) }
            try await group.waitForAll()
        }
        let ledger = try await place.open()
        let deadline = ContinuousClock.now + .seconds(torture.plan.timeout)
        var isComplete = false
        do {
            while !isComplete, ContinuousClock.now < deadline {
                isComplete = try await ledger.completedCount() ?? 0 >= assignments.count
                if !isComplete { try await Task.sleep(for: .milliseconds(500)) }
            }
        } catch {
            await ledger.close()
            throw error
        }
        await ledger.close()
        return isComplete
    }

    /// Sends a share of the events, each to the hosts in turn until one accepts it.
    private func send(every sender: Int) async throws {
        for index in stride(from: sender, to: assignments.count, by: Self.senders) {
            let json = assignments[index].event.json(name: nil)
            var attempt = 0
            while true {
                do {
                    if let origin = await hosts[(index + attempt) % hosts.count].origin {
                        if attempt > 0 { resent.add(1, ordering: .relaxed) }
                        if try await HostClient.send(json, token: setup.token, to: origin) { break }
                    }
                } catch is TransportError {
                    // The host is dead, or died of this; whether it has the event is unknown.
                }
                attempt += 1
                try await Task.sleep(for: .milliseconds(20))
            }
            accepted.add(1, ordering: .relaxed)
        }
    }

    /// Kills hosts and restarts the database as the work proceeds, until all of it is disturbed as planned.
    private func disturb(_ onProgress: @Sendable (String) -> Void) async throws {
        let deadline = ContinuousClock.now + .seconds(torture.plan.timeout)
        var (remaining, rounds) = (disturbances[...], 0)
        while let next = remaining.first, ContinuousClock.now < deadline {
            var written = 0
            for simulator in simulators { written += await simulator.writes().count }
            rounds += 1
            let accepted = accepted.load(ordering: .relaxed)
            if rounds % 25 == 0 { onProgress("\(accepted) accepted, \(written) written, \(kills.load(ordering: .relaxed)) kills") }
            guard accepted + written >= next.step else {
                try await Task.sleep(for: .milliseconds(200))
                continue
            }
            switch next.what {
            case .kill(let number):
                // A host that is dead already is killed once it is back.
                while await !hosts[number].kill() { try await Task.sleep(for: .milliseconds(50)) }
                kills.add(1, ordering: .relaxed)
            case .restartDatabase:
                guard let server else { break }
                try await onOwnThread { Result { try server.stop(.immediate) } }.get()
                try await Task.sleep(for: .seconds(1))
                try await onOwnThread { Result { try server.start() } }.get()
                restarts.add(1, ordering: .relaxed)
            }
            remaining = remaining.dropFirst()
        }
    }

    /// The time since the start of the machine, by the clock with which the hosts stamp their requests.
    private func sinceStart() -> Duration {
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        return .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)
    }

    /// Compares the history with the simulators, tenant by tenant, and counts their requests.
    private func report(_ place: Ledger.Place, isComplete: Bool, took: Duration) async throws -> FleetReport {
        var report = FleetReport(plan: torture.plan, processes: torture.processes)
        var result = TortureResult(events: accepted.load(ordering: .relaxed), folder: torture.folder)
        result.isComplete = isComplete
        let ledger = try await place.open()
        let entries = try await ledger.entries()
        result.damages = try await ledger.damages()
        await ledger.close()
        for (number, simulator) in simulators.enumerated() {
            let events = assignments.filter { $0.tenant == number }.map(\.event)
            let own = entries.filter { entry in events.contains { entry.text.hasPrefix($0.mark) } }
            TortureVerdict(
                events: events, entries: own, writes: await simulator.writes(), files: await simulator.files(), orphans: [],
                believesRefusals: false
            ).judge(into: &result)
            result.searchedFor += await simulator.searched().intersection(own.map(\.reference)).count
            let (clock, now) = (ContinuousClock.now, sinceStart())
            report.add(
                await simulator.server.simulator.requestLog().map { entry in
                    (entry.headers["X-Vectis-Crash-Test-Sent"].flatMap { Int64($0) }.map { .nanoseconds($0) }, now - (clock - entry.time))
                })
        }
        result.took = took
        report.result = result
        report.kills = kills.load(ordering: .relaxed)
        report.restarts = restarts.load(ordering: .relaxed)
        report.resent = resent.load(ordering: .relaxed)
        for host in hosts {
            report.failedStarts += await host.failedStarts
            report.crashes += await host.deaths - host.failedStarts
        }
        report.crashes -= report.kills
        return report
    }
}
