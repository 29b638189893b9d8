import PSAEngine
import FoundationEssentials

/// The part of the storage that keeps accounts and who is signed in.
protocol AccountStore: Sendable {
    /// All accounts by name.
    func accounts() async throws -> [Account]

    /// One account, or nil if there is none.
    func account(_ name: AccountName) async throws -> Account?

    /// Adds an account.
    ///
    /// - Throws: ``AccountError/duplicateAccount``.
    func add(_ account: Account, audit: AuditEntry) async throws

    /// Changes an account's role or password; its sessions end, except the one given.
    ///
    /// - Throws: ``StoreError/notFound`` or ``AccountError/lastAdministrator``.
    func replace(_ account: Account, keeping session: SignInSession?, audit: AuditEntry) async throws

    /// Removes an account and ends its sessions.
    ///
    /// - Throws: ``StoreError/notFound`` or ``AccountError/lastAdministrator``.
    func removeAccount(_ name: AccountName, audit: AuditEntry) async throws

    /// Keeps a new session, and forgets those that were last seen before a moment.
    func add(_ session: SignInSession, forgettingThoseSeenBefore moment: Date, audit: AuditEntry) async throws

    /// The session of a token, with its account; nil if it has ended.
    func session(tokenDigest: [UInt8]) async throws -> (session: SignInSession, account: Account)?

    /// Notes that a session was used.
    func touchSession(tokenDigest: [UInt8], at moment: Date) async throws

    /// Ends a session.
    func removeSession(tokenDigest: [UInt8], audit: AuditEntry) async throws
}
