import PSACore
import Synchronization

/// Keeps the events it was told, as text.
final class RecordingLog: ConnectorLog {
    private let recorded = Mutex<[String]>([])

    var lines: [String] { recorded.withLock { $0 } }

    func record(_ event: ConnectorEvent) { recorded.withLock { $0.append(event.description) } }
}
