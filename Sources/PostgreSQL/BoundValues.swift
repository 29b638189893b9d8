import CPostgreSQL
import SQL

/// Values in PostgreSQL's binary format.
struct BoundValues {
    /// What a value needs to have as its type; nil for null, which has none.
    let types: [Oid?]
    private var bytes: [UInt8] = []
    /// Where each value is in the bytes; nil for null.
    private var places: [Range<Int>?] = []

    /// Encodes values.
    ///
    /// U+0000 in a text becomes U+FFFD.
    ///
    /// - Throws: ``PostgreSQLError`` for "not a number", which can't be stored.
    init(_ values: [SQLValue], sql: String) throws {
        types = values.map { value in
            switch value {
            case .null: nil
            case .integer: ServerType.int8
            case .real: ServerType.float8
            case .text: ServerType.text
            case .blob: ServerType.bytea
            }
        }
        places.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            let start = bytes.count
            switch value {
            case .null:
                places.append(nil)
                continue
            case .integer(let number): append(UInt64(bitPattern: number))
            case .real(let number):
                guard !number.isNaN else {
                    throw PostgreSQLError("parameter \(index + 1) is not a number, which can't be stored", sqlState: "22P02", sql: sql)
                }
                append(number.bitPattern)
            case .text(let text):
                // PostgreSQL can't store U+0000; who sends such text must not be refused for it.
                bytes.append(contentsOf: text.utf8.contains(0) ? text.replacing("\0", with: "\u{FFFD}").utf8 : text.utf8)
            case .blob(let blob): bytes.append(contentsOf: blob)
            }
            places.append(start..<bytes.count)
        }
        // A pointer to an empty value must point somewhere.
        bytes.append(0)
    }

    /// Encodes the number of a commit.
    init(session: Int64, number: Int64) {
        types = [ServerType.int8, ServerType.int8]
        append(UInt64(bitPattern: session))
        append(UInt64(bitPattern: number))
        places = [0..<8, 8..<16]
    }

    private mutating func append(_ number: UInt64) { withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) } }

    /// Calls a closure with the arrays that libpq wants.
    func withPointers<Value>(_ use: ([UnsafePointer<CChar>?], [CInt], [CInt]) -> Value) -> Value {
        bytes.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { buffer in
                let pointers = places.map { place in place.flatMap { place in buffer.baseAddress.map { $0 + place.lowerBound } } }
                return use(pointers, places.map { CInt($0?.count ?? 0) }, places.map { _ in 1 })
            }
        }
    }
}
