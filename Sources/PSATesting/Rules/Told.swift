import PSACore
import Synchronization

/// The checks a connection test reported, in order.
final class RecordedChecks: Sendable {
    private let kept = Mutex<[ConnectionCheck.Subject]>([])

    var subjects: [ConnectionCheck.Subject] { kept.withLock { $0 } }

    func append(_ subject: ConnectionCheck.Subject) { kept.withLock { $0.append(subject) } }
}
