import PSATesting
import Synchronization

/// A value several tasks write to.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    var value: Value { mutex.withLock { $0 } }

    func update<Result: Sendable>(_ body: @Sendable (inout Value) -> Result) -> Result {
        mutex.withLock { value in body(&value) }
    }
}

/// Never returns before it is cancelled, and then throws `CancellationError`.
func waitForCancellation(whenCancelled cancelled: Signal? = nil) async throws -> Never {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    await withTaskCancellationHandler {
        for await _ in stream {}
    } onCancel: {
        continuation.finish()
    }
    cancelled?.fire()
    throw CancellationError()
}
