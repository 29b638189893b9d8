package import PSAEngine
package import PostgreSQL
import SQL

/// Wakes the processes that share a database, by its notifications.
package struct PostgreSQLWakeupChannel: WakeupChannel {
    private let pool: PostgreSQLPool

    /// Sends and receives over a pool.
    package init(_ pool: PostgreSQLPool) { self.pool = pool }

    /// As ``WakeupChannel/send(_:)``; a message that can't be sent is no fault.
    package func send(_ topic: WakeupTopic) {
        let pool = pool
        Task { try? await pool.write(.rows([])) { try ($0 as? PostgreSQLDatabase)?.notify(topic.rawValue) } }
    }

    /// As ``WakeupChannel/topics()``; after the connection was lost, every topic comes.
    package func topics() -> AsyncStream<WakeupTopic> {
        let notifications = pool.notifications()
        let (stream, continuation) = AsyncStream<WakeupTopic>.makeStream(bufferingPolicy: .bufferingNewest(16))
        let forwarding = Task {
            for await notification in notifications {
                switch notification {
                case .payload(let topic): continuation.yield(WakeupTopic(rawValue: topic))
                case .mayHaveMissed:
                    continuation.yield(.jobs)
                    continuation.yield(.sync)
                }
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in forwarding.cancel() }
        return stream
    }
}
