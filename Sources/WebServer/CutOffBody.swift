import CMicroHTTPD

/// A body that ends before the declared length, for fault tests.
final class CutOffBody: Sendable {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func read(from position: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - position)
        guard count > 0 else { return cmhd_end_with_error }
        buffer.copyBytes(from: bytes[position..<position + count])
        return count
    }
}
