package import FoundationEssentials
import PSACore
import PSAEngine
import PSAEngineSQL
import SQL
package import VectisCore
import VectisRules

extension DatabaseStorage {
    package func signInFacts(
        name: AccountName?, network: ClientNetwork, device: [UInt8]?, failuresIn range: ClosedRange<Date>
    ) async throws -> SignInFacts {
        try await queue.read { try $0.signInFacts(name, network, device, range) }
    }

    package func countTry(
        name: AccountName?, network: ClientNetwork, device: [UInt8]?, at time: Date, failuresIn range: ClosedRange<Date>
    ) async throws -> (facts: SignInFacts, counted: SignInTry?) {
        try await write(nil, .rows([.signIns])) { database in
            let facts = try database.signInFacts(name, network, device, range)
            guard !facts.isBlocked else { return (facts, nil) }
            let failure = facts.failure(at: time, network, device: device)
            return (facts, try database.add(failure, forgettingThoseBefore: range.lowerBound))
        }
    }

    package func countTry(
        _ failure: FailedSignIn, ofDevice device: [UInt8], failuresIn range: ClosedRange<Date>
    ) async throws -> SignInTry? {
        try await write(nil, .rows([.signIns])) { database in
            guard try database.failures("device", .blob(device), range) < SignInService.tries else { return nil }
            return try database.add(failure, forgettingThoseBefore: range.lowerBound)
        }
    }

    package func takeBack(_ counted: SignInTry) async throws { try await write(nil, .rows([.signIns])) { try $0.takeBack(counted) } }

    package func add(_ failure: FailedSignIn, forgettingThoseBefore timestamp: Date) async throws {
        try await write(nil, .rows([.signIns])) { _ = try $0.add(failure, forgettingThoseBefore: timestamp) }
    }

    package func addPending(
        _ session: SignInSession, password: String, takingBack counted: SignInTry, forgettingThoseBefore timestamp: Date
    ) async throws {
        try await write(nil, .rows([.signIns])) { database in
            try database.require(password, of: session.account)
            try database.takeBack(counted)
            try database.run("DELETE FROM session WHERE awaits_code = 1 AND created_at < ?", [timestamp.storedMilliseconds])
            try database.add(session, awaitsCode: true)
        }
    }

    package func add(
        _ session: SignInSession, from device: KnownDevice, password: String?, takingBack counted: SignInTry?,
        replacing pending: SignInSession?, forgettingThoseSeenBefore timestamp: Date, audit: AuditEntry
    ) async throws {
        try await write(audit, .rows([.signIns])) { database in
            if let password { try database.require(password, of: session.account) }
            if let counted { try database.takeBack(counted) }
            if let pending { try database.run("DELETE FROM session WHERE token_digest = ?", [.blob(pending.tokenDigest)]) }
            let latest = session.createdAt.addingTimeInterval(WrongClock.tolerance).storedMilliseconds
            try database.run("DELETE FROM session WHERE last_seen_at < ? OR created_at > ?", [timestamp.storedMilliseconds, latest])
            try database.add(session, awaitsCode: false)
            try database.run("UPDATE sign_in_failure SET account = NULL WHERE account = ?", [.text(session.account.rawValue)])
            try database.run("UPDATE sign_in_failure SET device = NULL WHERE device = ?", [.blob(device.digest)])
            try database.keep(device)
        }
    }
}

extension LockKey {
    /// Failures, sessions and known devices.
    fileprivate static let signIns = LockKey(rawValue: "sign-ins")
}

extension Database {
    /// Checks that the password of an account is still the one that was compared with what was typed.
    fileprivate func require(_ hash: String, of account: AccountName) throws {
        guard try self.account(account)?.passwordHash == hash else { throw StoreError.stale }
    }

