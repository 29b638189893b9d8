import Testing

@testable import Gzip

@Suite("Gzip") struct GzipTests {
    private static let samples: [[UInt8]] = [
        [], [0], Array("a line\n".utf8), [UInt8](repeating: 7, count: 1_000_000),
        (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 7) },
    ]

    private func packed(_ bytes: [UInt8], piece: Int = 10_000) throws -> [UInt8] {
        let encoder = try GzipEncoder()
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            result += encoder.update(Array(bytes[start..<min(start + piece, bytes.count)]))
        }
        return result + encoder.finish()
    }

    private func expanded(_ bytes: [UInt8], piece: Int) throws -> [UInt8] {
        let decoder = try GzipDecoder()
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            try decoder.update(Array(bytes[start..<min(start + piece, bytes.count)])) { part in
                #expect(part.count <= 64 * 1_024)
                result += part
            }
        }
        guard decoder.hasEnded else { throw GzipError.damaged }
        return result
    }

    @Test(arguments: 0..<samples.count, [1_000, 65_536, 5_000_000]) func whatIsCompressedExpandsToTheSameBytes(sample: Int, piece: Int)
        throws
    {
        let bytes = Self.samples[sample]
        let packed = try packed(bytes)
        #expect(try expanded(packed, piece: piece) == bytes)
        #expect(try packed == self.packed(bytes, piece: 777))
        #expect(packed.prefix(2) == [0x1F, 0x8B])
    }

    @Test func aChangedACutAndAContinuedFileAreRefused() throws {
        let bytes = Array(String(repeating: "An entry of the audit log. ", count: 500).utf8)
        let packed = try packed(bytes)
        #expect(throws: GzipError.damaged) { try expanded(packed.dropLast(1), piece: 100) }
        #expect(throws: GzipError.damaged) { try expanded(packed + [0], piece: 1_000) }
        #expect(throws: GzipError.damaged) { try expanded(packed + packed, piece: 1_000_000) }
        #expect(throws: GzipError.damaged) { try expanded(Array("not compressed at all".utf8), piece: 100) }
        for place in packed.indices where place > 9 {
            var changed = packed
            changed[place] ^= 0x10
            #expect(throws: GzipError.damaged) { try expanded(changed, piece: 1_000) }
        }
    }
}

extension GzipTests {
    private func expanded(_ bytes: ArraySlice<UInt8>, piece: Int) throws -> [UInt8] { try expanded(Array(bytes), piece: piece) }
}
