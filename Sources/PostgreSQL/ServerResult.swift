import CPostgreSQL
import SQL

/// The result of one statement, in PostgreSQL's binary format.
final class ServerResult {
    let handle: OpaquePointer

    /// Takes ownership of a result of libpq.
    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQclear(handle) }

    /// The number of rows that the statement inserted, updated or deleted; 0 for another statement.
    var changedRows: Int {
        // The tag of a SELECT has a number too.
        guard let tag = PQcmdStatus(handle).map({ String(cString: $0) }), !tag.hasPrefix("SELECT"),
            let count = PQcmdTuples(handle).map({ String(cString: $0) })
        else { return 0 }
        return Int(count) ?? 0
    }

    /// Whether the statement was a COMMIT that rolled back instead.
    var isRollback: Bool { PQcmdStatus(handle).map { String(cString: $0) } == "ROLLBACK" }

    /// The number of rows.
    var rowCount: Int { Int(PQntuples(handle)) }

    /// The names of the columns.
    func columns() -> Row.Columns {
        Row.Columns((0..<PQnfields(handle)).map { PQfname(handle, $0).map { String(cString: $0) } ?? "" })
    }

    /// A copy of a row.
    ///
    /// - Throws: ``RowError`` for text that is not UTF-8, ``PostgreSQLError`` for a type that has no ``SQLValue``.
    func row(_ index: Int, columns: Row.Columns) throws -> Row {
        Row(
            columns: columns,
            values: try columns.names.indices.map { try value(row: CInt(index), column: CInt($0), name: columns.names[$0]) })
    }

    private func value(row: CInt, column: CInt, name: String) throws -> SQLValue {
        guard PQgetisnull(handle, row, column) == 0, let start = PQgetvalue(handle, row, column) else { return .null }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(handle, row, column)))
        switch PQftype(handle, column) {
        case ServerType.bool: return .integer(bytes.first == 1 ? 1 : 0)
        case ServerType.int2: return .integer(Int64(Int16(truncatingIfNeeded: Self.bigEndian(bytes))))
        case ServerType.int4: return .integer(Int64(Int32(truncatingIfNeeded: Self.bigEndian(bytes))))
        case ServerType.int8: return .integer(Int64(bitPattern: Self.bigEndian(bytes)))
        case ServerType.xid8: return .integer(Int64(bitPattern: Self.bigEndian(bytes)))
        case ServerType.oid: return .integer(Int64(Self.bigEndian(bytes)))
        case ServerType.float4: return .real(Double(Float(bitPattern: UInt32(truncatingIfNeeded: Self.bigEndian(bytes)))))
        case ServerType.float8: return .real(Double(bitPattern: Self.bigEndian(bytes)))
        case ServerType.numeric:
            guard let value = ServerNumeric(bytes)?.value else { throw PostgreSQLError("column \"\(name)\" holds a number out of range") }
            return value
        case ServerType.bytea: return .blob(Array(bytes))
        case ServerType.text, ServerType.varchar, ServerType.bpchar, ServerType.name, ServerType.unknown:
            guard let text = String(validating: bytes, as: UTF8.self) else { throw RowError.notUTF8(column: name) }
            return .text(text)
        case ServerType.void: return .null
        case let type: throw PostgreSQLError("column \"\(name)\" has the type with the number \(type), which is not supported. Use CAST")
        }
    }

    private static func bigEndian(_ bytes: UnsafeRawBufferPointer) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}

/// The numbers of PostgreSQL's types.
enum ServerType {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let name: Oid = 19
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let oid: Oid = 26
    static let float4: Oid = 700
    static let float8: Oid = 701
    static let unknown: Oid = 705
    static let bpchar: Oid = 1042
    static let varchar: Oid = 1043
    static let numeric: Oid = 1700
    static let void: Oid = 2278
    static let xid8: Oid = 5069
}

/// A number of the type `numeric`, such as a sum of integers.
struct ServerNumeric {
    /// The number: an integer if it is one, otherwise rounded to a floating-point number; nil if it is too large for either.
    let value: SQLValue?

    /// Reads the binary format: how many digits of base 10,000, the weight of the first one, a sign, the scale, and the digits.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 8, bytes.count.isMultiple(of: 2) else { return nil }
        let words = stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        let digits = words[4...]
        guard digits.count == Int(words[0]), digits.allSatisfy({ $0 < 10_000 }) else { return nil }
        let weight = Int(Int16(bitPattern: words[1]))
        switch words[2] {
        case 0x0000: value = Self.value(digits, weight, isNegative: false)
        case 0x4000: value = Self.value(digits, weight, isNegative: true)
        // Not a number, and infinity.
        default: value = nil
        }
    }

    private static func value(_ digits: ArraySlice<UInt16>, _ weight: Int, isNegative: Bool) -> SQLValue? {
        let isIntegral = zip(digits, sequence(first: weight) { $0 - 1 }).allSatisfy { $0 == 0 || $1 >= 0 }
        guard isIntegral else {
            let real = zip(digits, sequence(first: weight) { $0 - 1 }).reduce(0.0) { $0 + Double($1.0) * power($1.1) }
            return real.isFinite ? .real(isNegative ? -real : real) : nil
        }
        guard weight < 5 else { return nil }
        // Summed up below zero, where there is one number more.
        var number: Int64 = 0
        for place in 0..<max(0, weight + 1) {
            let digit = place < digits.count ? Int64(digits[digits.startIndex + place]) : 0
            let (shifted, overflow) = number.multipliedReportingOverflow(by: 10_000)
            let (next, isBelow) = shifted.subtractingReportingOverflow(digit)
            guard !overflow, !isBelow else { return nil }
            number = next
        }
        guard !isNegative else { return .integer(number) }
        return number == .min ? nil : .integer(-number)
    }

    private static func power(_ exponent: Int) -> Double {
        (0..<abs(exponent)).reduce(1.0) { power, _ in exponent > 0 ? power * 10_000 : power / 10_000 }
    }
}
