import FoundationEssentials
import PSACore

/// Signs people in and out.
///
/// One password is checked at a time: each check takes 64 MiB and a tenth of a second, and the count of failures must not be outrun by tries
/// that arrive together.
struct SignInService: Sendable {
    /// After so many failures an account, or an address, has to wait; the same number for both, so that the answer does not tell which names
    /// exist.
    static let tries = 5
    /// How long a failure counts.
    static let window: TimeInterval = 15 * 60
    /// How long a session lives without being used.
    static let idleLimit: TimeInterval = 8 * 3600
    /// How long a session lives at most.
    static let absoluteLimit: TimeInterval = 7 * 86_400

    enum Refusal: Error, Sendable {
        /// Name or password is wrong; which of them is not told.
        case wrong
        /// Too many failures; how many minutes until the next try counts.
        case blocked(minutes: Int)
    }

    private let storage: any Storage
    private let time: TimeSource
    let passwords: PasswordPolicy
    /// Verified where there is no account, so that the time taken does not tell which names exist.
    private let decoy: String
    private let gate = AsyncSerialQueue()

    init(storage: any Storage, time: TimeSource, passwords: PasswordPolicy) throws {
        self.storage = storage
        self.time = time
        self.passwords = passwords
        decoy = try passwords.hash("no account has this password")
    }

    /// Checks name and password and opens a session.
    ///
    /// - Returns: The token for the cookie, and the session.
    /// - Throws: ``Refusal``, or an error of the storage.
    func signIn(name: String, password: String, from context: RequestContext) async throws -> (token: SessionToken, session: SignInSession)
    {
        try await gate.pass { try await checked(name: name, password: password, from: context) }
    }

    private func checked(
        name: String, password: String, from context: RequestContext
    ) async throws -> (token: SessionToken, session: SignInSession) {
        let account = try await account(named: name)
        func entry(_ action: AuditAction, _ outcome: AuditEntry.Outcome, _ detail: String) -> AuditEntry {
            context.audit(
                action, account?.name.rawValue ?? "", outcome, detail, actor: account.map { .account($0.name) } ?? .unknown)
        }
        if try await isBlocked(account?.name, context.clientAddress) {
            try await storage.append(entry(.signInBlocked, .refused, "Too many failed tries."))
            throw Refusal.blocked(minutes: Int(Self.window / 60))
        }
        guard passwords.verify(password, against: account?.passwordHash ?? decoy), let account else {
            try await storage.append(entry(.signInFailed, .refused, "Name or password was wrong."))
            throw Refusal.wrong
        }
        let token = try SessionToken()
        let session = SignInSession(tokenDigest: token.digest, account: account.name, createdAt: context.now, lastSeenAt: context.now)
        try await storage.add(
            session, forgettingThoseSeenBefore: context.now.addingTimeInterval(-Self.idleLimit), audit: entry(.signedIn, .done, ""))
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
    /// - Throws: ``Refusal/blocked(minutes:)``, or an error of the storage.
    func isPassword(_ password: String, of account: Account, from context: RequestContext) async throws -> Bool {
        try await gate.pass {
            if try await isBlocked(account.name, context.clientAddress) { throw Refusal.blocked(minutes: Int(Self.window / 60)) }
            if passwords.verify(password, against: account.passwordHash) { return true }
            try await storage.append(
                context.audit(.signInFailed, account.name.rawValue, .refused, "The current password was wrong when changing it."))
            return false
        }
    }

    /// The text to store for a new password.
    func hash(_ password: String) async throws -> String { try await gate.pass { try passwords.hash(password) } }

    /// The session of a cookie's token, if it has not ended.
    func visitor(token: SessionToken, now: Date) async throws -> (session: SignInSession, account: Account)? {
        guard let found = try await storage.session(tokenDigest: token.digest) else { return nil }
        guard now.timeIntervalSince(found.session.lastSeenAt) < Self.idleLimit,
            now.timeIntervalSince(found.session.createdAt) < Self.absoluteLimit
        else { return nil }
        // Once a minute is exact enough, and spares a write on each request.
        if now.timeIntervalSince(found.session.lastSeenAt) >= 60 {
            do {
                try await storage.touchSession(tokenDigest: token.digest, at: now)
            } catch is StorageFailure {
                // Who is signed in has to see the pages that say so.
            }
        }
        return found
    }
}
