import PSACore
import Synchronization

/// The checks a test recorded about while it ran.
final class RecordedChecks: Sendable {
    private let checks = Mutex<[ConnectionCheck]>([])

    var subjects: [ConnectionCheck.Subject] { checks.withLock { $0.map(\.subject) } }

    func record(_ check: ConnectionCheck) { checks.withLock { $0.append(check) } }
}
