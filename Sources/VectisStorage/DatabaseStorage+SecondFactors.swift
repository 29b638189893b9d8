import FoundationEssentials
import PSACore
import PSAEngine
import PSAEngineSQL
import SQL
package import VectisCore
import VectisRules

extension DatabaseStorage {
    package func secondFactor(of account: AccountName) async throws -> SecondFactor? {
        try await queue.read { try $0.secondFactor(of: account) }
    }

    package func accountsWithSecondFactor() async throws -> Set<AccountName> {
        try await queue.read { database in
            Set(
                try database.query("SELECT account FROM second_factor WHERE confirmed_at IS NOT NULL").compactMap {
                    AccountName(try $0.text("account"))
                })
        }
    }

    package func begin(_ factor: SecondFactor) async throws {
        try await write(nil) { database in
            try keyGuard.requireKey(of: database)
            guard try database.account(factor.account) != nil else { throw StoreError.notFound }
            guard try database.secondFactor(of: factor.account)?.isOn != true else { throw StoreError.stale }
            try database.run("DELETE FROM second_factor WHERE account = ?", [.text(factor.account.rawValue)])
            try database.run(
                "INSERT INTO second_factor (account, id, secret, created_at, confirmed_at, last_step) VALUES (?, ?, ?, ?, NULL, 0)",
                [
                    .text(factor.account.rawValue), .text(factor.id.rawValue), .blob(factor.secret.bytes),
                    factor.createdAt.storedMilliseconds,
                ])
        }
    }

    package func confirm(
        _ factor: SecondFactor, recoveryCodes codes: [[UInt8]], keeping session: SignInSession, audit: AuditEntry
    ) async throws {
        try await write(audit) { database in
            let count = try database.run(
                "UPDATE second_factor SET confirmed_at = ?, last_step = ? WHERE account = ? AND id = ? AND confirmed_at IS NULL",
                [
                    factor.confirmedAt?.storedMilliseconds ?? .null, .integer(factor.lastStep), .text(factor.account.rawValue),
                    .text(factor.id.rawValue),
                ])
            guard count == 1 else { throw StoreError.stale }
            for code in codes {
                try database.run(
                    "INSERT INTO recovery_code (account, digest) VALUES (?, ?)", [.text(factor.account.rawValue), .blob(code)])
            }
            try database.run(
                "DELETE FROM session WHERE account = ? AND token_digest <> ?",
                [.text(factor.account.rawValue), .blob(session.tokenDigest)])
        }
    }

    package func acceptStep(_ step: Int64, of factor: SecondFactor) async throws -> Bool {
        try await write(nil, .found) { database in
            try database.run(
                "UPDATE second_factor SET last_step = ? WHERE account = ? AND id = ? AND last_step < ?",
                [.integer(step), .text(factor.account.rawValue), .text(factor.id.rawValue), .integer(step)]) == 1
        }
    }

    package func useRecoveryCode(_ digest: [UInt8], of factor: SecondFactor) async throws -> Int? {
        try await write(nil) { database in
            let count = try database.run(
                "DELETE FROM recovery_code WHERE account = ? AND digest = ?", [.text(factor.account.rawValue), .blob(digest)])
            return count == 1 ? try database.recoveryCodeCount(of: factor.account) : nil
        }
    }

    package func recoveryCodeCount(of account: AccountName) async throws -> Int {
        try await queue.read { try $0.recoveryCodeCount(of: account) }
    }

    package func removeSecondFactor(of account: AccountName, endsSessions: Bool, audit: AuditEntry) async throws -> Bool {
        try await write(nil) { database in
            guard try database.run("DELETE FROM second_factor WHERE account = ?", [.text(account.rawValue)]) == 1 else { return false }
            if endsSessions { try database.run("DELETE FROM session WHERE account = ?", [.text(account.rawValue)]) }
            try database.insert(audit)
            return true
        }
    }
}

extension Database {
    fileprivate func secondFactor(of account: AccountName) throws -> SecondFactor? {
        try first("SELECT * FROM second_factor WHERE account = ?", [.text(account.rawValue)]).map { row in
            guard let id = ConnectionID(try row.text("id")) else { throw StoredRowError.unreadable(table: "second_factor") }
            return SecondFactor(
                account: account, id: id, secret: SealedSecret(bytes: try row.blob("secret")),
                createdAt: Date(storedMilliseconds: try row.integer("created_at")),
                confirmedAt: try row.optionalInteger("confirmed_at").map(Date.init(storedMilliseconds:)),
                lastStep: try row.integer("last_step"))
        }
    }

    fileprivate func recoveryCodeCount(of account: AccountName) throws -> Int {
        let row = try first("SELECT COUNT(*) AS count FROM recovery_code WHERE account = ?", [.text(account.rawValue)])
        return Int(try row?.integer("count") ?? 0)
    }

    /// Seals the secrets of all second factors with another key.
    func reencryptSecondFactors(_ change: (SealedSecret, ConnectionID, SettingKey) throws -> SealedSecret) throws -> Int {
        let rows = try query("SELECT account, id, secret FROM second_factor")
        for row in rows {
            guard let id = ConnectionID(try row.text("id")) else { throw StoredRowError.unreadable(table: "second_factor") }
            let sealed = try change(SealedSecret(bytes: try row.blob("secret")), id, SecondFactor.secretKey)
            try run("UPDATE second_factor SET secret = ? WHERE account = ?", [.blob(sealed.bytes), .text(try row.text("account"))])
        }
        return rows.count
    }
}
