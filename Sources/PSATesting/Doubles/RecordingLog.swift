public import PSACore
import Synchronization

/// Keeps the events it received, as text.
public final class RecordingLog: ConnectorLog {
    private let recorded = Mutex<[String]>([])

    /// Makes an empty log.
    public init() {}

    /// The events so far.
    public var lines: [String] { recorded.withLock { $0 } }

    /// Keeps the event's text.
    public func record(_ event: ConnectorEvent) { recorded.withLock { $0.append(event.description) } }
}
