import CSodium

/// What is stored in place of a password: argon2id with a salt of its own and its cost written in.
///
/// Making and checking one keeps the calling thread busy and takes memory: 84 to 107 ms and 64 MiB at ``Cost/interactive``, measured on
/// two shared cores. Run it away from the threads that serve others, and few at a time.
public struct PasswordHash: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The longest password accepted, in bytes of UTF-8; longer ones would only be a way to keep the server busy.
    public static let maximumPasswordBytes = 1_024

    /// The form to store; it starts with `$argon2id$`.
    public let stored: String

    /// Hashes a password; the same password gives another hash each time.
    ///
    /// Its bytes count: "é" as one scalar and as two are different passwords.
    ///
    /// - Parameters:
    ///   - password: The password, of 1 to 1,024 bytes.
    ///   - cost: How much work a guess takes.
    /// - Throws: ``PasswordHashError``, or ``SodiumError``.
    public init(_ password: String, cost: Cost = .interactive) throws {
        try SodiumLibrary.start()
        try Self.check(password)
        guard !password.isEmpty else { throw PasswordHashError.emptyPassword }
        guard cost.isPossible else { throw PasswordHashError.impossibleCost }
        stored = try Self.hash(password, cost)
    }

    /// Takes over a hash that was stored.
    ///
    /// - Throws: ``PasswordHashError/damaged`` if it is no argon2id hash, or ``SodiumError``.
    public init(stored: String) throws {
        try SodiumLibrary.start()
        guard stored.hasPrefix(crypto_pwhash_argon2id_STRPREFIX), !stored.utf8.contains(0),
            crypto_pwhash_str_needs_rehash(stored, Cost.interactive.operations, Cost.interactive.memory) >= 0
        else { throw PasswordHashError.damaged }
        self.stored = stored
    }

    /// Returns whether a password is the one that was hashed.
    ///
    /// If the memory it takes is not to be had, the answer is no.
    ///
    /// - Throws: ``PasswordHashError/tooLong`` before any work is done.
    public func matches(_ password: String) throws -> Bool {
        try Self.check(password)
        return crypto_pwhash_str_verify(stored, password, UInt64(password.utf8.count)) == 0
    }

    /// Whether it was made at another cost; then hash the password anew after the next ``matches(_:)`` that says yes.
    public func needsRehash(cost: Cost = .interactive) -> Bool {
        crypto_pwhash_str_needs_rehash(stored, cost.operations, cost.memory) != 0
    }

    /// A placeholder.
    public var description: String { "•••••" }
    /// The same placeholder.
    public var debugDescription: String { description }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }

    private static func check(_ password: String) throws {
        guard password.utf8.count <= maximumPasswordBytes else { throw PasswordHashError.tooLong }
    }

    private static func hash(_ password: String, _ cost: Cost) throws -> String {
        var hash = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
        let code = crypto_pwhash_str_alg(
            &hash, password, UInt64(password.utf8.count), cost.operations, cost.memory, crypto_pwhash_ALG_ARGON2ID13)
        // The cost is possible and the length is checked: what is left is the memory.
        guard code == 0 else { throw SodiumError.outOfMemory }
        return String(decoding: hash.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
