import FoundationEssentials
import PSACore
import SQLite

extension SQLiteStorage {
    /// How many companies that were not found a connection keeps.
    static let maxUnmatchedCompanies = 1_000

    func noteUnmatched(_ sent: SentCompany, _ reason: UnresolvedReason, of connection: ConnectionID, at moment: Date) async throws {
        try await write(nil) { database in
            guard try database.first("SELECT 1 FROM connection WHERE id = ?", [.text(connection.rawValue)]) != nil else { return }
            try database.run(
                """
                INSERT INTO unmatched_company (connection_id, key, sent_id, name, reason, first_seen_at, last_seen_at, count)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 1)
                ON CONFLICT (connection_id, key) DO UPDATE SET sent_id = ?3, name = ?4, reason = ?5, last_seen_at = ?6, count = count + 1
                """,
                [
                    .text(connection.rawValue), .text(sent.key.rawValue), .text(sent.id), .text(sent.name), .text(reason.rawValue),
                    moment.storedMilliseconds,
                ])
            try database.run(
                """
                DELETE FROM unmatched_company WHERE id IN (
                    SELECT id FROM unmatched_company WHERE connection_id = ? ORDER BY last_seen_at DESC, id DESC LIMIT -1 OFFSET ?)
                """, [.text(connection.rawValue), .integer(Int64(Self.maxUnmatchedCompanies))])
        }
    }

    func unmatchedCompanies(of connection: ConnectionID?) async throws -> [UnmatchedCompany] {
        try await queue.read { database in
            try database.query(
                "SELECT * FROM unmatched_company WHERE ?1 IS NULL OR connection_id = ?1 ORDER BY last_seen_at DESC, id DESC",
                [SQLValue(connection?.rawValue)]
            ).map { try $0.unmatchedCompany() }
        }
    }

    func unmatchedCompany(_ id: UnmatchedCompany.ID) async throws -> UnmatchedCompany? {
        try await queue.read { database in
            try database.first("SELECT * FROM unmatched_company WHERE id = ?", [.integer(id.rawValue)])?.unmatchedCompany()
        }
    }

    func setDismissed(_ moment: Date?, _ id: UnmatchedCompany.ID, audit: AuditEntry) async throws {
        try await write(audit) { database in
            let changed = try database.run(
                "UPDATE unmatched_company SET dismissed_at = ? WHERE id = ?", [moment?.storedMilliseconds ?? .null, .integer(id.rawValue)])
            guard changed == 1 else { throw StorageError.notFound }
        }
    }

    func companyMappings(of connection: ConnectionID?) async throws -> [CompanyMapping] {
        try await queue.read { database in
            try database.query(
                "SELECT * FROM company_mapping WHERE ?1 IS NULL OR connection_id = ?1 ORDER BY name, sent_id, id",
                [SQLValue(connection?.rawValue)]
            ).map { try $0.companyMapping() }
        }
    }

    func companyMapping(_ id: CompanyMapping.ID) async throws -> CompanyMapping? {
        try await queue.read { database in
            try database.first("SELECT * FROM company_mapping WHERE id = ?", [.integer(id.rawValue)])?.companyMapping()
        }
    }

    func mappedCompany(_ key: CompanyKey, of connection: ConnectionID, tenant: TenantIdentity) async throws -> Company.ID? {
        try await queue.read { database in
            try database.first(
                "SELECT company_id FROM company_mapping WHERE connection_id = ? AND key = ? AND tenant = ?",
                [.text(connection.rawValue), .text(key.rawValue), .text(tenant.rawValue)]
            ).flatMap { Company.ID(try $0.text("company_id")) }
        }
    }

    func add(_ mapping: NewCompanyMapping, audit: AuditEntry) async throws -> CompanyMapping {
        try await write(audit) { database in
            let connection = SQLValue.text(mapping.connection.rawValue)
            guard let stored = try database.first("SELECT tenant FROM connection WHERE id = ?", [connection]) else {
                throw StorageError.notFound
            }
            guard try stored.text("tenant") == mapping.tenant.rawValue else { throw StorageError.stale }
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
                    .text(mapping.company.rawValue), .text(mapping.companyName), .text(mapping.mappedBy.rawValue),
                    mapping.mappedAt.storedMilliseconds,
                ])
            guard
                let row = try database.first("SELECT * FROM company_mapping WHERE connection_id = ? AND key = ?", [connection, key])
            else { throw StorageError.notFound }
            return try row.companyMapping()
        }
    }

    func removeCompanyMapping(_ id: CompanyMapping.ID, audit: AuditEntry) async throws {
        try await write(audit) { database in
            guard try database.run("DELETE FROM company_mapping WHERE id = ?", [.integer(id.rawValue)]) == 1 else {
                throw StorageError.notFound
            }
        }
    }
}

extension Row {
    fileprivate func unmatchedCompany() throws -> UnmatchedCompany {
        guard let connection = ConnectionID(try text("connection_id")), let reason = UnresolvedReason(rawValue: try text("reason")) else {
            throw StoredRowError.unreadable(table: "unmatched_company")
        }
        return UnmatchedCompany(
            id: UnmatchedCompany.ID(rawValue: try integer("id")), connection: connection,
            sent: SentCompany(id: try text("sent_id"), name: try text("name")), reason: reason,
            firstSeenAt: Date(storedMilliseconds: try integer("first_seen_at")),
            lastSeenAt: Date(storedMilliseconds: try integer("last_seen_at")), count: Int(try integer("count")),
            dismissedAt: try optionalInteger("dismissed_at").map(Date.init(storedMilliseconds:)))
    }

    fileprivate func companyMapping() throws -> CompanyMapping {
        guard let connection = ConnectionID(try text("connection_id")), let company = Company.ID(try text("company_id")),
            let mappedBy = AccountName(try text("mapped_by"))
        else { throw StoredRowError.unreadable(table: "company_mapping") }
        return CompanyMapping(
            id: CompanyMapping.ID(rawValue: try integer("id")), connection: connection,
            tenant: TenantIdentity(rawValue: try text("tenant")), sent: SentCompany(id: try text("sent_id"), name: try text("name")),
            company: company, companyName: try text("company_name"), mappedBy: mappedBy,
            mappedAt: Date(storedMilliseconds: try integer("mapped_at")))
    }
}
