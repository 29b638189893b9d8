import CSodium

/// Bytes that nobody can foretell.
public enum RandomBytes {
    /// Makes as many bytes as asked for; none for numbers below 1.
    ///
    /// - Throws: ``SodiumError`` if the system gives no random numbers.
    public static func make(_ count: Int) throws -> [UInt8] {
        try SodiumLibrary.start()
        guard count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        randombytes_buf(&bytes, count)
        return bytes
    }

    /// Makes a token for addresses, cookies and headers: 32 random bytes as 43 letters, digits, `-` and `_`.
    ///
    /// - Throws: ``SodiumError`` if the system gives no random numbers.
    public static func token() throws -> String { Base64URL.encode(try make(32)) }
}

/// libsodium, started once in a process.
enum SodiumLibrary {
    /// Whether it has started; asking starts it.
    ///
    /// Without it there are no random numbers and no protected memory.
    private static let hasStarted = sodium_init() >= 0

    static func start() throws {
        guard hasStarted else { throw SodiumError.unavailable }
    }
}

/// Why the library can't work on this machine at all.
public enum SodiumError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The system gives no random numbers.
    case unavailable
    /// The system gives no memory.
    case outOfMemory

    /// What is wrong and what to do, for an administrator.
    public var description: String {
        switch self {
        case .unavailable: "libsodium can't start: the system gives no random numbers. Check that /dev/urandom can be read."
        case .outOfMemory: "The system is out of memory. Free some, or raise the limit of this process."
        }
    }
}
