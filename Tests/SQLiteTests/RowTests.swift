import Testing

@testable import SQLite

@Suite struct RowTests {
    private let row = Row(
        columns: ["text", "integer", "real", "blob", "null", "two", "twice", "twice"],
        values: [.text("hidden"), .integer(1), .real(0.5), .blob([1]), .null, .integer(2), .null, .null])

    @Test func eachKindIsReadByItsName() throws {
        #expect(try row.text("text") == "hidden" && row.optionalText("text") == "hidden")
        #expect(try row.integer("integer") == 1 && row.optionalInteger("integer") == 1)
        #expect(try row.real("real") == 0.5 && row.optionalReal("real") == 0.5)
        #expect(try row.blob("blob") == [1] && row.optionalBlob("blob") == [1])
        #expect(try row.flag("integer"))
    }

    @Test func nullIsNilWhereItMayBe() throws {
        #expect(try row.optionalText("null") == nil && row.optionalInteger("null") == nil)
        #expect(try row.optionalReal("null") == nil && row.optionalBlob("null") == nil)
    }

    @Test func nullIsAnErrorWhereAValueMustBe() {
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

    @Test func aMissingColumnIsToldWithTheOnesThatAreThere() {
        let error = #expect(throws: RowError.self) { try row.text("nome") }
        #expect(error?.description.contains("no column \"nome\"; it has text, integer, real") == true)
    }

    @Test func aNameThatStandsForTwoColumnsIsAnError() {
        #expect(throws: RowError.ambiguousColumn("twice")) { try row.optionalText("twice") }
    }

    @Test func textThatIsNotUTF8IsAnErrorRatherThanRepaired() async throws {
        let queue = try await DatabaseQueue.inMemory()
        await #expect(throws: RowError.notUTF8(column: "x")) {
            try await queue.read { db in try db.query("SELECT CAST(x'C328' AS TEXT) AS x") }
        }
    }
}
