import FoundationEssentials

/// A person who may sign in.
struct Account: Sendable, Equatable {
    let name: AccountName
    var role: Role
    /// The argon2id text; never the password.
    var passwordHash: String
    var createdAt: Date
}

/// What an account may do, checked on the server for each request.
enum Role: String, Sendable, CaseIterable {
    /// Sees everything and changes everything.
    case admin
    /// Sees connections, guides and the audit log; changes nothing but its own password.
    case viewer
}

/// The name a person signs in with, in lower case.
struct AccountName: Sendable, Hashable, Comparable, CustomStringConvertible {
    let rawValue: String

    /// Checks a name: 1 to 64 of letters, digits and `. _ - @`, whatever their case.
    init?(_ text: String) {
        let lower = text.lowercased()
        let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789._-@".utf8)
        guard (1...64).contains(lower.utf8.count), lower.utf8.allSatisfy(allowed.contains) else { return nil }
        rawValue = lower
    }

    var description: String { rawValue }
    static func < (lhs: AccountName, rhs: AccountName) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// A browser that is signed in.
struct SignInSession: Sendable, Equatable {
    /// The digest of the token in the cookie; the token itself is stored nowhere.
    let tokenDigest: [UInt8]
    let account: AccountName
    let createdAt: Date
    /// When it was last used, to about a minute.
    var lastSeenAt: Date
}
