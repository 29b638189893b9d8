/// Keeps the statements used last compiled.
///
/// A statement in use is not in it, so that the same text can run within its own loop.
struct StatementCache {
    private struct Entry {
        var statement: Statement
        var lastUse: UInt64
    }

    private let capacity: Int
    private var entries: [String: Entry] = [:]
    private var uses: UInt64 = 0

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { entries.count }

    mutating func take(_ sql: String) -> Statement? { entries.removeValue(forKey: sql)?.statement }

    mutating func giveBack(_ statement: Statement, for sql: String) {
        uses += 1
        entries[sql] = Entry(statement: statement, lastUse: uses)
        guard entries.count > capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        entries[oldest.key] = nil
    }

    mutating func removeAll() { entries = [:] }
}
