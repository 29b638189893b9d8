import FoundationEssentials
import PSACore
import PSAEngine

/// Tests saved connections again from time to time, so that a revoked secret or a removed ticket type is seen before it is needed.
struct ConnectionSchedule: Sendable {
    let service: ConnectionService
    /// How old a result may get.
    let interval: Duration

    /// Runs until its task is cancelled.
    func run() async {
        while !Task.isCancelled {
            await checkThoseDue()
            guard (try? await service.context.time.sleep(min(interval, .seconds(300)))) != nil else { return }
        }
    }

    /// Tests each connection whose last result is older than the interval, one after the other.
    func checkThoseDue() async {
        let now = service.context.time.now()
        guard let connections = try? await service.storage.connections() else { return }
        for connection in connections where now.timeIntervalSince(connection.status?.checkedAt ?? .distantPast) >= interval.seconds {
            guard !Task.isCancelled else { return }
            let audit = AuditEntry(
                at: now, actor: .system, action: .connectionChecked, target: connection.name, outcome: .done, detail: "",
                correlationID: CorrelationID().rawValue)
            // What can't be tested now, because the storage is out of order, is due at the next round again.
            _ = try? await service.test(try service.draft(of: connection), audit: audit)
        }
    }
}
