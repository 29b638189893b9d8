package import FoundationEssentials
package import PSACore
package import PSAEngine
package import SQL

/// The tables of connections, issues, traits and company mappings, within a transaction of the host.
package struct ConnectionTables {
    private let database: any Database

    /// The maximum number of unmatched companies of a connection.
    package static let maxUnmatchedCompanies = 1_000

    /// Accesses the tables within the current transaction of a database.
    package init(_ database: any Database) { self.database = database }

    // MARK: Connections

    /// Returns all connections, sorted by connector and name.
    package func connections() throws -> [StoredConnection] {
        // One statement for all settings, because overviews ask often.
        var settings: [String: [Row]] = [:]
        for row in try database.query("SELECT * FROM connection_setting") {
            settings[try row.text("connection_id"), default: []].append(row)
        }
        return try database.query("SELECT * FROM connection ORDER BY connector, name, id").map { row in
            try row.connection(settings[try row.text("id")] ?? [])
        }
    }

    /// Returns a connection, or nil if it does not exist.
    package func connection(_ id: ConnectionID) throws -> StoredConnection? {
        try database.first("SELECT * FROM connection WHERE id = ?", [.text(id.rawValue)]).map {
            try $0.connection(try database.query("SELECT * FROM connection_setting WHERE connection_id = ?", [.text(id.rawValue)]))
        }
    }

    /// Adds a connection.
    ///
    /// - Throws: ``StoreError/duplicateTenant(_:)``.
    package func add(_ connection: StoredConnection) throws {
        try refuseDuplicate(of: connection)
        try database.run(
            """
            INSERT INTO connection (connector, name, tenant, revision, created_at, changed_at, status_outcome, status_headline, status_code,
                status_correlation_id, status_checked_at, default_type, default_fields, form_fingerprint, id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, connection.columns)
        try insertSettings(of: connection)
        // A connection that was removed may have had this id.
        try leaveJobs(of: connection.id)
    }

    /// Replaces a connection whose stored revision is one less than the given one.
    ///
    /// - Throws: ``StoreError/stale``, ``StoreError/notFound`` or ``StoreError/duplicateTenant(_:)``.
    package func replace(_ connection: StoredConnection) throws {
        guard let stored = try self.connection(connection.id) else { throw StoreError.notFound }
        guard stored.revision == connection.revision - 1 else { throw StoreError.stale }
        try overwrite(stored, with: connection)
    }

    /// Adds a connection, or replaces the one of the same id whatever its revision.
    ///
    /// - Throws: ``StoreError/duplicateTenant(_:)``.
    package func save(_ connection: StoredConnection) throws {
        guard let stored = try self.connection(connection.id) else { return try add(connection) }
        try overwrite(stored, with: connection)
    }

    private func overwrite(_ stored: StoredConnection, with connection: StoredConnection) throws {
        try refuseDuplicate(of: connection)
        if !stored.leadsToTenant(of: connection) { try leaveJobs(of: connection.id) }
        try database.run(
            """
            UPDATE connection SET connector = ?, name = ?, tenant = ?, revision = ?, created_at = ?, changed_at = ?, status_outcome = ?,
                status_headline = ?, status_code = ?, status_correlation_id = ?, status_checked_at = ?, default_type = ?,
                default_fields = ?, form_fingerprint = ? WHERE id = ?
            """, connection.columns)
        try database.run("DELETE FROM connection_setting WHERE connection_id = ?", [.text(connection.id.rawValue)])
        try insertSettings(of: connection)
    }

    /// Leaves behind what was made for a former tenant, as ``EngineStore/save(_:)`` promises; other transactions do not write meanwhile.
    private func leaveJobs(of id: ConnectionID) throws {
        let id: [SQLValue] = [.text(id.rawValue)]
        try database.run(
            """
            UPDATE connection SET last_former_job = COALESCE((SELECT MAX(job.id) FROM job WHERE connection_id = ?1), 0) WHERE id = ?1
            """, id)
        try database.run(
            "UPDATE job SET wanted_since = created_at WHERE connection_id = ? AND \(JobTables.isOpen) AND wanted_since > created_at", id)
        try database.run("UPDATE upload SET state = 'orphaned', discard_at = NULL WHERE connection_id = ?", id)
        try database.run("DELETE FROM connection_trait WHERE connection_id = ?", id)
    }

    /// As ``EngineStore/setTicketFieldDefaults(_:of:)``.
    package func setTicketFieldDefaults(_ defaults: TicketFieldDefaults, of id: ConnectionID) throws {
        let count = try database.run(
            "UPDATE connection SET default_type = ?, default_fields = ?, form_fingerprint = ? WHERE id = ?",
            defaults.columns + [.text(id.rawValue)])
        guard count == 1 else { throw StoreError.notFound }
    }

    /// Stores the result of a test, unless the settings have changed since.
    package func setStatus(_ status: ConnectionStatus?, of id: ConnectionID, revision: Int) throws {
        try database.run(
            """
            UPDATE connection SET status_outcome = ?, status_headline = ?, status_code = ?, status_correlation_id = ?, status_checked_at = ?
            WHERE id = ? AND revision = ?
            """, status.columns + [.text(id.rawValue), .integer(Int64(revision))])
    }

    /// Removes the result of the last test, so that the connection counts as not tested.
    package func removeStatus(of id: ConnectionID) throws {
        try database.run(
            """
            UPDATE connection SET status_outcome = NULL, status_headline = NULL, status_code = NULL, status_correlation_id = NULL,
                status_checked_at = NULL WHERE id = ?
            """, [.text(id.rawValue)])
    }

    /// Removes a connection.
    ///
    /// - Throws: ``StoreError/notFound``.
    package func remove(_ id: ConnectionID) throws {
        guard try database.run("DELETE FROM connection WHERE id = ?", [.text(id.rawValue)]) == 1 else { throw StoreError.notFound }
        // Uploads that no ticket refers to can't be deleted any more; they stay listed.
        try database.run("UPDATE upload SET discard_at = NULL WHERE connection_id = ?", [.text(id.rawValue)])
    }

    /// Replaces each stored secret, and returns how many there are.
    package func reencryptSecrets(_ change: (SealedSecret, ConnectionID, SettingKey) throws -> SealedSecret) throws -> Int {
        let rows = try database.query("SELECT * FROM connection_setting WHERE sealed IS NOT NULL")
        for row in rows {
            let (owner, key) = (try row.text("connection_id"), try row.text("key"))
            guard let id = ConnectionID(owner) else { throw StoredRowError.unreadable(table: "connection_setting") }
            let sealed = try change(SealedSecret(bytes: try row.blob("sealed")), id, SettingKey(key))
            try database.run(
                "UPDATE connection_setting SET sealed = ? WHERE connection_id = ? AND key = ?",
                [.blob(sealed.bytes), .text(owner), .text(key)])
        }
        return rows.count
    }

    private func refuseDuplicate(of connection: StoredConnection) throws {
        let other = try database.first(
            "SELECT id FROM connection WHERE connector = ? AND tenant = ? AND id <> ?",
            [.text(connection.connector.rawValue), .text(connection.tenant.rawValue), .text(connection.id.rawValue)])
        if let id = try other.flatMap({ ConnectionID(try $0.text("id")) }) { throw StoreError.duplicateTenant(id) }
    }

    private func insertSettings(of connection: StoredConnection) throws {
        let sql = "INSERT INTO connection_setting (connection_id, key, value, sealed) VALUES (?, ?, ?, ?)"
        for (key, value) in connection.settings {
            try database.run(sql, [.text(connection.id.rawValue), .text(key.rawValue), .text(value), .null])
        }
        for (key, secret) in connection.secrets {
            try database.run(sql, [.text(connection.id.rawValue), .text(key.rawValue), .null, .blob(secret.bytes)])
        }
    }

    private func exists(_ id: ConnectionID) throws -> Bool {
        try database.first("SELECT 1 FROM connection WHERE id = ?", [.text(id.rawValue)]) != nil
    }

    // MARK: Traits

    /// As ``EngineStore/findsReferences(_:)``.
    package func findsReferences(_ id: ConnectionID) throws -> Bool? {
        try database.first("SELECT finds_references FROM connection_trait WHERE connection_id = ?", [.text(id.rawValue)])
            .map { try $0.integer("finds_references") == 1 }
    }

    /// As ``EngineStore/setFindsReferences(_:_:)``.
    package func setFindsReferences(_ finds: Bool, _ id: ConnectionID) throws {
        // The connection may have been removed meanwhile.
        guard try exists(id) else { return }
        try database.replace(
            "connection_trait", key: ["connection_id"], ["connection_id": .text(id.rawValue), "finds_references": SQLValue(finds)])
    }

    // MARK: Issues

    /// Returns the issues of a connection, or of all: open ones first, then the latest first.
    package func issues(of connection: ConnectionID?) throws -> [ConnectionIssue] {
        try database.query(
            "SELECT * FROM issue WHERE ?1 IS NULL OR connection_id = ?1 ORDER BY resolved_at IS NOT NULL, last_seen_at DESC, code",
            [SQLValue(connection?.rawValue)]
        ).map { try $0.issue() }
    }

    /// Counts an occurrence of an issue; a resolved issue opens again.
    package func recordIssue(_ code: ErrorCode, problem: String?, of connection: ConnectionID, at time: Date) throws {
        // The connection may have been removed meanwhile.
        guard try exists(connection) else { return }
        try database.run(
            """
            INSERT INTO issue (connection_id, code, first_seen_at, last_seen_at, count, problem) VALUES (?1, ?2, ?3, ?3, 1, ?4)
            ON CONFLICT (connection_id, code) DO UPDATE SET last_seen_at = ?3, resolved_at = NULL,
                problem = COALESCE(excluded.problem, CASE WHEN issue.resolved_at IS NULL THEN issue.problem END),
                first_seen_at = CASE WHEN issue.resolved_at IS NULL THEN issue.first_seen_at ELSE ?3 END,
                count = CASE WHEN issue.resolved_at IS NULL THEN issue.count + 1 ELSE 1 END
            """, [.text(connection.rawValue), .text(code.rawValue), time.storedMilliseconds, SQLValue(problem)])
    }

    /// As ``EngineStore/resolveIssues(of:areas:at:)``.
    package func resolveIssues(of connection: ConnectionID, areas: IssueAreas, at time: Date) throws {
        let open = try database.query(
            "SELECT code FROM issue WHERE connection_id = ? AND resolved_at IS NULL", [.text(connection.rawValue)])
        for code in try open.map({ try $0.text("code") }) {
            guard let known = ErrorCode(rawValue: code), areas.contains(known) else { continue }
            try database.run(
                "UPDATE issue SET resolved_at = ? WHERE connection_id = ? AND code = ?",
                [time.storedMilliseconds, .text(connection.rawValue), .text(code)])
        }
    }

    /// As ``EngineStore/resolveIssue(_:of:at:)``.
    package func resolveIssue(_ code: ErrorCode, of connection: ConnectionID, at time: Date) throws {
        try database.run(
            "UPDATE issue SET resolved_at = ? WHERE connection_id = ? AND code = ? AND resolved_at IS NULL",
            [time.storedMilliseconds, .text(connection.rawValue), .text(code.rawValue)])
    }

    // MARK: Companies

    /// As ``EngineStore/recordUnmatched(_:_:of:at:)``.
    package func recordUnmatched(_ sent: SentCompany, _ reason: UnresolvedReason, of connection: ConnectionID, at time: Date) throws {
        guard try exists(connection) else { return }
        try database.run(
            """
            INSERT INTO unmatched_company (connection_id, key, sent_id, name, reason, first_seen_at, last_seen_at, count)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 1)
            ON CONFLICT (connection_id, key) DO UPDATE SET sent_id = ?3, name = ?4, reason = ?5, last_seen_at = ?6,
                count = unmatched_company.count + 1
            """,
            [
                .text(connection.rawValue), .text(sent.key.rawValue), .text(sent.id), .text(sent.name), .text(reason.rawValue),
                time.storedMilliseconds,
            ])
        try database.run(
            """
            DELETE FROM unmatched_company WHERE connection_id = ?1 AND id NOT IN (
                SELECT id FROM unmatched_company WHERE connection_id = ?1 ORDER BY last_seen_at DESC, id DESC LIMIT ?2)
            """, [.text(connection.rawValue), .integer(Int64(Self.maxUnmatchedCompanies))])
    }

    /// Returns the unmatched companies of a connection or of all, latest first.
    package func unmatchedCompanies(of connection: ConnectionID?) throws -> [UnmatchedCompany] {
        try database.query(
            "SELECT * FROM unmatched_company WHERE ?1 IS NULL OR connection_id = ?1 ORDER BY last_seen_at DESC, id DESC",
            [SQLValue(connection?.rawValue)]
        ).map { try $0.unmatchedCompany() }
    }

    /// Returns an unmatched company, or nil if it does not exist.
    package func unmatchedCompany(_ id: UnmatchedCompany.ID) throws -> UnmatchedCompany? {
        try database.first("SELECT * FROM unmatched_company WHERE id = ?", [.integer(id.rawValue)])?.unmatchedCompany()
    }

    /// Dismisses an unmatched company, or with nil marks it as needing attention again.
    ///
    /// - Throws: ``StoreError/notFound``.
    package func setDismissed(_ time: Date?, _ id: UnmatchedCompany.ID) throws {
        let changed = try database.run(
            "UPDATE unmatched_company SET dismissed_at = ? WHERE id = ?", [time?.storedMilliseconds ?? .null, .integer(id.rawValue)])
        guard changed == 1 else { throw StoreError.notFound }
    }

    /// Returns the mappings of a connection or of all, sorted by the sent name and id.
    package func companyMappings(of connection: ConnectionID?) throws -> [CompanyMapping] {
        try database.query(
            "SELECT * FROM company_mapping WHERE ?1 IS NULL OR connection_id = ?1 ORDER BY name, sent_id, id",
            [SQLValue(connection?.rawValue)]
        ).map { try $0.companyMapping() }
    }

    /// Returns a mapping, or nil if it does not exist.
    package func companyMapping(_ id: CompanyMapping.ID) throws -> CompanyMapping? {
        try database.first("SELECT * FROM company_mapping WHERE id = ?", [.integer(id.rawValue)])?.companyMapping()
    }

    /// As ``EngineStore/mappedCompany(_:of:tenant:)``.
    package func mappedCompany(_ key: CompanyKey, of connection: ConnectionID, tenant: TenantIdentity) throws -> Company.ID? {
        try database.first(
            "SELECT company_id FROM company_mapping WHERE connection_id = ? AND key = ? AND tenant = ?",
            [.text(connection.rawValue), .text(key.rawValue), .text(tenant.rawValue)]
        ).flatMap { Company.ID(try $0.text("company_id")) }
    }

    /// Stores a mapping, replaces an earlier one, and removes the company from the unmatched ones.
    ///
    /// - Throws: ``StoreError/notFound`` if the connection does not exist, ``StoreError/stale`` if its tenant has changed.
    package func add(_ mapping: NewCompanyMapping) throws -> CompanyMapping {
        let connection = SQLValue.text(mapping.connection.rawValue)
        guard let stored = try database.first("SELECT tenant FROM connection WHERE id = ?", [connection]) else { throw StoreError.notFound }
        guard try stored.text("tenant") == mapping.tenant.rawValue else { throw StoreError.stale }
        let key = SQLValue.text(mapping.sent.key.rawValue)
        try database.run("DELETE FROM company_mapping WHERE connection_id = ? AND key = ?", [connection, key])
        try database.run("DELETE FROM unmatched_company WHERE connection_id = ? AND key = ?", [connection, key])
        try database.run(
            """
            INSERT INTO company_mapping (connection_id, key, tenant, sent_id, name, company_id, company_name, mapped_by, mapped_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                connection, key, .text(mapping.tenant.rawValue), .text(mapping.sent.id), .text(mapping.sent.name),
                .text(mapping.company.rawValue), .text(mapping.companyName), .text(mapping.mappedBy), mapping.mappedAt.storedMilliseconds,
            ])
        guard let row = try database.first("SELECT * FROM company_mapping WHERE connection_id = ? AND key = ?", [connection, key]) else {
            throw StoreError.notFound
        }
        return try row.companyMapping()
    }

    /// Removes a mapping.
    ///
    /// - Throws: ``StoreError/notFound``.
    package func removeCompanyMapping(_ id: CompanyMapping.ID) throws {
        guard try database.run("DELETE FROM company_mapping WHERE id = ?", [.integer(id.rawValue)]) == 1 else {
            throw StoreError.notFound
        }
    }
}

