import CSodium

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
