package import PSACore

/// The work of the host that one process at a time does, where several share a database: retention, detectors and scheduled tests.
///
/// A process that dies loses its duty within ``lease``, and another one does the work; all of it may be begun again.
package struct ProcessDuties: Sendable {
    /// How long a process may do nothing until another one takes over.
    package static let lease = Duration.seconds(120)

    private let store: (any SharedTenantStore)?
    private let time: TimeSource
    private let holder = CorrelationID().rawValue

    /// Creates the duties of a process.
    ///
    /// - Parameters:
    ///   - store: What the processes share; nil for a process that is alone, which has every duty.
    ///   - time: The clocks.
    package init(sharedIn store: (any SharedTenantStore)? = nil, time: TimeSource = .system) {
        self.store = store
        self.time = time
    }

    /// Whether other processes may have done some of the work.
    package var isShared: Bool { store != nil }

    /// Does the work, unless another process does it now; the work is cancelled if the lease is lost.
    ///
    /// - Parameters:
    ///   - name: The name of the duty.
    ///   - work: The work; it finds out by itself what was done before.
    /// - Returns: What the work returns; nil if another process does it.
    /// - Throws: What the work or the store throws.
    package func perform<Value: Sendable>(_ name: String, _ work: @escaping @Sendable () async throws -> Value) async throws -> Value? {
        guard let store else { return try await work() }
        guard try await takeLease(name, store) else { return nil }
        let working = Task { try await work() }
        let renewing = Task {
            while (try? await time.sleep(Self.lease / 4)) != nil {
                // A store that fails is asked again until the lease has ended; what is written then is right nevertheless.
                if (try? await takeLease(name, store)) == false { return working.cancel() }
            }
        }
        let result = await withTaskCancellationHandler {
            await working.result
        } onCancel: {
            working.cancel()
        }
        renewing.cancel()
        // One that can't be released ends by itself.
        try? await store.releaseLease("duty/" + name, by: holder)
        return try result.get()
    }

    private func takeLease(_ name: String, _ store: any SharedTenantStore) async throws -> Bool {
        try await store.takeLease("duty/" + name, by: holder, for: Self.lease, now: time.now())
    }
}