    fileprivate func add(_ session: SignInSession, awaitsCode: Bool) throws {
        try run(
            """
            INSERT INTO session (token_digest, account, created_at, last_seen_at, device, address, awaits_code)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .blob(session.tokenDigest), .text(session.account.rawValue), session.createdAt.storedMilliseconds,
                session.lastSeenAt.storedMilliseconds, .text(session.device), .text(session.address), .integer(awaitsCode ? 1 : 0),
            ])
    }

    fileprivate func signInFacts(
        _ name: AccountName?, _ network: ClientNetwork, _ device: [UInt8]?, _ range: ClosedRange<Date>
    ) throws -> SignInFacts {
        var facts = SignInFacts()
        facts.account = if let name { try account(name) } else { nil }
        facts.failuresOfNetwork = try failures("network", .text(network.description), range)
        guard let account = facts.account else { return facts }
        facts.failuresOfAccount = try failures("account", .text(account.name.rawValue), range)
        guard let device else { return facts }
        facts.isKnownDevice = try isKnown(device, to: account.name, at: range.upperBound)
        facts.failuresOfDevice = try failures("device", .blob(device), range)
        return facts
    }

    fileprivate func add(_ failure: FailedSignIn, forgettingThoseBefore timestamp: Date) throws -> SignInTry {
        let latest = failure.at.addingTimeInterval(WrongClock.tolerance)
        try run("DELETE FROM sign_in_failure WHERE at < ? OR at > ?", [timestamp.storedMilliseconds, latest.storedMilliseconds])
        let place = try insert(
            "INSERT INTO sign_in_failure (at, network, account, device) VALUES (?, ?, ?, ?)",
            [
                failure.at.storedMilliseconds, .text(failure.network.description), SQLValue(failure.account?.rawValue),
                failure.device.map { .blob($0) } ?? .null,
            ], key: "place")
        try run("DELETE FROM sign_in_failure WHERE place <= ?", [.integer(place - Int64(SignInLimits.maxFailures))])
        return SignInTry(place: place, failure: failure)
    }

    /// Removes the failure of a try; another row may have got its place.
    fileprivate func takeBack(_ counted: SignInTry) throws {
        try run(
            "DELETE FROM sign_in_failure WHERE place = ? AND at = ? AND network = ?",
            [.integer(counted.place), counted.failure.at.storedMilliseconds, .text(counted.failure.network.description)])
    }

    /// The failures of a network, an account or a device.
    fileprivate func failures(_ column: String, _ value: SQLValue, _ range: ClosedRange<Date>) throws -> Int {
        let row = try first(
            "SELECT COUNT(*) AS count FROM sign_in_failure WHERE \(column) = ? AND at BETWEEN ? AND ?",
            [value, range.lowerBound.storedMilliseconds, range.upperBound.storedMilliseconds])
        return Int(try row?.integer("count") ?? 0)
    }

    fileprivate func isKnown(_ device: [UInt8], to account: AccountName, at now: Date) throws -> Bool {
        try first(
            "SELECT 1 FROM known_device WHERE digest = ? AND account = ? AND last_used_at BETWEEN ? AND ?",
            [
                .blob(device), .text(account.rawValue), now.addingTimeInterval(-KnownDevice.lifetime).storedMilliseconds,
                now.addingTimeInterval(WrongClock.tolerance).storedMilliseconds,
            ]) != nil
    }

    /// Adds a device or notes its use, and removes those beyond their number or lifetime.
    fileprivate func keep(_ device: KnownDevice) throws {
        let (account, used) = (SQLValue.text(device.account.rawValue), device.lastUsedAt)
        try replace(
            "known_device", key: ["digest"],
            ["digest": .blob(device.digest), "account": account, "last_used_at": used.storedMilliseconds])
        try run(
            "DELETE FROM known_device WHERE last_used_at < ? OR last_used_at > ?",
            [
                used.addingTimeInterval(-KnownDevice.lifetime).storedMilliseconds,
                used.addingTimeInterval(WrongClock.tolerance).storedMilliseconds,
            ])
        try run(
            """
            DELETE FROM known_device WHERE account = ?1 AND digest NOT IN
                (SELECT digest FROM known_device WHERE account = ?1 ORDER BY last_used_at DESC, digest LIMIT ?2)
            """, [account, .integer(Int64(KnownDevice.maxPerAccount))])
    }
}
