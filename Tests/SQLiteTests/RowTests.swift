import Testing
@testable import SQL
@testable import SQLite

@Suite struct RowTests {
    private let row = Row(
        columns: Row.Columns(["text", "integer", "real", "blob", "null", "two", "twice", "twice"]),
        values: [.text("hidden"), .integer(1), .real(0.5), .blob([1]), .null, .integer(2), .null, .null])

    @Test func eachKindIsReadByItsName() throws {
        #expect(try row.text("text") == "hidden" && row.optionalText("text") == "hidden")
        #expect(try row.integer("integer") == 1 && row.optionalInteger("integer") == 1)
        #expect(try row.real("real") == 0.5 && row.optionalReal("real") == 0.5)
        #expect(try row.blob("blob") == [1] && row.optionalBlob("blob") == [1])
        #expect(try row.flag("integer"))
    }

    @Test(arguments: [(Int64.max, 1 << 48), (.min, -1 << 48), (3, 3)] as [(Int64, Int)])
    func aCountIsWithinLimitsInWhichSumsAreNumbers(stored: Int64, read: Int) throws {
        #expect(try Row(columns: Row.Columns(["count"]), values: [.integer(stored)]).count("count") == read)
    }

    @Test func nullIsNilForOptionalValues() throws {
        #expect(try row.optionalText("null") == nil && row.optionalInteger("null") == nil)
        #expect(try row.optionalReal("null") == nil && row.optionalBlob("null") == nil)
    }

    @Test func nullIsAnErrorForRequiredValues() {
        func found(_ expected: String) -> RowError { .wrongKind(column: "null", expected: expected, found: "null") }
        #expect(throws: found("text")) { try row.text("null") }
        #expect(throws: found("integer")) { try row.integer("null") }
        #expect(throws: found("real")) { try row.real("null") }
        #expect(throws: found("blob")) { try row.blob("null") }
    }

    @Test func anotherKindIsAnErrorThatDoesNotShowTheValue() {
        let error = #expect(throws: RowError.wrongKind(column: "text", expected: "integer", found: "text")) { try row.integer("text") }
        #expect(error?.description == "Column \"text\" holds text, not integer.")
        #expect(throws: RowError.wrongKind(column: "integer", expected: "real", found: "integer")) { try row.real("integer") }
        #expect(throws: RowError.wrongKind(column: "two", expected: "0 or 1", found: "another integer")) { try row.flag("two") }
    }

    @Test func aMissingColumnIsReportedWithTheExistingOnes() {
        let error = #expect(throws: RowError.self) { try row.text("nome") }
        #expect(error?.description.contains("no column \"nome\"; it has text, integer, real") == true)
    }

    @Test func anAmbiguousColumnIsAnError() {
        #expect(throws: RowError.ambiguousColumn("twice")) { try row.optionalText("twice") }
    }

    @Test func textThatIsNotUTF8IsAnErrorRatherThanRepaired() async throws {
        let queue = try await DatabaseQueue.inMemory()
        await #expect(throws: RowError.notUTF8(column: "x")) {
            try await queue.read { db in try db.query("SELECT CAST(x'C328' AS TEXT) AS x") }
        }
    }
}

@Suite struct SQLValueTests {
    @Test(
        arguments: [
            .null, .integer(0), .integer(.min), .integer(.max), .integer(1 << 53 + 1), .real(0.1), .real(-0.0), .real(.infinity),
            .real(.leastNonzeroMagnitude), .text(""), .text("a\0b"), .text("\0"), .text("ü 👩‍🔧 e\u{301}"), .text("1"), .blob([]), .blob([0]),
            .blob([0, 255, 0]),
        ] as [SQLValue])
    func everyValueIsStoredUnchanged(_ value: SQLValue) async throws {
        let queue = try await DatabaseQueue.inMemory()
        let row = try await queue.write { db in
            try db.run("INSERT INTO items (value) VALUES (?)", [value])
            return try #require(try db.first("SELECT value, typeof(value) AS kind FROM items"))
        }
        #expect(try row.value("value") == value)
        #expect(try row.text("kind") == value.kind)
    }

    @Test func aLargeValueIsStoredUnchanged() async throws {
        let value = SQLValue.blob(Array(repeating: 7, count: 100_000))
        let queue = try await DatabaseQueue.inMemory()
        let row = try await queue.write { db in
            try db.run("INSERT INTO items (value) VALUES (?)", [value])
            return try #require(try db.first("SELECT value FROM items"))
        }
        #expect(try row.value("value") == value)
    }

    @Test func negativeZeroKeepsItsSign() async throws {
        let queue = try await DatabaseQueue.inMemory()
        let row = try await queue.read { db in try #require(try db.first("SELECT ? AS x", [.real(-0.0)])) }
        #expect(try row.real("x").sign == .minus)
    }

    @Test func textKeepsItsScalarsWithoutNormalization() async throws {
        let queue = try await DatabaseQueue.inMemory()
        let row = try await queue.read { db in try #require(try db.first("SELECT ? AS x", [.text("e\u{301}")])) }
        #expect(Array(try row.text("x").unicodeScalars) == ["e", "\u{301}"])
    }

    @Test func nanIsRejectedInsteadOfStoredAsNull() async throws {
        let queue = try await DatabaseQueue.inMemory()
        let error = await #expect(throws: SQLiteError.self) {
            try await queue.write { db in try db.run("INSERT INTO items (value) VALUES (?)", [.real(.nan)]) }
        }
        #expect(error?.message == "parameter 1 can't be stored: datatype mismatch")
        #expect(try await queue.count() == 0)
    }

    @Test func nilAndBooleanValuesAreConverted() {
        #expect(SQLValue(String?.none) == .null && SQLValue("a") == .text("a"))
        #expect(SQLValue(Int64?.none) == .null && SQLValue(Int64(7)) == .integer(7))
        #expect(SQLValue([UInt8]?.none) == .null && SQLValue([1] as [UInt8]) == .blob([1]))
        #expect(SQLValue(true) == .integer(1) && SQLValue(false) == .integer(0))
    }
}
