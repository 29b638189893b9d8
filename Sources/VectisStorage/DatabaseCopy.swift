import FoundationEssentials
import SQL
import SQLite
import Sodium
import VectisCore

/// Copies a host's database from the files of a data directory to a server, and proves that all is there.
///
/// The target has to be empty: the first transaction leaves a mark of the source there, by which a copy that was interrupted goes on. Rows
/// are copied in the order of their keys, after the last row that arrived; rules come last. A target that has everything is compared only.
/// Local copies of PSAs are not copied: the host reads them again.
package struct DatabaseCopy: Sendable {
    /// How the copy of one table ended.
    package struct Result: Sendable, Equatable {
        package let table: String
        /// The rows of the table, in both databases.
        package let rows: Int
        /// The SHA-256 of all rows, in both databases.
        package let hash: String
    }

    /// Why a copy was refused, or is not complete.
    package enum CopyError: Error, Sendable, Hashable {
        /// The target has rows that are not of this source: a host was started on it, or another source was copied to it.
        case targetInUse
        /// The rows of a table are not the same in both databases.
        case differs(table: String, source: Int, target: Int)
    }

    /// The most rows in one transaction.
    static let batch = 500

    private let source: DatabaseStorage
    private let target: DatabaseStorage
    private let progress: @Sendable (_ table: String, _ rows: Int) -> Void

    /// Creates a ``DatabaseCopy``.
    ///
    /// - Parameters:
    ///   - source: The storage in a file, which nothing else writes.
    ///   - target: The storage on a server.
    ///   - progress: Called after each transaction, with the number of rows of the table that have been copied.
    package init(
        from source: DatabaseStorage, to target: DatabaseStorage,
        progress: @escaping @Sendable (_ table: String, _ rows: Int) -> Void = { _, _ in }
    ) {
        self.source = source
        self.target = target
        self.progress = progress
    }

    /// A table: its columns, and those of its primary key in their order.
    struct Table: Sendable, Equatable {
        let name: String
        let columns: [String]
        let key: [String]

        var selected: String { columns.map { "\"\($0)\"" }.joined(separator: ", ") }
        var order: String { key.map { "\"\($0)\"" }.joined(separator: ", ") }
    }

    /// Tables whose rows the target makes by itself; they are replaced at the end.
    private static let derived = ["job_count", "rule_stamp"]

    /// Tables that let people sign in and rules decide.
    private static let late = ["account", "job_source", "rule"]

    /// Copies what is missing, compares everything, and returns the tables in the order in which they were copied.
    ///
    /// - Returns: The number and the hash of the rows of each table.
    /// - Throws: ``CopyError``, ``StorageFailure``, or the error of a database.
    package func run() async throws -> [Result] {
        let tables = try await source.queue.read { try Self.tables(in: $0) }
        if try await !beginOrGoOn(tables) {
            for table in tables { try await copy(table) }
            try await target.queue.write { database in
                try Self.continueNumbers(of: tables, in: database)
                try database.run("UPDATE database_copy SET is_complete = 1")
            }
        }
        var results: [Result] = []
        for table in tables {
            let (before, after) = (try await Self.digest(of: table, in: source), try await Self.digest(of: table, in: target))
            guard before == after else { throw CopyError.differs(table: table.name, source: before.rows, target: after.rows) }
            results.append(Result(table: table.name, rows: before.rows, hash: before.hash))
        }
        return results
    }

    /// The number of rows and the hash of all their values, read in parts, because one read may not take long.
    private static func digest(of table: Table, in storage: DatabaseStorage) async throws -> (rows: Int, hash: String) {
        var hash = SHA256()
        var (count, last) = (0, [SQLValue]?.none)
        while true {
            let place = last
            let rows = try await storage.queue.read { try table.rows(after: place, limit: batch, in: $0) }
            guard let end = rows.last else { break }
            for row in rows { for value in row.values { hash.update(value.canonicalBytes) } }
            count += rows.count
            last = try table.key.map { try end.value($0) }
        }
        return (count, hash.hash().map { String(UInt32($0) + 256, radix: 16).dropFirst() }.joined())
    }

    /// Marks an empty target as the copy of this source, or finds the mark of an earlier attempt.
    ///
    /// - Returns: Whether everything was copied by an earlier attempt.
    /// - Throws: ``CopyError/targetInUse``, or the error of a database.
    private func beginOrGoOn(_ tables: [Table]) async throws -> Bool {
        let drawn = try RandomBytes.token()
        let source = try await self.source.queue.write { database in
            if let row = try database.first("SELECT source, is_source FROM database_copy"), try row.integer("is_source") == 1 {
                return try row.text("source")
            }
            // A source that is a copy itself is another database from now on.
            try database.replace(
                "database_copy", key: ["place"],
                ["place": .integer(1), "source": .text(drawn), "is_source": .integer(1), "is_complete": .integer(1)])
            return drawn
        }
        return try await target.queue.write { database in
            if let mark = try database.first("SELECT * FROM database_copy") {
                guard try mark.text("source") == source, try mark.integer("is_source") == 0 else { throw CopyError.targetInUse }
                return try mark.integer("is_complete") == 1
            }
            for table in tables where !Self.derived.contains(table.name) {
                if try database.first("SELECT 1 AS found FROM \(table.name) LIMIT 1") != nil { throw CopyError.targetInUse }
            }
            try database.run(
                "INSERT INTO database_copy (place, source, is_source, is_complete) VALUES (1, ?, 0, 0)", [.text(source)])
            return false
        }
    }

    private func copy(_ table: Table) async throws {
        let isDerived = Self.derived.contains(table.name)
        if isDerived { try await target.queue.write { try $0.run("DELETE FROM \(table.name)") } }
        var last: [SQLValue]? = isDerived ? nil : try await target.queue.read { try table.lastKey(in: $0) }
        var copied = 0
        while true {
            let place = last
            let rows = try await source.queue.read { try table.rows(after: place, limit: Self.batch, in: $0) }
            guard let end = rows.last else { return }
            try await target.queue.write { try table.insert(rows, into: $0) }
            last = try table.key.map { try end.value($0) }
            copied += rows.count
            progress(table.name, copied)
        }
    }

    /// The tables of a host, each after those that it refers to.
    ///
    /// Accounts and rules come last, so that no one can sign in and no rule decides before all is there.
    static func tables(in database: any Database) throws -> [Table] {
        let names = try database.query(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT IN ('applied_migrations', 'database_copy') ORDER BY name"
        ).map { try $0.text("name") }
        var references: [String: Set<String>] = [:]
        var tables: [String: Table] = [:]
        for name in names {
            let columns = try database.query("SELECT name, pk FROM pragma_table_info(?)", [.text(name)])
            let key = try columns.filter { try $0.integer("pk") > 0 }.sorted { try $0.integer("pk") < $1.integer("pk") }
            tables[name] = Table(
                name: name, columns: try columns.map { try $0.text("name") }.sorted(), key: try key.map { try $0.text("name") })
            let parents = try database.query("SELECT DISTINCT \"table\" AS parent FROM pragma_foreign_key_list(?)", [.text(name)])
            references[name] = Set(try parents.map { try $0.text("parent") })
        }
        var ordered: [Table] = []
        var open = names.filter { !derived.contains($0) && !late.contains($0) } + late.filter { names.contains($0) }
        while !open.isEmpty {
            let done = Set(ordered.map(\.name))
            let next = open.first { references[$0, default: []].subtracting([$0]).isSubset(of: done) } ?? open[0]
            open.removeAll { $0 == next }
            if let table = tables[next] { ordered.append(table) }
        }
        return ordered + derived.compactMap { tables[$0] }
    }

    /// Lets the ids that the target gives go on after those that were copied.
    private static func continueNumbers(of tables: [Table], in database: any Database) throws {
        for table in tables where table.key.count == 1 {
            let column = table.key[0]
            let row = try database.first(
                "SELECT pg_get_serial_sequence(quote_ident(current_schema()) || '.' || quote_ident(?), ?) AS name",
                [.text(table.name), .text(column)])
            guard let sequence = try row?.optionalText("name") else { continue }
            _ = try database.first(
                "SELECT setval(?, COALESCE((SELECT MAX(\"\(column)\") FROM \(table.name)), 0) + 1, false) AS number", [.text(sequence)])
        }
    }
}