extension StoredConnection {
    /// Everything but the settings, the id last.
    fileprivate var columns: [SQLValue] {
        [
            .text(connector.rawValue), .text(name), .text(tenant.rawValue), .integer(Int64(revision)), createdAt.storedMilliseconds,
            changedAt.storedMilliseconds,
        ] + status.columns + ticketFieldDefaults.columns + [.text(id.rawValue)]
    }
}

extension TicketFieldDefaults {
    fileprivate var columns: [SQLValue] { [SQLValue(type?.rawValue), SQLValue(values), SQLValue(formFingerprint)] }
}

extension Optional where Wrapped == ConnectionStatus {
    fileprivate var columns: [SQLValue] {
        [
            SQLValue(self?.outcome.rawValue), SQLValue(self?.headline), SQLValue(self?.code?.rawValue), SQLValue(self?.correlationID),
            self?.checkedAt.storedMilliseconds ?? .null,
        ]
    }
}

extension Row {
    fileprivate func connection(_ settings: [Row]) throws -> StoredConnection {
        guard let id = ConnectionID(try text("id")), let connector = ConnectorID(try text("connector")) else {
            throw StoredRowError.unreadable(table: "connection")
        }
        var connection = StoredConnection(
            id: id, connector: connector, name: try text("name"), tenant: TenantIdentity(rawValue: try text("tenant")), settings: [:],
            secrets: [:], revision: try count("revision"), createdAt: Date(storedMilliseconds: try integer("created_at")),
            changedAt: Date(storedMilliseconds: try integer("changed_at")), status: try status(),
            ticketFieldDefaults: TicketFieldDefaults(
                type: try optionalText("default_type").flatMap { TicketType.ID($0) },
                values: try ticketFields("default_fields", table: "connection"), formFingerprint: try optionalText("form_fingerprint")))
        let lastFormerJob = try integer("last_former_job")
        if lastFormerJob > 0 { connection.lastJobOfFormerTenant = TicketJob.ID(rawValue: lastFormerJob) }
        for setting in settings {
            let key = SettingKey(try setting.text("key"))
            connection.settings[key] = try setting.optionalText("value")
            connection.secrets[key] = try setting.optionalBlob("sealed").map { SealedSecret(bytes: $0) }
        }
        return connection
    }

