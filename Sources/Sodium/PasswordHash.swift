import CSodium

/// An argon2id hash that is stored instead of a password, with a random salt and its cost.
///
/// Creating and verifying a hash block the calling thread and need memory: 84 to 107 ms and 64 MiB at ``Cost/interactive``, measured on
/// two shared cores. Run them on a separate thread, and only a few at the same time.
public struct PasswordHash: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The maximum length of a password in UTF-8 bytes; longer ones would allow denial of service.
    public static let maximumPasswordBytes = 1_024

    /// The text to store; it starts with `$argon2id$`.
    public let stored: String

    /// Hashes a password; the same password gives a different hash each time.
    ///
    /// Passwords are compared by their bytes: "é" as one scalar and as two are different passwords.
    ///
    /// - Parameters:
    ///   - password: The password, 1 to 1,024 bytes.
    ///   - cost: The cost of one guess.
    /// - Throws: ``PasswordHashError``, or ``SodiumError``.
    public init(_ password: String, cost: Cost = .interactive) throws {
        try SodiumLibrary.start()
        try Self.check(password)
        guard !password.isEmpty else { throw PasswordHashError.emptyPassword }
        guard cost.isValid else { throw PasswordHashError.invalidCost }
        stored = try Self.hash(password, cost)
    }

    /// Restores a stored hash.
    ///
    /// - Throws: ``PasswordHashError/damaged`` if it is not an argon2id hash, or ``SodiumError``.
    public init(stored: String) throws {
        try SodiumLibrary.start()
        guard stored.hasPrefix(crypto_pwhash_argon2id_STRPREFIX), !stored.utf8.contains(0),
            crypto_pwhash_str_needs_rehash(stored, Cost.interactive.operations, Cost.interactive.memory) >= 0
        else { throw PasswordHashError.damaged }
        self.stored = stored
    }

    /// Returns whether a password is the one that was hashed.
    ///
    /// Returns false if the required memory is not available.
    ///
    /// - Throws: ``PasswordHashError/tooLong`` before any hashing.
    public func matches(_ password: String) throws -> Bool {
        try Self.check(password)
        return crypto_pwhash_str_verify(stored, password, UInt64(password.utf8.count)) == 0
    }

    /// Returns whether the hash has another cost; then hash the password again after the next ``matches(_:)`` that returns true.
    public func needsRehash(cost: Cost = .interactive) -> Bool {
        crypto_pwhash_str_needs_rehash(stored, cost.operations, cost.memory) != 0
    }

    /// A placeholder.
    public var description: String { "•••••" }
    /// The same placeholder.
    public var debugDescription: String { description }
    /// An empty mirror.
    public var customMirror: Mirror { Mirror(self, children: []) }

    private static func check(_ password: String) throws {
        guard password.utf8.count <= maximumPasswordBytes else { throw PasswordHashError.tooLong }
    }

    private static func hash(_ password: String, _ cost: Cost) throws -> String {
        var hash = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
        let code = crypto_pwhash_str_alg(
            &hash, password, UInt64(password.utf8.count), cost.operations, cost.memory, crypto_pwhash_ALG_ARGON2ID13)
        // The cost and the length are valid, so the only possible error is a lack of memory.
        guard code == 0 else { throw SodiumError.outOfMemory }
        return String(decoding: hash.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension PasswordHash {
    /// The work needed to test one password.
    public struct Cost: Sendable, Hashable {
        /// The cost for interactive logins: 2 passes over 64 MiB.
        public static let interactive = Cost(
            operations: UInt64(crypto_pwhash_OPSLIMIT_INTERACTIVE), memory: Int(crypto_pwhash_MEMLIMIT_INTERACTIVE))

        /// The number of passes over the memory.
        public var operations: UInt64
        /// The memory in bytes.
        public var memory: Int

        /// Creates a cost; libsodium requires at least 1 pass and 8,192 bytes.
        public init(operations: UInt64, memory: Int) {
            self.operations = operations
            self.memory = memory
        }

        var isValid: Bool {
            (crypto_pwhash_opslimit_min()...crypto_pwhash_opslimit_max()).contains(Int(clamping: operations))
                && (crypto_pwhash_memlimit_min()...crypto_pwhash_memlimit_max()).contains(memory)
        }
    }
}

/// An error of hashing or verifying a password.
public enum PasswordHashError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The password is empty.
    case emptyPassword
    /// The password has more than 1,024 bytes.
    case tooLong
    /// The stored text is not an argon2id hash.
    case damaged
    /// The cost is outside the limits of argon2id.
    case invalidCost

    /// The error and a recommendation.
    public var description: String {
        switch self {
        case .emptyPassword: "The password is empty. Choose one."
        case .tooLong: "The password has more than \(PasswordHash.maximumPasswordBytes) bytes. Choose a shorter one."
        case .damaged: "The stored password hash is damaged. Set a new password."
        case .invalidCost: "The cost of hashing is out of range: at least 1 pass over 8,192 bytes."
        }
    }
}
