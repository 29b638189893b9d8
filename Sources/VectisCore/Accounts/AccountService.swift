package import FoundationEssentials
package import PSACore
import PSAEngine
import VectisRules

/// Why an account was not changed.
package enum AccountChangeError: Error, Sendable, Equatable {
    /// Values that are not valid, all at once, with a message for each.
    case invalid([AccountService.Field: String])
    /// An account of this name exists already.
    case taken(String)
    case notFound
    /// An account can't change its own role or remove itself.
    case own

    package static let notFoundSentence = "There is no account of this name."
    package static let ownSentence = "You can’t change your own role or remove your own account. Another administrator can."
}

/// The operations on accounts, shared by pages and the JSON API so that both apply the same rules.
package struct AccountService: Sendable {
    private let storage: any Storage
    private let signIn: SignInService

    /// The values of an account that are validated.
    package enum Field: String, Sendable, Hashable, CaseIterable {
        case name
        case password
        case role
        case current
        case new
    }

    package init(storage: any Storage, signIn: SignInService) {
        self.storage = storage
        self.signIn = signIn
    }

    /// Makes an account.
    ///
    /// - Throws: ``AccountChangeError``, or an error of the storage.
    package func create(name: String, password: String, role: String, by origin: RequestOrigin) async throws -> Account {
        let (accountName, accountRole) = (AccountName(name), Role(rawValue: role))
        var issues: [Field: String] = [:]
        if accountName == nil { issues[.name] = "A name has 1 to 64 letters, digits or . _ - @." }
        if accountRole == nil { issues[.role] = Self.roles }
        if let issue = signIn.passwords.issue(with: password, for: accountName) { issues[.password] = issue }
        guard let accountName, let accountRole, issues.isEmpty else { throw AccountChangeError.invalid(issues) }
        let account = Account(
            name: accountName, role: accountRole, passwordHash: try await signIn.hash(password), createdAt: origin.at)
        do {
            let audit = origin.audit(.accountCreated, accountName.rawValue, .done, "Role: \(accountRole.rawValue).")
            try await storage.add(account, audit: audit)
        } catch AccountError.duplicateAccount {
            throw AccountChangeError.taken("An account of this name exists already.")
        }
        return account
    }

    /// Gives an account another role; its sessions end.
    ///
    /// - Throws: ``AccountChangeError``, or an error of the storage.
    package func changeRole(of name: String, to role: String, by origin: RequestOrigin) async throws -> Account {
        var account = try await other(name, origin)
        guard let role = Role(rawValue: role) else { throw AccountChangeError.invalid([.role: Self.roles]) }
        account.role = role
        let audit = origin.audit(.accountChanged, account.name.rawValue, .done, "Role: \(role.rawValue).")
        try await storage.replace(account, keeping: nil, audit: audit)
        return account
    }

    /// Removes an account; its sessions end.
    ///
    /// - Throws: ``AccountChangeError``, or an error of the storage.
    package func remove(_ name: String, by origin: RequestOrigin) async throws {
        let account = try await other(name, origin)
        try await storage.removeAccount(account.name, audit: origin.audit(.accountRemoved, account.name.rawValue))
    }

    /// Changes the password of the signed-in account; its other sessions end.
    ///
    /// - Throws: ``AccountChangeError``, ``SignInError``, or an error of the storage.
    package func changePassword(
        of user: Account, keeping session: SignInSession, from current: String, to new: String, by origin: RequestOrigin
    ) async throws {
        var issues: [Field: String] = [:]
        if !(try await signIn.isPassword(current, of: user, from: origin)) {
            issues[.current] = "This is not your current password."
        }
        issues[.new] = signIn.passwords.issue(with: new, for: user.name)
        guard issues.isEmpty else { throw AccountChangeError.invalid(issues) }
        var account = user
        account.passwordHash = try await signIn.hash(new)
        try await storage.replace(account, keeping: session, audit: origin.audit(.passwordChanged, account.name.rawValue))
    }

    private static let roles = "A role is “admin” or “viewer”."

    private func other(_ name: String, _ origin: RequestOrigin) async throws -> Account {
        guard let name = AccountName(name), let account = try await storage.account(name) else { throw AccountChangeError.notFound }
        guard name != origin.account else { throw AccountChangeError.own }
        return account
    }
}

/// Why a sign-in or a password was rejected.
package enum SignInError: Error, Sendable {
    /// Name or password is wrong; which of them is not revealed.
    case wrong
    /// Too many failures; how many minutes until the next try counts.
    case blocked(minutes: Int)
}