extension DatabaseCopy.Table {
    /// The key of the last row; nil if there is no row.
    fileprivate func lastKey(in database: any Database) throws -> [SQLValue]? {
        let order = key.map { "\"\($0)\" DESC" }.joined(separator: ", ")
        return try database.first("SELECT \(self.order) FROM \(name) ORDER BY \(order) LIMIT 1")?.values
    }

    fileprivate func rows(after place: [SQLValue]?, limit: Int, in database: any Database) throws -> [Row] {
        let isAfter = place.map { "WHERE (\(order)) > (\($0.map { _ in "?" }.joined(separator: ", ")))" } ?? ""
        return try database.query(
            "SELECT \(selected) FROM \(name) \(isAfter) ORDER BY \(order) LIMIT ?", (place ?? []) + [.integer(Int64(limit))])
    }

    fileprivate func insert(_ rows: [Row], into database: any Database) throws {
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        for row in rows {
            // Another attempt may have copied it.
            try database.run("INSERT INTO \(name) (\(selected)) VALUES (\(marks)) ON CONFLICT DO NOTHING", row.values)
        }
    }
}

extension SQLValue {
    /// The value with its kind and length, so that no two rows have the same bytes; U+0000 is what PostgreSQL makes of it.
    fileprivate var canonicalBytes: [UInt8] {
        let (kind, bytes): (UInt8, [UInt8]) =
            switch self {
            case .null: (0, [])
            case .integer(let number): (1, Array("\(number)".utf8))
            case .real(let number): (2, Array("\(number)".utf8))
            case .text(let text): (3, Array(text.replacing("\0", with: "\u{FFFD}").utf8))
            case .blob(let blob): (4, blob)
            }
        return [kind] + withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { Array($0) } + bytes
    }
}

extension DatabaseStorage {
    /// Checks that no copy to this database was interrupted.
    ///
    /// - Throws: ``StorageFileError``, or the error of the database.
    package func requireCompleteCopy() async throws {
        let isIncomplete = try await queue.read { try $0.first("SELECT 1 AS found FROM database_copy WHERE is_complete = 0") != nil }
        if isIncomplete { throw StorageFileError.incomplete }
    }
}
