package import FoundationEssentials
import PSACore
import PSAEngine
package import Sodium
import VectisRules

/// A person who may sign in.
package struct Account: Sendable, Equatable {
    package let name: AccountName
    package var role: Role
    /// The argon2id text; never the password.
    package var passwordHash: String
    package var createdAt: Date
    /// Language and time zone of its pages.
    package var preferences: AccountPreferences

    /// Creates an ``Account``.
    package init(
        name: AccountName, role: Role, passwordHash: String, createdAt: Date, preferences: AccountPreferences = AccountPreferences()
    ) {
        self.name = name
        self.role = role
        self.passwordHash = passwordHash
        self.createdAt = createdAt
        self.preferences = preferences
    }

}

/// What an account may do, checked on the server for each request.
package enum Role: String, Sendable, CaseIterable {
    /// Sees everything and changes everything.
    case admin
    /// Works with rules, jobs and company mappings, and tests contact points; changes no connection, account, API key or retention.
    case `operator`
    /// Sees connections, guides and the audit log; changes nothing but its own account.
    case viewer

    /// Whether it may do everything that another role may.
    package func includes(_ other: Role) -> Bool { rank >= other.rank }

    private var rank: Int {
        switch self {
        case .admin: 2
        case .operator: 1
        case .viewer: 0
        }
    }
}

/// The name a person signs in with, in lower case.
package struct AccountName: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let rawValue: String

    /// Checks a name: 1 to 64 letters, digits and `. _ - @`, case-insensitive.
    package init?(_ text: String) {
        let lower = text.lowercased()
        let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789._-@".utf8)
        guard (1...64).contains(lower.utf8.count), lower.utf8.allSatisfy(allowed.contains) else { return nil }
        rawValue = lower
    }

    package var description: String { rawValue }
    package static func < (lhs: AccountName, rhs: AccountName) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// A browser that is signed in.
package struct SignInSession: Sendable, Equatable {
    /// The digest of the token in the cookie; the token itself is stored nowhere.
    package let tokenDigest: [UInt8]
    package let account: AccountName
    package let createdAt: Date
    /// When it was last used, to about a minute.
    package var lastSeenAt: Date
    /// The browser and the system that signed in, such as “Firefox on Linux”; empty if it did not say.
    package let device: String
    /// The address that signed in; empty for sessions of earlier versions.
    package let address: String

    /// Creates a ``SignInSession``.
    package init(
        tokenDigest: [UInt8], account: AccountName, createdAt: Date, lastSeenAt: Date, device: String = "", address: String = ""
    ) {
        self.tokenDigest = tokenDigest
        self.account = account
        self.createdAt = createdAt
        self.lastSeenAt = lastSeenAt
        self.device = device
        self.address = address
    }

    /// By which it is listed and ended; it opens nothing.
    package var id: String { String(Base64URL.encode(Digest(of: tokenDigest).bytes).prefix(22)) }
}

