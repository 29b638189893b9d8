import Foundation
import HaloSimulator
import PSACore

extension TortureLane {
    private func start(_ stage: PreparedData.Stage) async throws -> HostProcess {
        guard let host = try await HostProcess.start(binary, folder: stage.folder, crash: "none:0", sharing: stage.sharing) else {
            throw HostClient.Unexpected(description: "\(binary) did not start on \(stage.folder)")
        }
        return host
    }

    /// Copies the folder while events wait, lets the host finish, puts the copy back and starts the host again.
    func runRestore(_ plan: TorturePlan, _ stage: PreparedData.Stage, _ result: inout TortureResult) async throws {
        let files = FileManager.default
        let data = stage.folder
        let backup = data + ".backup"
        var host = try await start(stage)
        for event in plan.events { try await send(event) { host.origin } }
        _ = await wait(plan.faultTime)
        // As in a snapshot of a running machine: all files at one point in time.
        host.suspend(true)
        try files.copyItem(atPath: data, toPath: backup)
        host.suspend(false)
        try await simulator.set(plan.lastingFaults)
        result.isComplete = try await complete(plan.events, stage, within: .seconds(plan.timeout))
        host.kill()
        await host.ended()
        try files.removeItem(atPath: data)
        try files.moveItem(atPath: backup, toPath: data)
        host = try await start(stage)
        result.deaths = 1
        let isCompleteAgain = try await complete(plan.events, stage, within: .seconds(plan.timeout))
        result.isComplete = result.isComplete && isCompleteAgain
        // Whatever it would still send.
        _ = await wait(200)
        try await host.stop()
    }

    /// Starts the host with a key that opens nothing: nothing is sent, and it says why; with the right key everything goes out.
    func runWrongKey(_ plan: TorturePlan, _ stage: PreparedData.Stage, _ result: inout TortureResult) async throws {
        let path = stage.folder + "/vectis.key"
        let right = try String(contentsOfFile: path, encoding: .utf8)
        let wrong = right.split(separator: "\n").map { line in
            line.hasPrefix("#") ? String(line) : Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
        }
        try Self.replace(path, with: wrong.joined(separator: "\n") + "\n")
        var host = try await start(stage)
        for event in plan.events { try await send(event) { host.origin } }
        _ = await wait(2_000)
        let writes = await simulator.writes().count
        if writes > 0 { result.complaints.append("\(writes) writes with a wrong key") }
        let ledger = try await stage.ledger.open()
        let issues = try await ledger.openIssues()
        let reasons = try await ledger.entries().filter(\.isOpen).map(\.reason)
        await ledger.close()
        if issues.isEmpty, reasons.allSatisfy(\.isEmpty) { result.complaints.append("with a wrong key nothing says why the events wait") }
        try await host.stop()
        try Self.replace(path, with: right)
        host = try await start(stage)
        result.isComplete = try await complete(plan.events, stage, within: .seconds(plan.timeout))
        try await host.stop()
    }

    /// Changes the ticket of the first event, and sends the others one after the other.
    func runChanged(
        _ plan: TorturePlan, _ change: HaloSimulator.TicketChange, _ stage: PreparedData.Stage, _ result: inout TortureResult
    ) async throws {
        let host = try await start(stage)
        for (index, event) in plan.events.enumerated() {
            try await send(event) { host.origin }
            let isComplete = try await complete([event], stage, within: .seconds(plan.timeout))
            result.isComplete = result.isComplete && isComplete
            guard index == 0, let ticket = await simulator.writes().first?.ticketID else { continue }
            await simulator.server.simulator.change(ticket: ticket, change)
        }
        try await host.stop()
    }

    private static func replace(_ path: String, with text: String) throws {
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }
}
