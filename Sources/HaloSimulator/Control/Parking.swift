import Synchronization

/// Where requests wait that are never to be answered: until they are cancelled or everybody is let go.
final class Parking: Sendable {
    private let waiting = Mutex<[Int: Task<Void, Never>]>([:])
    private let next = Atomic<Int>(0)

    /// How many wait at this moment.
    var count: Int { waiting.withLock { $0.count } }

    func wait() async {
        let number = next.wrappingAdd(1, ordering: .relaxed).newValue
        let sleeper = Task { _ = try? await Task.sleep(for: .seconds(86_400)) }
        waiting.withLock { $0[number] = sleeper }
        await withTaskCancellationHandler {
            await sleeper.value
        } onCancel: {
            sleeper.cancel()
        }
        waiting.withLock { $0[number] = nil }
    }

    func open() {
        for sleeper in waiting.withLock({ Array($0.values) }) { sleeper.cancel() }
    }
}
