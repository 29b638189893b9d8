package import FoundationEssentials
import PSACore
import PSAEngine
import PSAEngineSQL
import SQL
package import VectisCore
import VectisRules

extension DatabaseStorage {
    package func accounts() async throws -> [Account] {
        try await queue.read { try $0.query("SELECT * FROM account ORDER BY name").map { try $0.account() } }
    }

    package func account(_ name: AccountName) async throws -> Account? { try await queue.read { try $0.account(name) } }

    package func add(_ account: Account, audit: AuditEntry) async throws {
        try await write(audit) { database in
            guard try database.account(account.name) == nil else { throw AccountError.duplicateAccount }
            try database.run(
                "INSERT INTO account (name, role, password_hash, created_at) VALUES (?, ?, ?, ?)",
                [
                    .text(account.name.rawValue), .text(account.role.rawValue), .text(account.passwordHash),
                    account.createdAt.storedMilliseconds,
                ])
        }
    }

    package func setPassword(
        of name: AccountName, from old: String?, to new: String, keeping session: SignInSession?, audit: AuditEntry
    ) async throws {
        try await write(audit) { database in
            guard let before = try database.account(name) else { throw StoreError.notFound }
            if let old, before.passwordHash != old { throw StoreError.stale }
            try database.forgetFailuresAndDevices(of: name)
            try database.run("UPDATE account SET password_hash = ? WHERE name = ?", [.text(new), .text(name.rawValue)])
            try database.run(
                "DELETE FROM session WHERE account = ? AND token_digest <> ?",
                [.text(name.rawValue), .blob(session?.tokenDigest ?? [])])
        }
    }

    package func setRole(of name: AccountName, to role: Role, audit: AuditEntry) async throws {
        try await write(audit) { database in
            guard try database.account(name) != nil else { throw StoreError.notFound }
            if role != .admin { try database.keepAnAdministrator(besides: name) }
            try database.run("UPDATE account SET role = ? WHERE name = ?", [.text(role.rawValue), .text(name.rawValue)])
            try database.run("DELETE FROM session WHERE account = ?", [.text(name.rawValue)])
        }
    }

    package func setPreferences(_ preferences: AccountPreferences, of account: AccountName, audit: AuditEntry) async throws {
        try await write(audit) { database in
            guard try database.account(account) != nil else { throw StoreError.notFound }
            try database.run(
                "UPDATE account SET language = ?, time_zone = ? WHERE name = ?",
                [
                    preferences.language.map { .text($0.rawValue) } ?? .null, preferences.timeZone.map { .text($0) } ?? .null,
                    .text(account.rawValue),
                ])
        }
    }

    package func removeAccount(_ name: AccountName, audit: AuditEntry) async throws {
        try await write(audit) { database in
            guard try database.account(name) != nil else { throw StoreError.notFound }
            try database.keepAnAdministrator(besides: name)
            try database.run("DELETE FROM account WHERE name = ?", [.text(name.rawValue)])
        }
    }

    package func session(tokenDigest: [UInt8]) async throws -> (session: SignInSession, account: Account)? {
        try await queue.read { try $0.session(tokenDigest, awaitsCode: false) }
    }

    package func pendingSignIn(tokenDigest: [UInt8]) async throws -> (session: SignInSession, account: Account)? {
        try await queue.read { try $0.session(tokenDigest, awaitsCode: true) }
    }

    package func sessions(of account: AccountName, limit: Int) async throws -> [SignInSession] {
        try await queue.read { database in
            try database.query(
                "SELECT * FROM session WHERE account = ? AND awaits_code = 0 ORDER BY last_seen_at DESC, token_digest LIMIT ?",
                [.text(account.rawValue), .integer(Int64(limit))]
            ).map { try $0.session(of: account) }
        }
    }

    package func removeSessions(of account: AccountName, except session: SignInSession, audit: AuditEntry) async throws -> Int {
        try await write(audit) { database in
            try database.run(
                "DELETE FROM session WHERE account = ? AND token_digest <> ?", [.text(account.rawValue), .blob(session.tokenDigest)])
        }
    }

    package func touchSession(tokenDigest: [UInt8], at timestamp: Date) async throws {
        try await write(nil, .found) { database in
            _ = try database.run(
                "UPDATE session SET last_seen_at = ? WHERE token_digest = ?", [timestamp.storedMilliseconds, .blob(tokenDigest)])
        }
    }

    package func removeSession(tokenDigest: [UInt8], audit: AuditEntry) async throws {
        try await write(audit, .found) { database in
            _ = try database.run("DELETE FROM session WHERE token_digest = ?", [.blob(tokenDigest)])
        }
    }
}

extension Database {
    /// Lifts the account's limit, and makes every device unknown.
    fileprivate func forgetFailuresAndDevices(of account: AccountName) throws {
        try run("UPDATE sign_in_failure SET account = NULL WHERE account = ?", [.text(account.rawValue)])
        try run("DELETE FROM known_device WHERE account = ?", [.text(account.rawValue)])
    }

    fileprivate func session(_ digest: [UInt8], awaitsCode: Bool) throws -> (session: SignInSession, account: Account)? {
        let row = try first(
            "SELECT * FROM session WHERE token_digest = ? AND awaits_code = ?", [.blob(digest), .integer(awaitsCode ? 1 : 0)])
        guard let row, let name = AccountName(try row.text("account")), let account = try account(name) else { return nil }
        return (try row.session(of: name), account)
    }

    func account(_ name: AccountName) throws -> Account? {
        try first("SELECT * FROM account WHERE name = ?", [.text(name.rawValue)]).map { try $0.account() }
    }

    fileprivate func keepAnAdministrator(besides name: AccountName) throws {
        let other = try first("SELECT 1 FROM account WHERE role = 'admin' AND name <> ?", [.text(name.rawValue)])
        if other == nil { throw AccountError.lastAdministrator }
    }
}

extension Row {
    fileprivate func session(of account: AccountName) throws -> SignInSession {
        SignInSession(
            tokenDigest: try blob("token_digest"), account: account, createdAt: Date(storedMilliseconds: try integer("created_at")),
            lastSeenAt: Date(storedMilliseconds: try integer("last_seen_at")), device: try text("device"), address: try text("address"))
    }

    fileprivate func account() throws -> Account {
        guard let name = AccountName(try text("name")), let role = Role(rawValue: try text("role")) else {
            throw StoredRowError.unreadable(table: "account")
        }
        return Account(
            name: name, role: role, passwordHash: try text("password_hash"), createdAt: Date(storedMilliseconds: try integer("created_at")),
            preferences: AccountPreferences(
                language: try optionalText("language").flatMap(Language.init(rawValue:)), timeZone: try optionalText("time_zone")))
    }
}
