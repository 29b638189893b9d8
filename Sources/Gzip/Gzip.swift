import CZlib

/// Compresses bytes in the format of gzip (RFC 1952), piece by piece.
///
/// The same bytes always give the same result: the head has no time and no name.
public final class GzipEncoder {
    private let stream: UnsafeMutablePointer<z_stream>
    private let capacity = 64 * 1_024

    /// Creates an encoder.
    ///
    /// - Throws: ``GzipError/noMemory``.
    public init() throws {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard czlib_deflate_init(stream) == Z_OK else { throw GzipError.noMemory }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Compresses more bytes.
    ///
    /// - Parameter bytes: The bytes.
    /// - Returns: What is compressed by now; empty while the encoder gathers.
    public func update(_ bytes: [UInt8]) -> [UInt8] { run(bytes, Z_NO_FLUSH) }

    /// Ends the file.
    ///
    /// - Returns: The last bytes.
    public func finish() -> [UInt8] { run([], Z_FINISH) }

    private func run(_ bytes: [UInt8], _ flush: Int32) -> [UInt8] {
        var input = bytes
        var result: [UInt8] = []
        var output = [UInt8](repeating: 0, count: capacity)
        input.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            var isFull = true
            while isFull {
                output.withUnsafeMutableBufferPointer { output in
                    stream.pointee.next_out = output.baseAddress
                    stream.pointee.avail_out = UInt32(output.count)
                    // With room in both directions it does not fail.
                    _ = deflate(stream, flush)
                }
                isFull = stream.pointee.avail_out == 0
                result += output.prefix(capacity - Int(stream.pointee.avail_out))
            }
            stream.pointee.next_in = nil
            stream.pointee.next_out = nil
        }
        return result
    }
}

/// Expands a file in the format of gzip, piece by piece, with a limit on what is in memory at once.
public final class GzipDecoder {
    private let stream: UnsafeMutablePointer<z_stream>
    private let capacity = 64 * 1_024

    /// Whether the end of the file was read, and its checksum is right.
    public private(set) var hasEnded = false

    /// Creates a decoder.
    ///
    /// - Throws: ``GzipError/noMemory``.
    public init() throws {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard czlib_inflate_init(stream) == Z_OK else { throw GzipError.noMemory }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Expands more bytes.
    ///
    /// - Parameters:
    ///   - bytes: The next bytes of the file.
    ///   - body: Called with each expanded part, of at most 64 KiB.
    /// - Throws: ``GzipError/damaged`` for what is no gzip, has a wrong checksum, or goes on after its end; or what the body throws.
    public func update(_ bytes: [UInt8], _ body: ([UInt8]) throws -> Void) throws {
        guard !bytes.isEmpty else { return }
        guard !hasEnded else { throw GzipError.damaged }
        var input = bytes
        var output = [UInt8](repeating: 0, count: capacity)
        try input.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            defer {
                stream.pointee.next_in = nil
                stream.pointee.next_out = nil
            }
            while true {
                let code = output.withUnsafeMutableBufferPointer { output in
                    stream.pointee.next_out = output.baseAddress
                    stream.pointee.avail_out = UInt32(output.count)
                    return inflate(stream, Z_NO_FLUSH)
                }
                guard [Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(code) else { throw GzipError.damaged }
                let count = capacity - Int(stream.pointee.avail_out)
                if count > 0 { try body(Array(output.prefix(count))) }
                if code == Z_STREAM_END {
                    hasEnded = true
                    guard stream.pointee.avail_in == 0 else { throw GzipError.damaged }
                    return
                }
                if stream.pointee.avail_out > 0 { return }
            }
        }
    }
}

/// Why bytes can't be compressed or expanded.
public enum GzipError: Error, Sendable, Equatable {
    /// There is not enough memory.
    case noMemory
    /// The bytes are no gzip, or were changed.
    case damaged
}
