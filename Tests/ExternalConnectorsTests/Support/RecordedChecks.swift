import PSACore
import Synchronization

/// The checks a test told about while it ran.
final class RecordedChecks: Sendable {
    private let kept = Mutex<[ConnectionCheck]>([])

    var subjects: [ConnectionCheck.Subject] { kept.withLock { $0.map(\.subject) } }

    func note(_ check: ConnectionCheck) { kept.withLock { $0.append(check) } }
}
