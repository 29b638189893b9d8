import CSodium

/// Comparing secrets without telling, by the time it takes, how much of a guess is right.
public enum ConstantTime {
    /// Returns whether two arrays hold the same bytes; only their lengths influence how long it takes.
    public static func areEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        first.count == second.count && sodium_memcmp(first, second, first.count) == 0
    }
}
