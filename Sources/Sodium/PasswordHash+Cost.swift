import CSodium

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
