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