/// The part of the storage that keeps accounts and who is signed in.
package protocol AccountStore: Sendable {
    /// All accounts by name.
    func accounts() async throws -> [Account]

    /// One account, or nil if there is none.
    func account(_ name: AccountName) async throws -> Account?

    /// Adds an account.
    ///
    /// - Throws: ``AccountError/duplicateAccount``.
    func add(_ account: Account, audit: AuditEntry) async throws

    /// Changes the password of an account and nothing else of it; its sessions end, except the one given.
    ///
    /// Its failed sign-ins no longer count, and its devices are no longer known.
    ///
    /// - Parameters:
    ///   - name: The account.
    ///   - old: The hash that the account has to have still; nil for any.
    ///   - new: The hash of the new password.
    ///   - session: The session that stays; nil for none.
    ///   - audit: The audit entry.
    /// - Throws: ``StoreError/notFound``, or ``StoreError/stale`` if the account has another hash.
    func setPassword(
        of name: AccountName, from old: String?, to new: String, keeping session: SignInSession?, audit: AuditEntry
    ) async throws

    /// Changes the role of an account and nothing else of it; its sessions end.
    ///
    /// - Throws: ``StoreError/notFound`` or ``AccountError/lastAdministrator``.
    func setRole(of name: AccountName, to role: Role, audit: AuditEntry) async throws

    /// Stores what an account chose for its pages.
    ///
    /// - Throws: ``StoreError/notFound``.
    func setPreferences(_ preferences: AccountPreferences, of account: AccountName, audit: AuditEntry) async throws

    /// Removes an account and ends its sessions.
    ///
    /// - Throws: ``StoreError/notFound`` or ``AccountError/lastAdministrator``.
    func removeAccount(_ name: AccountName, audit: AuditEntry) async throws

    /// The session of a token, with its account; nil if it has ended, or waits for a code.
    func session(tokenDigest: [UInt8]) async throws -> (session: SignInSession, account: Account)?

    /// The sign-in of a token that waits for the code of the second factor, with its account; nil if there is none.
    func pendingSignIn(tokenDigest: [UInt8]) async throws -> (session: SignInSession, account: Account)?

    /// The sessions of an account, the latest used first; those that wait for a code are left out.
    func sessions(of account: AccountName, limit: Int) async throws -> [SignInSession]

    /// Ends the sessions of an account, except the one given.
    ///
    /// - Returns: How many ended.
    /// - Throws: Errors of the storage.
    func removeSessions(of account: AccountName, except session: SignInSession, audit: AuditEntry) async throws -> Int

    /// Notes that a session was used.
    func touchSession(tokenDigest: [UInt8], at timestamp: Date) async throws

    /// Ends a session.
    func removeSession(tokenDigest: [UInt8], audit: AuditEntry) async throws
}

/// The rules for storing and accepting passwords.
package struct PasswordPolicy: Sendable {
    /// The cost of hashing; tests choose a lower one.
    package let cost: PasswordHash.Cost

    package static let minLength = 12
    package static let maxLength = 256

    package init(cost: PasswordHash.Cost = .interactive) { self.cost = cost }

    /// What is wrong with a new password, or nil; the account is nil while its name is not valid.
    package func issue(with password: String, for account: AccountName?) -> String? {
        if password.count < Self.minLength { return "A password needs at least \(Self.minLength) characters." }
        if password.utf8.count > Self.maxLength { return "A password can have at most \(Self.maxLength) characters." }
        if Set(password).count < 5 { return "This password repeats too few characters." }
        if let name = account?.rawValue, name.count > 3, password.lowercased().contains(name) {
            return "The password must not contain the name."
        }
        return nil
    }

    /// The text to store for a password.
    package func hash(_ password: String) throws -> String { try PasswordHash(password, cost: cost).stored }

    /// Whether a password matches a hash; a damaged hash matches no password.
    package func verify(_ password: String, against stored: String) -> Bool {
        (try? PasswordHash(stored: stored).matches(password)) ?? false
    }
}

/// What a browser shows to prove that it is signed in; 256 random bits.
package struct SessionToken: Sendable, Hashable, CustomStringConvertible {
    /// The text in the cookie, and nowhere else.
    package let cookieValue: String

    /// Draws a new one.
    ///
    /// - Throws: The system's error if it has no random bytes.
    package init() throws { cookieValue = try RandomBytes.token() }

    /// Takes one from a cookie; nil if it can't be one.
    package init?(cookieValue: String) {
        let isToken =
            cookieValue.utf8.count == 43
            && cookieValue.utf8.allSatisfy { byte in
                (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
            }
        guard isToken else { return nil }
        self.cookieValue = cookieValue
    }

    /// The key under which it is stored; the token can't be derived from it.
    package var digest: [UInt8] { Digest(of: Array(cookieValue.utf8)).bytes }

    /// A placeholder.
    package var description: String { "•••••" }
}
