import CSodium

/// Bytes outside of the ordinary heap: kept out of swap and core dumps where the system allows it, overwritten when let go.
final class SecretMemory: Sendable {
    let count: Int
    // Nothing writes to it after it was made, and it is freed with its last reference.
    nonisolated(unsafe) private let start: UnsafeMutableRawPointer

    /// Makes room and lets a closure fill it.
    init(count: Int, fill: (UnsafeMutableRawPointer) throws -> Void) throws {
        try SodiumLibrary.start()
        guard let start = sodium_malloc(count) else { throw SodiumError.outOfMemory }
        do {
            try fill(start)
        } catch {
            sodium_free(start)
            throw error
        }
        sodium_mprotect_readonly(start)
        self.start = start
        self.count = count
    }

    deinit { sodium_free(start) }

    func withBytes<Value>(_ use: (UnsafePointer<UInt8>) throws -> Value) rethrows -> Value {
        try use(start.assumingMemoryBound(to: UInt8.self))
    }
}
