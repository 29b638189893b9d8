import CSodium

/// A key of 32 bytes that shows itself nowhere: not printed, not interpolated, not mirrored by a debugger.
///
/// It is held in memory that is kept out of swap where the system allows it and overwritten when the last copy goes. There is one
/// way to it, ``reveal()``, for the place that stores it.
public struct SealingKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// How many bytes a key has.
    public static let size = 32

    let memory: SecretMemory

    private init(fill: (UnsafeMutableRawPointer) throws -> Void) throws {
        memory = try SecretMemory(count: Self.size, fill: fill)
    }

    /// Makes a new key from the system's random numbers.
    ///
    /// - Throws: ``SodiumError``.
    public static func random() throws -> SealingKey {
        try SealingKey { randombytes_buf($0, size) }
    }

    /// Takes a key over from bytes.
    ///
    /// The array stays as it is; whoever made it lets go of it.
    ///
    /// - Throws: ``SealingKeyError`` if they are not 32, or ``SodiumError``.
    public init(bytes: [UInt8]) throws {
        guard bytes.count == Self.size else { throw SealingKeyError.wrongSize(bytes.count) }
        try self.init { $0.copyMemory(from: bytes, byteCount: Self.size) }
    }

    /// Reads a key as ``reveal()`` writes it; blanks and line ends around it do not matter.
    ///
    /// - Throws: ``SealingKeyError`` if the text is not base64 or stands for fewer or more than 32 bytes, or ``SodiumError``.
    public init(base64: String) throws {
        var bytes = [UInt8](repeating: 0, count: base64.utf8.count)
        defer { sodium_memzero(&bytes, bytes.count) }
        guard let count = Base64.decode(base64, into: &bytes, ignoring: " \t\r\n", variant: sodium_base64_VARIANT_ORIGINAL) else {
            throw SealingKeyError.notBase64
        }
        guard count == Self.size else { throw SealingKeyError.wrongSize(count) }
        try self.init { $0.copyMemory(from: bytes, byteCount: Self.size) }
    }

    /// Makes the key for one purpose from this one; knowing it tells nothing about this one or those for other purposes.
    ///
    /// - Parameter purpose: A name that never changes, such as `session tokens`.
    /// - Returns: The same key each time.
    /// - Throws: ``SodiumError``.
    public func derived(for purpose: String) throws -> SealingKey {
        try SealingKey { room in
            memory.withBytes { Digest.blake2b(Array(purpose.utf8), key: $0, keySize: Self.size, into: room, size: Digest.size) }
        }
    }

    /// The key in clear, as base64, for the one place that stores it.
    public func reveal() -> String { memory.withBytes { Base64.encode($0, count: Self.size, variant: sodium_base64_VARIANT_ORIGINAL) } }

    /// A placeholder.
    public var description: String { "•••••" }
    /// The same placeholder.
    public var debugDescription: String { description }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

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

/// Why something is not a key; it tells nothing about the text or bytes themselves but their number.
public enum SealingKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It stands for another number of bytes than a key has.
    case wrongSize(Int)
    /// The text is not base64.
    case notBase64

    /// What is wrong and what to do, for an administrator.
    public var description: String {
        switch self {
        case .wrongSize(let size):
            "The key has \(size) bytes; it must have 32. Check that it was copied as a whole."
        case .notBase64: "The key is not base64 text of 44 characters. Check that it was copied as a whole."
        }
    }
}
