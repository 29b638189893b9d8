package import FoundationEssentials
package import PSACore
package import SQL

/// The tables of what processes know together about tenants: the requests in the window of a limit, and leases.
package struct RateLimitTables {
    /// For how long the row of a tenant stays without requests, in milliseconds.
    private static let lifetime: Int64 = 86_400_000

    private let database: any Database

    /// Uses the transaction of a database.
    package init(_ database: any Database) { self.database = database }

    /// As ``SharedTenantStore/reserveRequests(_:now:)``.
    package func reserve(_ request: RateReservationRequest, now: Date) throws -> RateReservationAnswer {
        try change(request.tenant, now) { $0.reserve(request, at: $1) }
    }

    /// As ``SharedTenantStore/returnRequests(_:of:tenant:now:)``.
    package func giveBack(_ count: Int, of reservation: RateReservation, tenant: String, now: Date) throws {
        try change(tenant, now) { window, _ in window.giveBack(count, of: reservation) }
    }

    /// As ``SharedTenantStore/holdBackRequests(of:for:now:)``.
    package func holdBack(_ tenant: String, for duration: Duration, now: Date) throws {
        try change(tenant, now) { $0.holdBack(for: duration, at: $1) }
    }

    /// Reads the window of a tenant without changing it; nil if no process has asked for requests of it.
    package func window(of tenant: String) throws -> SharedRateWindow? {
        let row = try database.first("SELECT requests FROM tenant_rate WHERE tenant = ?", [.text(tenant)])
        return try row.flatMap { SharedRateWindow(encodedText: try $0.text("requests")) }
    }

    /// Changes the window of a tenant.
    ///
    /// The first statement locks its row, so that no other transaction reads it before this one has ended.
    private func change<Value>(_ tenant: String, _ now: Date, _ body: (inout SharedRateWindow, Int64) -> Value) throws -> Value {
        let row = try database.first(
            """
            INSERT INTO tenant_rate (tenant, requests, changed_at) VALUES (?1, '', ?2)
            ON CONFLICT (tenant) DO UPDATE SET changed_at = ?2 RETURNING requests
            """, [.text(tenant), now.storedMilliseconds])
        guard let text = try row?.text("requests") else { throw StoredRowError.unreadable(table: "tenant_rate") }
        let now = try time(now)
        var window = SharedRateWindow()
        if text.isEmpty {
            // A new tenant: time to remove what was not used for long.
            try database.run(
                "DELETE FROM tenant_rate WHERE changed_at < ? AND tenant <> ?", [.integer(now - Self.lifetime), .text(tenant)])
        } else {
            guard let stored = SharedRateWindow(encodedText: text) else { throw StoredRowError.unreadable(table: "tenant_rate") }
            window = stored
        }
        let value = body(&window, now)
        // The time of the store, not that of the process, whose clock may be wrong.
        try database.run(
            "UPDATE tenant_rate SET requests = ?, changed_at = ? WHERE tenant = ?",
            [.text(window.encodedText), .integer(now), .text(tenant)])
        return value
    }

    /// As ``SharedTenantStore/takeLease(_:by:for:now:)``.
    package func takeLease(_ name: String, by holder: String, for duration: Duration, now: Date) throws -> Bool {
        let now = try time(now)
        let length = Int64((duration.seconds * 1_000).rounded())
        // One that ends too far in the future was taken while the clock was wrong.
        let row = try database.first(
            """
            INSERT INTO process_lease (name, holder, held_until) VALUES (?1, ?2, ?3)
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
                WHERE process_lease.holder = excluded.holder OR process_lease.held_until <= ?4 OR process_lease.held_until > ?5
            RETURNING holder
            """, [.text(name), .text(holder), .integer(now + length), .integer(now), .integer(now + 2 * length)])
        return row != nil
    }

    /// As ``SharedTenantStore/releaseLease(_:by:)``.
    package func releaseLease(_ name: String, by holder: String) throws {
        try database.run("DELETE FROM process_lease WHERE name = ? AND holder = ?", [.text(name), .text(holder)])
    }

    /// The time of the store in milliseconds: the clock of a database server, which all processes share, or that of this machine.
    private func time(_ now: Date) throws -> Int64 {
        switch database.dialect {
        case .sqlite: return Int64((now.timeIntervalSince1970 * 1_000).rounded(.down))
        case .postgreSQL:
            let row = try database.first("SELECT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000) AS BIGINT) AS milliseconds")
            guard let row else { throw RowError.noRow }
            return try row.integer("milliseconds")
        }
    }
}
