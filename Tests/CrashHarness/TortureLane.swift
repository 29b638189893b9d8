import Foundation
import HaloSimulator
import PSACore

/// Runs one plan after the other against a stand-in of its own.
struct TortureLane: Sendable {
    let binary: String
    let standIn: StandIn
    let prepared: PreparedData
    /// Where runs keep their data folders.
    let folder: String

    /// How long a run may take until nothing waits any more.
    private static let patience = Duration.seconds(90)

    init(binary: String, folder: String) async throws {
        self.binary = binary
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        standIn = try StandIn()
        prepared = try await PreparedData.make(folder + "/prepared", binary: binary, standIn: standIn)
    }

    /// Runs a plan from the first event to the last settled firing, and counts.
    func run(_ plan: TorturePlan) async throws -> TortureResult {
        let start = ContinuousClock.now
        let name = "\(plan.name.filter { $0.isLetter || $0.isNumber })-\(plan.number)"
        let data = folder + "/" + name
        try prepared.copy(to: data)
        await standIn.server.simulator.clearLog()
        let before = await standIn.server.simulator.ticketCount()
        try await standIn.set(plan.faults + plan.lastingFaults)
        let host = KeptHost(binary, folder: data)
        let events = (0..<plan.events).map { number in
            TortureEvent(
                id: "\(name)-\(number)", type: plan.isAppending ? PreparedData.appending : PreparedData.single,
                device: plan.isAppending ? name : "\(name)-\(number)")
        }
        let isSettled = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await host.keepRunning(crash: plan.crash) }
            do {
                async let trouble: Void = makeTrouble(plan, for: host)
                for event in events {
                    try await send(event, to: host)
                    _ = await wait(plan.pause)
                }
                if !plan.kills.isEmpty {
                    // A host that is killed when all is done must not do anything again either.
                    await trouble
                    _ = await wait(300)
                }
                let isSettled = try await settle(Set(events.map(\.id)), data, within: Self.patience)
                await host.stop()
                group.cancelAll()
                try await group.waitForAll()
                return isSettled
            } catch {
                // Whoever keeps it running waits for its end.
                await host.stop()
                throw error
            }
        }
        try await standIn.set([])
        let tickets = await standIn.server.simulator.ticketCount() - before
        var result = try await count(events, data, tickets)
        result.deaths = await host.deaths
        result.isSettled = isSettled
        result.took = ContinuousClock.now - start
        // What went well leaves nothing behind.
        if result.isGood { for suffix in ["", ".log"] { try? FileManager.default.removeItem(atPath: data + suffix) } }
        return result
    }

    /// Switches the faults off and kills the host when the plan says so.
    private func makeTrouble(_ plan: TorturePlan, for host: KeptHost) async {
        while await host.origin == nil { guard await wait(5) else { return } }
        await withDiscardingTaskGroup { group in
            for kill in plan.kills { group.addTask { if await wait(kill) { await host.kill() } } }
            // Their names were read when the run began.
            if plan.faultTime > 0 { group.addTask { if await wait(plan.faultTime) { try? await standIn.set(plan.lastingFaults) } } }
        }
    }

    /// False if the run is over meanwhile.
    private func wait(_ milliseconds: Int) async -> Bool { (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil }

    /// Sends an event until it is accepted, always under the same name.
    private func send(_ event: TortureEvent, to host: KeptHost) async throws {
        while true {
            do {
                if let origin = await host.origin, try await HostClient.send(event.json, token: prepared.token, to: origin) { return }
            } catch is TransportError {
                // The host is dead, or died of this; nobody knows whether it has the event.
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func settle(_ events: Set<String>, _ data: String, within patience: Duration) async throws -> Bool {
        let ledger = try await Ledger(data)
        defer { Task { await ledger.close() } }
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            if try await ledger.isSettled(events) { return true }
            try await Task.sleep(for: .milliseconds(25))
        }
        return false
    }

    /// Holds the history against the stand-in.
    private func count(_ events: [TortureEvent], _ data: String, _ tickets: Int) async throws -> TortureResult {
        let ledger = try await Ledger(data)
        let entries = try await ledger.entries().filter { entry in events.contains { $0.id == entry.event } }
        var result = TortureResult(events: events.count, folder: data)
        result.damages = try await ledger.damages()
        await ledger.close()
        for event in events {
            let own = entries.filter { $0.event == event.id }
            guard let entry = own.first, own.count == 1 else {
                result.complaints.append("\(event.id) has \(own.count) firings")
                continue
            }
            let writes = await standIn.writes(of: entry.marker, on: entry.ticket)
            result.writes += writes.count
            if writes.isEmpty { result.lost += 1 }
            result.doubled += max(0, writes.count - 1)
            if !["created", "appended"].contains(entry.state) || !writes.contains(entry.ticket ?? "") {
                result.complaints.append("\(event.id) is \(entry.state), ticket \(entry.ticket ?? "none"), in the PSA \(writes)")
            }
        }
        // A ticket without any of the markers would be one too many as well.
        let expected = entries.filter { $0.state == "created" }.count
        if tickets != expected { result.complaints.append("\(tickets) new tickets in the PSA, \(expected) in the history") }
        result.lookedFor = await standIn.searched().intersection(entries.map(\.marker)).count
        return result
    }
}
