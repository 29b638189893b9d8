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

extension PasswordHash {
    /// How much work it takes to try one password.
    public struct Cost: Sendable, Hashable {
        /// For logins that a person waits for: 2 passes over 64 MiB.
        public static let interactive = Cost(
            operations: UInt64(crypto_pwhash_OPSLIMIT_INTERACTIVE), memory: Int(crypto_pwhash_MEMLIMIT_INTERACTIVE))

        /// How many passes over the memory.
        public var operations: UInt64
        /// How much memory, in bytes.
        public var memory: Int

        /// Makes a cost; libsodium takes at least 1 pass and 8,192 bytes.
        public init(operations: UInt64, memory: Int) {
            self.operations = operations
            self.memory = memory
        }

        var isPossible: Bool {
            (crypto_pwhash_opslimit_min()...crypto_pwhash_opslimit_max()).contains(Int(clamping: operations))
                && (crypto_pwhash_memlimit_min()...crypto_pwhash_memlimit_max()).contains(memory)
        }
    }
}

/// Why a password can't be hashed or checked.
public enum PasswordHashError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no password.
    case emptyPassword
    /// The password has more than 1,024 bytes.
    case tooLong
    /// What was stored is no argon2id hash.
    case damaged
    /// The cost is below or above what argon2id takes.
    case impossibleCost

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .emptyPassword: "The password is empty. Choose one."
        case .tooLong: "The password has more than \(PasswordHash.maximumPasswordBytes) bytes. Choose a shorter one."
        case .damaged: "The stored password hash is damaged. Set a new password."
        case .impossibleCost: "The cost of hashing is out of range: at least 1 pass over 8,192 bytes."
        }
    }
}
