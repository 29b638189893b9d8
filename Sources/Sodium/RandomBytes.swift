import CSodium

/// Cryptographically secure random bytes.
public enum RandomBytes {
    /// Returns the given number of random bytes; none for numbers below 1.
    ///
    /// - Throws: ``SodiumError`` if the system provides no random numbers.
    public static func make(_ count: Int) throws -> [UInt8] {
        try SodiumLibrary.start()
        guard count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        randombytes_buf(&bytes, count)
        return bytes
    }

    /// Returns a random token for URLs, cookies and headers: 32 random bytes encoded as 43 letters, digits, `-` and `_`.
    ///
    /// - Throws: ``SodiumError`` if the system provides no random numbers.
    public static func token() throws -> String { Base64URL.encode(try make(32)) }
}

/// The initialization of libsodium, once per process.
enum SodiumLibrary {
    /// Whether libsodium is initialized; the first access initializes it.
    ///
    /// Random numbers and protected memory require it.
    private static let hasStarted = sodium_init() >= 0

    static func start() throws {
        guard hasStarted else { throw SodiumError.unavailable }
    }
}

/// An error that prevents libsodium from working on this machine.
public enum SodiumError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The system provides no random numbers.
    case unavailable
    /// The system provides no memory.
    case outOfMemory

    /// The error and a recommendation, for an administrator.
    public var description: String {
        switch self {
        case .unavailable: "libsodium can't start: the system provides no random numbers. Check that /dev/urandom is readable."
        case .outOfMemory: "The system is out of memory. Free some memory, or raise the memory limit of this process."
        }
    }
}
