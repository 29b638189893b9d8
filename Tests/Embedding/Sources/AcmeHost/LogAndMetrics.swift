import PSACore
import Synchronization

/// Counts requests for a metrics page, and passes one line for each event to the log of the host.
final class HostLog: ConnectorLog {
    private let write: @Sendable (String) -> Void
    private let counts = Mutex<[String: Int]>([:])

    init(write: @escaping @Sendable (String) -> Void) { self.write = write }

    /// The metrics in Prometheus's format.
    var metrics: String {
        counts.withLock { $0.sorted { $0.key < $1.key }.map { "psa_requests_total{outcome=\"\($0.key)\"} \($0.value)" } }
            .joined(separator: "\n")
    }

    func record(_ event: ConnectorEvent) {
        write(event.description)
        switch event.kind {
        case .answered(_, let status, _, _): counts.withLock { $0[String(status), default: 0] += 1 }
        case .unanswered(_, let kind, _): counts.withLock { $0[kind.rawValue, default: 0] += 1 }
        default: break
        }
    }
}
