import Testing

@testable import SQLite

@Suite struct SQLValueTests {
    @Test(
        arguments: [
            .null, .integer(0), .integer(.min), .integer(.max), .integer(1 << 53 + 1), .real(0.1), .real(-0.0), .real(.infinity),
            .real(.leastNonzeroMagnitude), .text(""), .text("a\0b"), .text("\0"), .text("ü 👩‍🔧 e\u{301}"), .text("1"), .blob([]), .blob([0]),
            .blob([0, 255, 0]), .blob(Array(repeating: 7, count: 100_000)),
        ] as [SQLValue])
    func everyValueComesBackAsItWas(_ value: SQLValue) async throws {
        let queue = try await DatabaseQueue.inMemory()
        let row = try await queue.write { db in
            try db.run("INSERT INTO items (value) VALUES (?)", [value])
            return try #require(try db.first("SELECT value, typeof(value) AS kind FROM items"))
        }
        #expect(try row.value("value") == value)
        #expect(try row.text("kind") == value.kind)
    }

    @Test func negativeZeroKeepsItsSign() async throws {
        let queue = try await DatabaseQueue.inMemory()
        let row = try await queue.read { db in try #require(try db.first("SELECT ? AS x", [.real(-0.0)])) }
        #expect(try row.real("x").sign == .minus)
    }

    @Test func textKeepsItsScalarsEvenWhereTwoSpellingsAreEqual() async throws {
        let queue = try await DatabaseQueue.inMemory()
        let row = try await queue.read { db in try #require(try db.first("SELECT ? AS x", [.text("e\u{301}")])) }
        #expect(Array(try row.text("x").unicodeScalars) == ["e", "\u{301}"])
    }

    @Test func notANumberIsRefusedRatherThanStoredAsNull() async throws {
        let queue = try await DatabaseQueue.inMemory()
        let error = await #expect(throws: SQLiteError.self) {
            try await queue.write { db in try db.run("INSERT INTO items (value) VALUES (?)", [.real(.nan)]) }
        }
        #expect(error?.message == "parameter 1 can't be stored: datatype mismatch")
        #expect(try await queue.count() == 0)
    }

    @Test func absentValuesAndTruthValuesHaveTheirForms() {
        #expect(SQLValue(String?.none) == .null && SQLValue("a") == .text("a"))
        #expect(SQLValue(Int64?.none) == .null && SQLValue(Int64(7)) == .integer(7))
        #expect(SQLValue([UInt8]?.none) == .null && SQLValue([1] as [UInt8]) == .blob([1]))
        #expect(SQLValue(true) == .integer(1) && SQLValue(false) == .integer(0))
    }
}
