import Synchronization

/// Counts the rows a list had to leave out, across its pages.
final class UnreadableCount: Sendable {
    private let total = Mutex(0)

    /// How many there were.
    var count: Int { total.withLock { $0 } }

    /// Counts some more.
    func add(_ rows: Int) { total.withLock { $0 += rows } }
}
