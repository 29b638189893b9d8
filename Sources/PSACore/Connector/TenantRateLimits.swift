import Synchronization

/// What connections to the same tenant share: its request budget, and the rule that some writes happen one at a time.
///
/// It works within one process, and the process needs one only: two of them give a tenant twice its budget. ``ConnectorContext`` takes ``process``
/// unless it is given another one. Processes that share tenants pass the store that they share: then the requests of all of them together stay
/// within each limit, and one process at a time passes a gate.
public final class TenantRateLimits: Sendable {
    /// How long a killed process keeps others out of a gate: twice the time limit of a request, so that one that has begun is over by then.
    package static let gateLease = Duration.seconds(120)

    private let paceOverride: RateLimit??
    private let shared: (any SharedTenantStore)?
    private let time: TimeSource
    /// How long a killed process keeps others out of a gate.
    private let gateLease: Duration
    /// This process, for its leases.
    private let holder = CorrelationID().rawValue
    private let budgets = Mutex<[String: RateLimiter]>([:])
    private let gates = Mutex<[String: AsyncSerialQueue]>([:])

    /// The owner of the limits of all tenants that this process works with; each connector's own pace holds.
    public static let process = TenantRateLimits()

    /// Makes a coordinator in which each connector's own pace holds.
    public convenience init() { self.init(override: nil, shared: nil, time: .system) }

    /// Makes a coordinator that sets one pace for all tenants; nil lifts the limit, for tests and simulators.
    ///
    /// - Parameters:
    ///   - pace: The pace.
    ///   - shared: What the process shares with others; nil if it is alone.
    ///   - time: The clocks.
    public convenience init(pace: RateLimit?, shared: (any SharedTenantStore)? = nil, time: TimeSource = .system) {
        self.init(override: .some(pace), shared: shared, time: time)
    }

    /// Makes a coordinator of a process that shares its tenants with others; each connector's own pace holds.
    ///
    /// - Parameters:
    ///   - shared: What the processes share.
    ///   - time: The clocks.
    public convenience init(shared: any SharedTenantStore, time: TimeSource = .system) {
        self.init(override: nil, shared: shared, time: time)
    }

    /// Makes a coordinator with all of its settings.
    ///
    /// - Parameters:
    ///   - override: The pace of all tenants; nil for each connector's own.
    ///   - shared: What the process shares with others; nil if it is alone.
    ///   - time: The clocks.
    ///   - gateLease: How long a killed process keeps others out of a gate; a test of killed processes shortens it.
    package init(
        override: RateLimit??, shared: (any SharedTenantStore)?, time: TimeSource, gateLease: Duration = TenantRateLimits.gateLease
    ) {
        paceOverride = override
        self.shared = shared
        self.time = time
        self.gateLease = gateLease
    }

    /// The budget of a tenant; the latest to ask sets its pace, and nil means a vendor that sets none.
    public func budget(for tenant: String, pace: RateLimit?, time: TimeSource) -> RateLimiter {
        Self.observer?.note(tenant)
        return budgets.withLock { budgets in
            if let budget = budgets[tenant] {
                budget.setRateLimit(paceOverride ?? pace)
                return budget
            }
            let budget = RateLimiter(
                rateLimit: paceOverride ?? pace, time: time, shared: shared.map { SharedTenant(store: $0, name: tenant) })
            budgets[tenant] = budget
            return budget
        }
    }

    /// The gate behind which a tenant's writes of one kind pass one at a time.
    public func gate(for tenant: String) -> AsyncSerialQueue {
        gates.withLock { gates in
            if let gate = gates[tenant] { return gate }
            let lease = shared.map { SharedLease(store: $0, name: "gate/" + tenant, holder: holder, duration: gateLease, time: time) }
            let gate = AsyncSerialQueue(lease: lease)
            gates[tenant] = gate
            return gate
        }
    }

    /// Receives the name of each tenant whose budget is asked for in the current task, by which a host knows the tenant of a connection.
    @TaskLocal package static var observer: TenantObserver?

    /// Takes what this process has sent to each tenant since this was last called; tenants to which nothing was sent are not among them.
    package func takeUsage() -> [String: RequestUsage] {
        budgets.withLock { $0.mapValues { $0.takeUsage() } }.filter { $0.value != RequestUsage() }
    }

    /// What this process has sent to a tenant since ``takeUsage()`` was last called.
    package func untakenUsage(of tenant: String) -> RequestUsage {
        budgets.withLock { $0[tenant] }?.untakenUsage ?? RequestUsage()
    }

    /// Puts back what was taken and could not be stored.
    package func putBack(_ usage: [String: RequestUsage]) {
        budgets.withLock { budgets in for (tenant, sent) in usage { budgets[tenant]?.putBack(sent) } }
    }

    /// The limit of a tenant, and how many requests of this process are in its window now; nil for a tenant that was never used, or without
    /// a limit.
    package func window(of tenant: String) async -> (limit: RateLimit, used: Int)? {
        guard let budget = budgets.withLock({ $0[tenant] }), let limit = budget.limit else { return nil }
        return (limit, await budget.usedNow)
    }

    /// Whether processes share the tenants, so that a store knows how many requests all of them have made.
    package var isShared: Bool { shared != nil }

    /// Gives back what this process has reserved and not used, when it ends.
    public func giveBackReservations() async {
        for budget in budgets.withLock({ Array($0.values) }) { await budget.giveBackReservations() }
    }
}

/// Takes the name of each tenant whose budget is asked for.
///
/// A task-local value is a type of its own: with a closure type, an optimised build of this compiler crashes when the value is set.
package struct TenantObserver: Sendable {
    let note: @Sendable (String) -> Void

    /// Calls a closure with each name.
    package init(note: @escaping @Sendable (String) -> Void) { self.note = note }
}

/// Lets one piece of work through at a time, in the order of arrival.
public actor AsyncSerialQueue {
    private var isBusy = false
    private var waiting: [(id: UInt64, continuation: CheckedContinuation<Void, any Error>)] = []
    private var nextID: UInt64 = 0

    private let lease: SharedLease?

    /// Makes an open gate.
    public init() { lease = nil }

    /// Makes a gate that one process at a time passes.
    init(lease: SharedLease?) { self.lease = lease }

    /// Runs the work when its turn has come.
    ///
    /// - Throws: What the work throws, or `CancellationError` if the task was cancelled while waiting. Where processes share the gate,
    ///   ``PSAError`` `rate.limited` if it can't be had; the work has not begun then.
    public func pass<Value: Sendable>(_ work: @Sendable () async throws -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        guard let lease else { return try await work() }
        return try await lease.hold(work)
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
