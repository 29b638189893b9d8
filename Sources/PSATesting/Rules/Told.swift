import PSACore
import Synchronization

/// The checks a connection test told of, in order.
final class Told: Sendable {
    private let kept = Mutex<[ConnectionCheck.Subject]>([])

    var subjects: [ConnectionCheck.Subject] { kept.withLock { $0 } }

    func append(_ subject: ConnectionCheck.Subject) { kept.withLock { $0.append(subject) } }
}