/// Signs people in and out.
///
/// One password is checked at a time: each check takes 64 MiB and a tenth of a second, and the count of failures must not be outrun by
/// tries that arrive together.
package struct SignInService: Sendable {
    /// After this many failures an account, or an address, has to wait; the same number for both, so that the response does not reveal
    /// which names exist.
    package static let tries = 5
    /// How long a failure counts.
    package static let window: TimeInterval = 15 * 60
    /// How long a session lives without being used.
    package static let idleLimit: TimeInterval = 8 * 3600
    /// How long a session lives at most.
    package static let absoluteLimit: TimeInterval = 7 * 86_400

    private let storage: any Storage
    private let time: TimeSource
    package let passwords: PasswordPolicy
    /// Verified where there is no account, so that the response time does not reveal which names exist.
    private let decoy: String
    private let gate = AsyncSerialQueue()

    package init(storage: any Storage, time: TimeSource, passwords: PasswordPolicy) throws {
        self.storage = storage
        self.time = time
        self.passwords = passwords
        decoy = try passwords.hash("no account has this password")
    }

    /// Checks name and password and opens a session.
    ///
    /// - Returns: The token for the cookie, and the session.
    /// - Throws: ``SignInError``, or an error of the storage.
    package func signIn(name: String, password: String, from origin: RequestOrigin) async throws -> (
        token: SessionToken, session: SignInSession
    ) {
        try await gate.pass { try await checked(name: name, password: password, from: origin) }
    }

    private func checked(
        name: String, password: String, from origin: RequestOrigin
    ) async throws -> (token: SessionToken, session: SignInSession) {
        let account = try await account(named: name)
        func entry(_ action: AuditAction, _ outcome: AuditEntry.Outcome, _ detail: String) -> AuditEntry {
            origin.audit(
                action, account?.name.rawValue ?? "", outcome, detail, actor: account.map { .account($0.name) } ?? .unknown)
        }
        if try await isBlocked(account?.name, origin.address) {
            try await storage.append(entry(.signInBlocked, .refused, "Too many failed tries."))
            throw SignInError.blocked(minutes: Int(Self.window / 60))
        }
        guard passwords.verify(password, against: account?.passwordHash ?? decoy), let account else {
            try await storage.append(entry(.signInFailed, .refused, "Name or password was wrong."))
            throw SignInError.wrong
        }
        let token = try SessionToken()
        let session = SignInSession(tokenDigest: token.digest, account: account.name, createdAt: origin.at, lastSeenAt: origin.at)
        try await storage.add(
            session, forgettingThoseSeenBefore: origin.at.addingTimeInterval(-Self.idleLimit), audit: entry(.signedIn, .done, ""))
        return (token, session)
    }

    private func account(named name: String) async throws -> Account? {
        guard let name = AccountName(name) else { return nil }
        return try await storage.account(name)
    }

    private func isBlocked(_ account: AccountName?, _ address: String) async throws -> Bool {
        let since = time.now().addingTimeInterval(-Self.window)
        if try await storage.failedSignIns(from: address, since: since) >= Self.tries { return true }
        guard let account else { return false }
        return try await storage.failedSignIns(of: account, since: since) >= Self.tries
    }

    /// Whether a password is that of an account, for changing it; wrong ones count like failed sign-ins.
    ///
    /// - Throws: ``SignInError/blocked(minutes:)``, or an error of the storage.
    package func isPassword(_ password: String, of account: Account, from origin: RequestOrigin) async throws -> Bool {
        try await gate.pass {
            if try await isBlocked(account.name, origin.address) { throw SignInError.blocked(minutes: Int(Self.window / 60)) }
            if passwords.verify(password, against: account.passwordHash) { return true }
            try await storage.append(
                origin.audit(.signInFailed, account.name.rawValue, .refused, "The current password was wrong when changing it."))
            return false
        }
    }

    /// The text to store for a new password.
    package func hash(_ password: String) async throws -> String { try await gate.pass { try passwords.hash(password) } }

    /// The session of a cookie's token, if it has not ended.
    package func signedInUser(token: SessionToken, now: Date) async throws -> (session: SignInSession, account: Account)? {
        guard let found = try await storage.session(tokenDigest: token.digest) else { return nil }
        guard now.timeIntervalSince(found.session.lastSeenAt) < Self.idleLimit,
            now.timeIntervalSince(found.session.createdAt) < Self.absoluteLimit
        else { return nil }
        // Once a minute is exact enough, and spares a write on each request.
        if now.timeIntervalSince(found.session.lastSeenAt) >= 60 {
            do {
                try await storage.touchSession(tokenDigest: token.digest, at: now)
            } catch is StorageFailure {
                // A full disk must not lock out a signed-in user, who has to see the pages that report it.
            }
        }
        return found
    }
}
