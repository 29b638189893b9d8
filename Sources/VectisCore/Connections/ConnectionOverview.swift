import FoundationEssentials
package import PSACore
package import PSAEngine
package import VectisRules

/// Everything that is known of a connection, for its page and the API.
package struct ConnectionOverview: Sendable {
    package let connection: StoredConnection
    package let state: ConnectionState
    /// The open issues, the latest first.
    package let issues: [ConnectionIssue]
    /// How the local copy stands; empty if it could not be read.
    package let resources: [SyncStatus]
    package let rateLimit: RateLimitUse
    /// The rules that write through it.
    package let rules: [Rule]
    /// The latest jobs that were written.
    package let written: [TicketJob]
    /// How many jobs there are in each state.
    package let counts: TicketJob.Counts
    /// The latest tests.
    package let tests: [ConnectionTestReport]
    /// What ticket types demand and nothing fills in.
    package let demands: [TicketDemands]

    /// How many of the latest jobs are listed.
    package static let maxWritten = 5
}

/// How much of a tenant's rate limit is used.
package struct RateLimitUse: Sendable, Equatable {
    /// The limit; nil if there is none, or none is known.
    package let limit: RateLimit?
    /// How many requests are in the window of the limit now.
    package let used: Int
    /// The last 24 hours, an interval of a quarter of an hour each.
    package let intervals: [TenantUsage]

    /// How many intervals there are.
    package static let intervalCount = 96

    /// The sums of the hours, the earliest first.
    package var hours: [TenantUsage] {
        stride(from: 0, to: intervals.count, by: 4).map { start in
            let quarters = intervals[start..<min(start + 4, intervals.count)]
            return TenantUsage(beginsAt: intervals[start].beginsAt, usage: quarters.reduce(RequestUsage()) { $0 + $1.usage })
        }
    }

    /// All that was sent in the intervals.
    package var total: RequestUsage { intervals.reduce(RequestUsage()) { $0 + $1.usage } }
}

extension ConnectionService {
    /// Reads everything that is known of a connection; nothing is asked of the PSA.
    ///
    /// - Parameter connection: The connection.
    /// - Returns: The overview.
    /// - Throws: Errors of the storage.
    package func overview(of connection: StoredConnection) async throws -> ConnectionOverview {
        var filter = TicketJob.Filter()
        filter.connection = connection.id
        let issues = try await storage.issues(of: connection.id)
        return ConnectionOverview(
            connection: connection, state: ConnectionState(connection, issues), issues: issues.filter { $0.resolvedAt == nil },
            resources: (try? await sync.statuses(of: connection.id)) ?? [], rateLimit: try await rateLimitUse(of: connection),
            rules: try await storage.rules().filter { $0.definition.action.connection == connection.id },
            written: try await storage.latestWritten(of: connection.id, limit: ConnectionOverview.maxWritten),
            counts: try await storage.jobCounts(filter), tests: try await storage.connectionTests(of: connection.id),
            demands: try await storage.ticketDemands(of: connection.id))
    }

    /// Reads how much of its tenant's rate limit a connection and those beside it use.
    ///
    /// - Parameter connection: The connection.
    /// - Returns: The use.
    /// - Throws: Errors of the storage.
    package func rateLimitUse(of connection: StoredConnection) async throws -> RateLimitUse {
        let now = context.time.now()
        let last = TenantUsage.beginning(now)
        let first = last.addingTimeInterval(-Double(RateLimitUse.intervalCount - 1) * TenantUsage.interval)
        var (stored, limit, used) = ([Date: RequestUsage](), RateLimit?.none, 0)
        if let tenant = await sessions.tenant(of: connection) {
            for interval in try await storage.usage(of: tenant, since: first) { stored[interval.beginsAt] = interval.usage }
            // What is not written yet belongs to the present.
            stored[last] = (stored[last] ?? RequestUsage()) + context.tenants.untakenUsage(of: tenant)
            if let window = await context.tenants.window(of: tenant) {
                (limit, used) = window
                if context.tenants.isShared {
                    let milliseconds = Int64(now.timeIntervalSince1970 * 1_000)
                    used = try await storage.sharedWindow(of: tenant)?.count(at: milliseconds, of: window.limit) ?? 0
                }
            }
        }
        return RateLimitUse(
            limit: limit, used: used,
            intervals: (0..<RateLimitUse.intervalCount).map { number in
                let beginning = first.addingTimeInterval(Double(number) * TenantUsage.interval)
                return TenantUsage(beginsAt: beginning, usage: stored[beginning] ?? RequestUsage())
            })
    }
}

extension ConnectionService {
    /// What a person reads where a report is not kept any more.
    package static let noTestReport = "This test is not kept any more, or never was. The overview of the connection lists the latest."

    /// The report of a test by its id as it is in an address; nil if it is not kept.
    ///
    /// - Parameters:
    ///   - id: The id.
    ///   - connection: The connection.
    /// - Returns: The report.
    /// - Throws: Errors of the storage.
    package func testReport(_ id: String, of connection: StoredConnection) async throws -> ConnectionTestReport? {
        guard let number = Int64(id), String(number) == id else { return nil }
        return try await storage.connectionTest(number, of: connection.id)
    }
}
