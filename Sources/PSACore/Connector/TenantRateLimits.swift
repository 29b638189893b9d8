import Synchronization

/// What connections to the same tenant share: its request budget, and the rule that some writes happen one at a time.
///
/// It works within one process. Several host processes that share a tenant need the same through their storage.
public final class TenantRateLimits: Sendable {
    private let paceOverride: RateLimit??
    private let budgets = Mutex<[String: RateLimiter]>([:])
    private let gates = Mutex<[String: AsyncSerialQueue]>([:])

    /// Makes a coordinator in which each connector's own pace holds.
    public init() { paceOverride = nil }

    /// Makes a coordinator that sets one pace for all tenants; nil lifts the limit, for tests and simulators.
    public init(pace: RateLimit?) { paceOverride = .some(pace) }

    /// The budget of a tenant; the latest to ask sets its pace, and nil means a vendor that sets none.
    public func budget(for tenant: String, pace: RateLimit?, time: TimeSource) -> RateLimiter {
        budgets.withLock { budgets in
            if let budget = budgets[tenant] {
                budget.setRateLimit(paceOverride ?? pace)
                return budget
            }
            let budget = RateLimiter(rateLimit: paceOverride ?? pace, time: time)
            budgets[tenant] = budget
            return budget
        }
    }

    /// The gate behind which a tenant's writes of one kind pass one at a time.
    public func gate(for tenant: String) -> AsyncSerialQueue {
        gates.withLock { gates in
            if let gate = gates[tenant] { return gate }
            let gate = AsyncSerialQueue()
            gates[tenant] = gate
            return gate
        }
    }
}

/// Lets one piece of work through at a time, in the order of arrival.
public actor AsyncSerialQueue {
    private var isBusy = false
    private var waiting: [(id: UInt64, continuation: CheckedContinuation<Void, any Error>)] = []
    private var nextID: UInt64 = 0

    /// Makes an open gate.
    public init() {}

    /// Runs the work when its turn has come.
    ///
    /// - Throws: What the work throws, or `CancellationError` if the task was cancelled while waiting.
    public func pass<Value: Sendable>(_ work: @Sendable () async throws -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        return try await work()
    }

    private func enter() async throws {
        try Task.checkCancellation()
        guard isBusy else {
            isBusy = true
            return
        }
        let id = nextID
        nextID += 1
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    waiting.append((id, continuation))
                }
            }
        } onCancel: {
            Task { await self.giveUp(id) }
        }
    }

    private func leave() {
        guard !waiting.isEmpty else {
            isBusy = false
            return
        }
        waiting.removeFirst().continuation.resume()
    }

    private func giveUp(_ id: UInt64) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting.remove(at: index).continuation.resume(throwing: CancellationError())
    }
}
