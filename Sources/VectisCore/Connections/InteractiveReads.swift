package import PSACore
package import PSAEngine

/// Keeps for a short time what pages and API routes have read from PSAs, and reads the same only once at a time.
///
/// Only reads on behalf of a person use it: a form that is reloaded, or a program that asks again and again, costs the tenant's rate limit
/// nothing. A changed connection is another one. A failure is not kept.
package actor InteractiveReads {
    /// How long a list is kept.
    package static let lifetime: Duration = .seconds(15)
    /// How many lists are kept.
    package static let maxCount = 64

    private struct Entry {
        let number: Int
        let task: Task<any Sendable, any Error>
        let since: MonotonicInstant
    }

    private let time: TimeSource
    private var entries: [String: Entry] = [:]
    private var lastNumber = 0

    /// Creates an empty cache.
    package init(time: TimeSource) { self.time = time }

    /// The value of a read, kept or new.
    ///
    /// - Parameters:
    ///   - name: What is read, with everything that it depends on.
    ///   - connection: Where it is read.
    ///   - isWhole: Whether a value is kept; one that lacks something for a failure is not.
    ///   - read: Reads it; it goes on for others when the caller is cancelled.
    /// - Returns: The value.
    /// - Throws: What reading throws.
    package func value<Value: Sendable>(
        _ name: String, of connection: StoredConnection, keptIf isWhole: @Sendable (Value) -> Bool = { _ in true },
        _ read: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard RequestOwner.current != nil else { return try await read() }
        let now = time.instant()
        entries = entries.filter { now - $0.value.since < Self.lifetime }
        let key = "\(connection.id)/\(connection.revision)/\(name)"
        if let entry = entries[key], let value = try await entry.task.value as? Value { return value }
        if entries.count >= Self.maxCount, let oldest = entries.min(by: { $0.value.number < $1.value.number }) { entries[oldest.key] = nil }
        lastNumber += 1
        let entry = Entry(number: lastNumber, task: Task { try await read() }, since: now)
        entries[key] = entry
        do {
            let value = try await entry.task.value
            guard let value = value as? Value else { return try await read() }
            if !isWhole(value), entries[key]?.number == entry.number { entries[key] = nil }
            return value
        } catch {
            if entries[key]?.number == entry.number { entries[key] = nil }
            throw error
        }
    }
}
