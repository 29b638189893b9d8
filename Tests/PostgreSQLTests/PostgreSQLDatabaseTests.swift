import SQL
import Testing

@testable import PostgreSQL

@Suite(.withServer, .timeLimit(.minutes(1))) struct PostgreSQLDatabaseTests {
    private let fixture: PostgreSQLFixture

    init() throws { fixture = try PostgreSQLFixture() }

    private static let values = Migration(
        "values", script: "CREATE TABLE stored (id INTEGER PRIMARY KEY, n INTEGER, r REAL, t TEXT, b BLOB) STRICT")

    @Test func valuesOfEachKindAreStoredAndRead() async throws {
        let pool = try await fixture.open([Self.values])
        let rows: [[SQLValue]] = [
            [.integer(1), .integer(.max), .real(0.1), .text("äöü 🙂 ' \" \\ ?"), .blob([0, 255, 39, 92])],
            [.integer(2), .integer(.min), .real(-.infinity), .text(""), .blob([])],
            [.integer(3), .null, .null, .null, .null],
            [.integer(4), .integer(0), .real(-0.0), .text("\u{1}\u{7f}"), .blob(Array(0...255))],
            [.integer(5), .integer(-1), .real(.greatestFiniteMagnitude), .text(String(repeating: "x", count: 1_000_000)), .null],
        ]
        try await pool.write(.rows([])) { (database) throws in
            for row in rows { #expect(try database.run("INSERT INTO stored VALUES (?, ?, ?, ?, ?)", row) == 1) }
        }
        let read = try await pool.read { try $0.query("SELECT * FROM stored ORDER BY id").map(\.values) }
        #expect(read == rows)
        // Each value is found again by itself.
        for row in rows.dropFirst(0) where row[1] != .null {
            let found = try await pool.read { (database) throws in
                try database.query(
                    "SELECT id FROM stored WHERE n = ?1 AND r = ?2 AND t = ?3 AND b IS NOT DISTINCT FROM ?4", Array(row[1...]))
            }
            #expect(try found.map { try $0.integer("id") } == [row[0]].compactMap { if case .integer(let id) = $0 { id } else { nil } })
        }
    }

    @Test func aStatementTakesNullAndOtherKindsInAnyOrder() async throws {
        let pool = try await fixture.open([Self.values])
        let kinds: [SQLValue] = [.null, .integer(7), .null, .integer(8), .null]
        try await pool.write(.rows([])) { (database) throws in
            for (place, value) in kinds.enumerated() {
                try database.run(
                    "INSERT INTO stored (id, n, t) VALUES (?, ?, ?)", [.integer(Int64(place)), value, place % 2 == 0 ? .text("t") : .null])
                // The same text with another kind is another statement.
                let echoed = try database.query("SELECT CAST(? AS TEXT) AS value", [place % 2 == 0 ? .text("a") : .integer(1)])
                #expect(try echoed.map { try $0.text("value") } == [place % 2 == 0 ? "a" : "1"])
            }
        }
        let read = try await pool.read { try $0.query("SELECT n FROM stored ORDER BY id").map { try $0.value("n") } }
        #expect(read == kinds)
    }

    @Test(
        arguments: [
            ("CAST(7 AS SMALLINT)", .integer(7)), ("CAST(-7 AS INTEGER)", .integer(-7)), ("-9223372036854775808", .integer(.min)),
            ("true", .integer(1)),
            ("false", .integer(0)), ("1 = 2", .integer(0)), ("CAST(0.5 AS REAL)", .real(0.5)),
            ("CAST(0.1 AS DOUBLE PRECISION)", .real(0.1)),
            ("CAST('a' AS VARCHAR(3))", .text("a")), ("CAST('a' AS name)", .text("a")), ("'a'", .text("a")), ("NULL", .null),
            ("(SELECT SUM(x) FROM (VALUES (9223372036854775807), (-1)) AS v (x))", .integer(.max - 1)), ("CAST(0 AS NUMERIC)", .integer(0)),
            ("CAST(-10000 AS NUMERIC)", .integer(-10_000)), ("CAST(9223372036854775807 AS NUMERIC)", .integer(.max)),
            ("CAST(-9223372036854775808 AS NUMERIC)", .integer(.min)), ("CAST(120000000 AS NUMERIC)", .integer(120_000_000)),
            ("2.50", .real(2.5)),
            ("-0.0625", .real(-0.0625)), ("CAST(12345.5 AS NUMERIC)", .real(12_345.5)), ("CAST(3.00 AS NUMERIC)", .integer(3)),
            ("'\\x00ff'::bytea", .blob([0, 255])), ("count(*)", .integer(1)), ("pg_notify('x', '')", .null),
            ("instr('äbc', 'b')", .integer(2)), ("instr('abc', 'x')", .integer(0)), ("instr(NULL, 'x')", .null),
        ] as [(String, SQLValue)])
    func resultsOfEachTypeAreRead(expression: String, expected: SQLValue) async throws {
        let pool = try await fixture.open()
        #expect(try await pool.write(.rows([])) { try $0.first("SELECT \(expression) AS value")?.value("value") } == expected)
    }

    @Test(arguments: ["CAST('9223372036854775808' AS NUMERIC)", "CAST('NaN' AS NUMERIC)", "now()", "ARRAY[1]", "CAST('{}' AS JSONB)"])
    func resultsWithoutAValueOfThisModuleAreRefused(expression: String) async throws {
        let pool = try await fixture.open()
        let error = await #expect(throws: PostgreSQLError.self) { try await pool.read { try $0.first("SELECT \(expression) AS value") } }
        #expect(error?.description.contains("value") == true && error?.failure == nil)
    }

    @Test func aNumberThatIsNoneIsRefusedBeforeTheServerSeesIt() async throws {
        let pool = try await fixture.open([Self.values])
        try await pool.write(.rows([])) { (database) throws in
            let sql = "INSERT INTO stored (id, t) VALUES (1, ?)"
            let error = thrownError { _ = try database.run(sql, [.real(.nan)]) } as? PostgreSQLError
            #expect(error?.description.contains("parameter 1") == true)
            // The transaction goes on.
            try database.run("INSERT INTO stored (id) VALUES (1)")
        }
        #expect(try await pool.count("stored") == 1)
    }

    @Test func aZeroInATextIsStoredAsTheReplacementCharacter() async throws {
        let pool = try await fixture.open([Self.values])
        let stored = try await pool.write(.rows([])) { database in
            try database.run("INSERT INTO stored (id, t) VALUES (1, ?)", [.text("a\0b")])
            return try database.first("SELECT t FROM stored")?.text("t")
        }
        #expect(stored == "a\u{FFFD}b")
    }

    @Test func theNumberOfChangedRowsIsReturned() async throws {
        let pool = try await fixture.open()
        try await pool.write(.rows([])) { (database) throws in
            #expect(try database.run("INSERT INTO items (name) VALUES (?), (?), (?)", [.text("a"), .text("b"), .text("c")]) == 3)
            #expect(try database.run("UPDATE items SET amount = 1 WHERE name <> ?", [.text("a")]) == 2)
            #expect(try database.run("UPDATE items SET amount = 1 WHERE name = ?", [.text("x")]) == 0)
            #expect(try database.run("INSERT INTO items (name) VALUES (?) ON CONFLICT DO NOTHING", [.text("a")]) == 0)
            #expect(try database.run("SELECT * FROM items") == 0)
            #expect(try database.run("DELETE FROM items") == 3)
            #expect(try database.insert("INSERT INTO items (name) VALUES (?)", [.text("d")]) == 5)
            let insertion = "INSERT INTO items (name) VALUES (?) ON CONFLICT DO NOTHING"
            #expect(try database.insertIfNew(insertion, [.text("d")], key: "id") == nil)
            #expect(throws: RowError.noRow) { try database.insert(insertion, [.text("d")]) }
        }
    }

    @Test func anErrorNamesTheConstraintAndNeverAValue() async throws {
        let pool = try await fixture.open([
            .items,
            Migration(
                "check",
                script:
                    "CREATE TABLE checked (id INTEGER PRIMARY KEY, n INTEGER CHECK (n < 5) NOT NULL, item INTEGER REFERENCES items (id)) STRICT"
            ),
        ])
        let secret = "s3cret-marker"
        try await pool.write(.rows([])) { try $0.run("INSERT INTO items (name) VALUES (?)", [.text(secret)]) }
        let cases: [(String, [SQLValue], String?, String?)] = [
            ("INSERT INTO items (name) VALUES (?)", [.text(secret)], "23505", "items_name_key"),
            ("INSERT INTO checked VALUES (1, ?, NULL)", [.integer(987_654_321)], "23514", "checked_n_check"),
            ("INSERT INTO checked VALUES (1, 1, ?)", [.integer(987_654_321)], "23503", "checked_item_fkey"),
            ("INSERT INTO checked (id, n) VALUES (?, NULL)", [.integer(987_654_321)], "23502", nil),
            ("SELECT CAST(? AS INTEGER) AS n", [.text(secret)], "22P02", nil),
            ("SELECT CAST(? AS INTEGER) AS n", [.integer(9_876_543_210)], "22003", nil),
            ("SELECT CAST(? AS DATE) AS n", [.text(secret)], "22007", nil),
            ("SELECT nothing(?) AS n", [.text(secret)], "42883", nil), ("SELEC ?", [.text(secret)], "42601", nil),
            ("SELECT * FROM missing WHERE n = ?", [.text(secret)], "42P01", nil),
        ]
        for (sql, values, state, constraint) in cases {
            let error = await #expect(throws: PostgreSQLError.self) { try await pool.write(.rows([])) { try $0.query(sql, values) } }
            #expect(error?.sqlState == state && error?.constraint == constraint && error?.sql == sql, "\(sql)")
            #expect(error?.failure == nil && error?.isUniqueViolation == (state == "23505"))
            for text in [error?.description ?? "", String(reflecting: error)] {
                #expect(!text.contains(secret) && !text.contains("98765432"), "\(text)")
            }
        }
        let raised = await #expect(throws: PostgreSQLError.self) {
            try await pool.write(.rows([])) { try $0.execute("DO $$ BEGIN RAISE EXCEPTION 'the value is s3cret-marker'; END $$") }
        }
        #expect(raised?.message == "a function of the database raised an error")
    }

    @Test(
        arguments: [
            ("53100", .full), ("25006", .readOnly), ("XX001", .damaged), ("XX002", .damaged), ("58030", .failing), ("08006", .unreachable),
            ("57P01", .unreachable), ("57P03", .unreachable), ("53300", .unreachable), ("28P01", .cannotOpen), ("28000", .cannotOpen),
            ("3D000", .cannotOpen), ("42501", nil), ("42601", nil), ("22001", nil), ("XX000", nil), ("P0001", nil), ("57014", nil),
        ] as [(String, DatabaseFailure?)])
    func theCodeOfAnErrorSaysWhatIsWrongWithTheDatabase(state: String, expected: DatabaseFailure?) async throws {
        let pool = try await fixture.open()
        let error = await #expect(throws: PostgreSQLError.self) {
            try await pool.write(.rows([])) { try $0.execute("DO $$ BEGIN RAISE EXCEPTION 'text' USING ERRCODE = '\(state)'; END $$") }
        }
        #expect(error?.sqlState == state && error?.failure == expected)
        #expect(error?.description.contains(state) == true)
    }

    @Test func aFailedStatementInASavepointIsRolledBackAlone() async throws {
        let pool = try await fixture.open()
        try await pool.write(.rows([])) { (database) throws in
            try database.run("INSERT INTO items (name) VALUES ('a')")
            let violation = thrownError {
                try database.savepoint {
                    try database.run("INSERT INTO items (name) VALUES ('b')")
                    try database.run("INSERT INTO items (name) VALUES ('a')")
                }
            }
            #expect((violation as? PostgreSQLError)?.isUniqueViolation == true)
            try database.savepoint {
                try database.run("INSERT INTO items (name) VALUES ('c')")
                let thrown = thrownError {
                    try database.savepoint {
                        try database.run("INSERT INTO items (name) VALUES ('d')")
                        throw TestError()
                    }
                }
                #expect(thrown is TestError)
                try database.savepoint { try database.run("INSERT INTO items (name) VALUES ('e')") }
                // Nothing is in these.
                try database.savepoint {}
                try? database.savepoint { throw TestError() }
            }
            // Ignored within a savepoint, it is the error of the savepoint.
            let ignored = thrownError { try database.savepoint { _ = try? database.run("INSERT INTO items (name) VALUES ('a')") } }
            #expect((ignored as? PostgreSQLError)?.isUniqueViolation == true)
        }
        let names = try await pool.read { try $0.query("SELECT name FROM items ORDER BY id").map { try $0.text("name") } }
        #expect(names == ["a", "c", "e"])
    }

    @Test func aClosureThatIgnoresAnErrorFailsWithIt() async throws {
        let pool = try await fixture.open()
        let error = await #expect(throws: PostgreSQLError.self) {
            try await pool.write(.rows([])) { (database) throws in
                try database.run("INSERT INTO items (name) VALUES ('a')")
                _ = try? database.run("INSERT INTO items (name) VALUES ('a')")
                let second = thrownError { _ = try database.run("INSERT INTO items (name) VALUES ('b')") } as? PostgreSQLError
                #expect(second?.sqlState == "25P02")
            }
        }
        #expect(error?.isUniqueViolation == true)
        #expect(try await pool.count() == 0)
    }

    @Test(arguments: [
        "BEGIN", "begin", "START TRANSACTION", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT part", "RELEASE part", "ROLLBACK TO part",
        "/* a */ COMMIT", "-- a\nCOMMIT", "DEALLOCATE ALL", "DISCARD ALL", "LISTEN x", "COPY items TO STDOUT", "PREPARE x AS SELECT 1", "",
        ";", "SELECT 1\0",
    ])
    func aClosureCanNotRunTransactionStatements(sql: String) async throws {
        let pool = try await fixture.open()
        await #expect(throws: PostgreSQLError.self) {
            try await pool.write(.rows([])) { (database) throws in
                try database.run("INSERT INTO items (name) VALUES ('a')")
                try database.run(sql)
            }
        }
        if !["", ";"].contains(sql) {
            await #expect(throws: PostgreSQLError.self) { try await pool.write(.rows([])) { try $0.execute(sql) } }
        }
        #expect(try await pool.count() == 0)
    }

    @Test func misuseIsAnErrorOfTheStatement() async throws {
        let pool = try await fixture.open()
        let works: [@Sendable (any Database) throws -> Void] = [
            { try $0.run("SELECT ?", []) }, { try $0.run("SELECT 1", [.null]) }, { try $0.run("SELECT 1; SELECT 2") },
            { try $0.execute("SELECT ?") },
        ]
        for work in works {
            let error = await #expect(throws: PostgreSQLError.self) { try await pool.read(work) }
            #expect(error?.failure == nil)
        }
    }

    @Test func fewStatementsAreKeptAndTheOldestIsGivenUp() async throws {
        let pool = try await fixture.open(parameters: "pool_size=2")
        try await pool.write(.rows([])) { (database) throws in
            for round in 0..<2 {
                for number in 0..<130 {
                    #expect(try database.first("SELECT \(number) AS n, ? AS v", [.integer(Int64(round))])?.integer("n") == Int64(number))
                }
            }
            let kept = try database.first("SELECT count(*) AS n FROM pg_prepared_statements")?.integer("n")
            #expect(kept == 100)
        }
    }

    @Test func nullsUseTheStatementOfOtherValues() async throws {
        let pool = try await fixture.open()
        try await pool.write(.rows([])) { (database) throws in
            for values: [SQLValue] in [
                [.text("a"), .integer(1)], [.null, .integer(2)], [.text("b"), .integer(3)], [.null, .integer(4)],
            ] {
                try database.run("INSERT INTO items (name, amount) VALUES (?, ?)", values)
            }
            let kept = try database.first("SELECT count(*) AS n FROM pg_prepared_statements WHERE statement LIKE 'INSERT INTO items%'")
            #expect(try kept?.integer("n") == 1)
        }
    }

    @Test func theBodyOfALoopCanRunTheSameStatementAndStop() async throws {
        let pool = try await fixture.open()
        try await pool.write(.rows([])) { (database) throws in
            for name in ["a", "b", "c"] { try database.run("INSERT INTO items (name) VALUES (?)", [.text(name)]) }
            var seen: [String] = []
            try database.forEachRow("SELECT name FROM items ORDER BY name") { row in
                seen.append(try row.text("name"))
                #expect(try database.query("SELECT name FROM items ORDER BY name").count == 3)
                return seen.count == 2 ? .stop : .next
            }
            #expect(seen == ["a", "b"])
        }
    }

    @Test func aReadSeesOneSnapshotAndCanNotWrite() async throws {
        let pool = try await fixture.open()
        let fixture = fixture
        try await pool.read { (database) throws in
            #expect(try database.first("SELECT count(*) AS n FROM items")?.integer("n") == 0)
            try fixture.run("INSERT INTO items (name) VALUES ('a')")
            #expect(try database.first("SELECT count(*) AS n FROM items")?.integer("n") == 0)
        }
        #expect(try await pool.count() == 1)
        let error = await #expect(throws: PostgreSQLError.self) { try await pool.read { try $0.run("DELETE FROM items") } }
        #expect(error?.sqlState == "25006" && error?.failure == .readOnly)
        await #expect(throws: PostgreSQLError.self) { try await pool.read { try $0.lock(LockKey(rawValue: "a")) } }
        #expect(try await pool.count() == 1)
    }

    @Test func aFilterThatMayBeNullNeedsNoType() async throws {
        let pool = try await fixture.open()
        try await pool.write(.rows([])) { try $0.run("INSERT INTO items (name, amount) VALUES ('a', 1), ('b', 2), (NULL, 3)") }
        let filters: [([SQLValue], Int)] = [
            ([.null, .null], 3), ([.text("a"), .null], 1), ([.null, .integer(2)], 2), ([.text("a"), .integer(2)], 0),
        ]
        for (values, count) in filters + filters.reversed() {
            let found = try await pool.read {
                try $0.query("SELECT id FROM items WHERE (?1 IS NULL OR name = ?1) AND (?2 IS NULL OR amount >= ?2)", values)
            }
            #expect(found.count == count)
        }
        let only = try await pool.read { try $0.first("SELECT CASE WHEN ?1 IS NULL THEN 1 ELSE 0 END AS n", [.null])?.integer("n") }
        #expect(only == 1)
    }

    @Test func aSchemaThatChangesMeanwhileIsNoticed() async throws {
        let pool = try await fixture.open(parameters: "pool_size=2")
        try await pool.write(.rows([])) { try $0.run("INSERT INTO items (name) VALUES ('a')") }
        #expect(try await pool.read { try $0.first("SELECT * FROM items")?.columns.count } == 3)
        try fixture.run("ALTER TABLE items ADD COLUMN more TEXT")
        #expect(try await pool.read { try $0.first("SELECT * FROM items")?.columns.count } == 4)
    }
}
