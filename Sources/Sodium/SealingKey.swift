import CSodium

/// A key of 32 bytes that is never printed, interpolated or reflected.
///
/// It is stored in memory that is excluded from swap where the system supports it, and overwritten when the last copy is released. Only
/// ``reveal()`` returns it, for the code that stores it.
public struct SealingKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The number of bytes in a key.
    public static let size = 32

    let memory: SecretMemory

    private init(fill: (UnsafeMutableRawPointer) throws -> Void) throws {
        memory = try SecretMemory(count: Self.size, fill: fill)
    }

    /// Creates a random key.
    ///
    /// - Throws: ``SodiumError``.
    public static func random() throws -> SealingKey {
        try SealingKey { randombytes_buf($0, size) }
    }

    /// Creates a key from bytes.
    ///
    /// The array is not overwritten; that is up to the caller.
    ///
    /// - Throws: ``SealingKeyError`` if `bytes` does not have 32 elements, or ``SodiumError``.
    public init(bytes: [UInt8]) throws {
        guard bytes.count == Self.size else { throw SealingKeyError.wrongSize(bytes.count) }
        try self.init { $0.copyMemory(from: bytes, byteCount: Self.size) }
    }

    /// Creates a key from the base64 text of ``reveal()``; whitespace is ignored.
    ///
    /// - Throws: ``SealingKeyError`` if the text is not the base64 encoding of 32 bytes, or ``SodiumError``.
    public init(base64: String) throws {
        var bytes = [UInt8](repeating: 0, count: base64.utf8.count)
        defer { sodium_memzero(&bytes, bytes.count) }
        guard let count = Base64.decode(base64, into: &bytes, ignoring: " \t\r\n", variant: sodium_base64_VARIANT_ORIGINAL) else {
            throw SealingKeyError.notBase64
        }
        guard count == Self.size else { throw SealingKeyError.wrongSize(count) }
        try self.init { $0.copyMemory(from: bytes, byteCount: Self.size) }
    }

    /// Derives a key for one purpose, which reveals nothing about this key or about keys for other purposes.
    ///
    /// - Parameter purpose: A name that must never change, such as `session tokens`.
    /// - Returns: The same key each time.
    /// - Throws: ``SodiumError``.
    public func derived(for purpose: String) throws -> SealingKey {
        try SealingKey { buffer in
            memory.withBytes { Digest.blake2b(Array(purpose.utf8), key: $0, keySize: Self.size, into: buffer, size: Digest.size) }
        }
    }

    /// Returns the key in plain text, as base64, for the code that stores it.
    public func reveal() -> String { memory.withBytes { Base64.encode($0, count: Self.size, variant: sodium_base64_VARIANT_ORIGINAL) } }

    /// A placeholder.
    public var description: String { "•••••" }
    /// The same placeholder.
    public var debugDescription: String { description }
    /// An empty mirror.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Protected memory: excluded from swap and core dumps where the system supports it, and overwritten when released.
final class SecretMemory: Sendable {
    let count: Int
    // Nothing writes to it after the initializer, and it is freed with the last reference.
    nonisolated(unsafe) private let start: UnsafeMutableRawPointer

    /// Allocates memory and calls a closure that fills it.
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

/// An error of creating a key; it contains only the number of bytes, never the text or bytes themselves.
public enum SealingKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The number of bytes is not that of a key.
    case wrongSize(Int)
    /// The text is not base64.
    case notBase64

    /// The error and a recommendation, for an administrator.
    public var description: String {
        switch self {
        case .wrongSize(let size):
            "The key has \(size) bytes; it must have 32. Check that it was copied completely."
        case .notBase64: "The key is not a base64 text of 44 characters. Check that it was copied completely."
        }
    }
}
