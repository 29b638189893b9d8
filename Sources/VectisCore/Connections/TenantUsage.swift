package import FoundationEssentials
package import PSACore

/// What was sent to a tenant within a quarter of an hour, by all processes.
package struct TenantUsage: Sendable, Equatable {
    package let beginsAt: Date
    package let usage: RequestUsage

    /// The length of an interval.
    package static let interval: TimeInterval = 900
    /// For how long intervals are kept.
    package static let lifetime: TimeInterval = 48 * 3_600
    /// How many tenants are written at a time.
    package static let maxTenants = 500

    /// Creates a ``TenantUsage``.
    package init(beginsAt: Date, usage: RequestUsage) {
        self.beginsAt = beginsAt
        self.usage = usage
    }

    /// The beginning of the interval that a time is in.
    package static func beginning(_ time: Date) -> Date {
        Date(timeIntervalSince1970: (time.timeIntervalSince1970 / interval).rounded(.down) * interval)
    }
}

/// How much of the rate limits was used.
package protocol TenantUsageStore: Sendable {
    /// Adds what one process has sent to an interval, and removes intervals that are older than ``TenantUsage/lifetime``.
    ///
    /// - Parameters:
    ///   - usage: What was sent, by the names of the rate limits' tenants.
    ///   - time: A time within the interval.
    /// - Throws: Errors of the storage; then nothing was added.
    func addUsage(_ usage: [String: RequestUsage], at time: Date) async throws

    /// The intervals of a tenant that begin at a time or later, the earliest first.
    func usage(of tenant: String, since time: Date) async throws -> [TenantUsage]

    /// The requests of a tenant in the window of its limit, as processes that share it keep them; nil if there are none.
    func sharedWindow(of tenant: String) async throws -> SharedRateWindow?
}

/// Writes once a minute how much of the rate limits this process has used.
package struct TenantUsageRecorder: Sendable {
    /// How often the usage is written.
    package static let interval = Duration.seconds(60)

    private let tenants: TenantRateLimits
    private let store: any TenantUsageStore
    private let time: TimeSource

    /// Creates a ``TenantUsageRecorder``.
    package init(tenants: TenantRateLimits, store: any TenantUsageStore, time: TimeSource) {
        self.tenants = tenants
        self.store = store
        self.time = time
    }

    /// Writes until its task is cancelled.
    package func run() async {
        while (try? await time.sleep(Self.interval)) != nil { await record() }
    }

    /// Writes what was sent since the last time; what can't be stored is added to the next time.
    package func record() async {
        let usage = tenants.takeUsage()
        guard !usage.isEmpty else { return }
        let sorted = usage.sorted { $0.key < $1.key }
        let (now, later) = (sorted.prefix(TenantUsage.maxTenants), sorted.dropFirst(TenantUsage.maxTenants))
        tenants.putBack(Dictionary(later.map { ($0.key, $0.value) }, uniquingKeysWith: { $0 + $1 }))
        do {
            try await store.addUsage(Dictionary(now.map { ($0.key, $0.value) }, uniquingKeysWith: { $0 + $1 }), at: time.now())
        } catch {
            tenants.putBack(Dictionary(now.map { ($0.key, $0.value) }, uniquingKeysWith: { $0 + $1 }))
        }
    }
}