    fileprivate func status() throws -> ConnectionStatus? {
        guard let word = try optionalText("status_outcome") else { return nil }
        guard let outcome = ConnectionStatus.Outcome(rawValue: word) else { throw StoredRowError.unreadable(table: "connection") }
        return ConnectionStatus(
            outcome: outcome, headline: try text("status_headline"),
            code: try optionalText("status_code").flatMap(ErrorCode.init(rawValue:)),
            correlationID: try optionalText("status_correlation_id"), checkedAt: Date(storedMilliseconds: try integer("status_checked_at")))
    }

    fileprivate func issue() throws -> ConnectionIssue {
        guard let connection = ConnectionID(try text("connection_id")), let code = ErrorCode(rawValue: try text("code")) else {
            throw StoredRowError.unreadable(table: "issue")
        }
        return ConnectionIssue(
            connection: connection, code: code, firstSeenAt: Date(storedMilliseconds: try integer("first_seen_at")),
            lastSeenAt: Date(storedMilliseconds: try integer("last_seen_at")), count: try count("count"),
            resolvedAt: try optionalInteger("resolved_at").map(Date.init(storedMilliseconds:)), problem: try optionalText("problem"))
    }

    fileprivate func unmatchedCompany() throws -> UnmatchedCompany {
        guard let connection = ConnectionID(try text("connection_id")), let reason = UnresolvedReason(rawValue: try text("reason")) else {
            throw StoredRowError.unreadable(table: "unmatched_company")
        }
        return UnmatchedCompany(
            id: UnmatchedCompany.ID(rawValue: try integer("id")), connection: connection,
            sent: SentCompany(id: try text("sent_id"), name: try text("name")), reason: reason,
            firstSeenAt: Date(storedMilliseconds: try integer("first_seen_at")),
            lastSeenAt: Date(storedMilliseconds: try integer("last_seen_at")), count: try count("count"),
            dismissedAt: try optionalInteger("dismissed_at").map(Date.init(storedMilliseconds:)))
    }

    fileprivate func companyMapping() throws -> CompanyMapping {
        guard let connection = ConnectionID(try text("connection_id")), let company = Company.ID(try text("company_id")) else {
            throw StoredRowError.unreadable(table: "company_mapping")
        }
        return CompanyMapping(
            id: CompanyMapping.ID(rawValue: try integer("id")), connection: connection,
            tenant: TenantIdentity(rawValue: try text("tenant")), sent: SentCompany(id: try text("sent_id"), name: try text("name")),
            company: company, companyName: try text("company_name"), mappedBy: try text("mapped_by"),
            mappedAt: Date(storedMilliseconds: try integer("mapped_at")))
    }
}
