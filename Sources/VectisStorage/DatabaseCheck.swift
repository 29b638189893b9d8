import FoundationEssentials
import Glibc
package import PSACore
import PSAEngineSQL
import PostgreSQL
import SQL
import SQLite
package import VectisCore

/// Checks the files of a data folder, without changing one; a host may run meanwhile.
///
/// Each database is read on a connection that can't write. A file that is damaged is a finding, and the other checks go on.
package struct DatabaseCheck: Sendable {
    /// What is checked.
    package enum Subject: String, Sendable, CaseIterable {
        /// Whether the file is a database of this program that can be read.
        case file
        /// Whether its schema is the one of this version.
        case schema
        /// Whether its pages and indexes are intact.
        case pages
        /// Whether each row refers to rows that are there.
        case references
        /// Whether the numbers that are kept are those that counting gives.
        case counts
        /// Whether the audit log has no gap.
        case auditLog = "audit_log"
        /// Whether the archives of the audit log are there, complete and unchanged.
        case archives
    }

    /// How one check ended.
    package struct Result: Sendable, Equatable {
        /// The file or folder, as it is called in the data folder.
        package let file: String
        package let subject: Subject
        /// What is wrong; empty if nothing is.
        package var problems: [DatabaseProblem] = []
        /// What is worth knowing, and no problem.
        package var remarks: [DatabaseProblem] = []
        /// The number of rows, entries or files that were looked at, where there are such.
        package var count: Int?
    }

    private let folder: DataFolder
    private let began: @Sendable (_ file: String, Subject, _ bytes: UInt64) -> Void

    /// Creates a ``DatabaseCheck``.
    ///
    /// - Parameters:
    ///   - folder: The data folder.
    ///   - began: Called at the beginning of each check, with the size of the file.
    package init(_ folder: DataFolder, began: @escaping @Sendable (_ file: String, Subject, _ bytes: UInt64) -> Void = { _, _, _ in }) {
        self.folder = folder
        self.began = began
    }

    /// Runs all checks, one after the other.
    ///
    /// - Returns: The results; a file that is not there has none, except the database itself.
    /// - Throws: ``StorageFileError`` for a file that this user may not read: nothing can be said of it.
    package func run() throws -> [Result] {
        for path in [folder.database, folder.localCopy] where access(path, R_OK) != 0 && errno == EACCES {
            throw StorageFileError(unreadable: path)
        }
        var results = check(folder.database, HostSchema.applicationID, HostSchema.migrations, [.counts, .auditLog])
        var archives = Result(file: "audit", subject: .archives)
        began(archives.file, .archives, 0)
        checkArchives(&archives)
        results.append(archives)
        if access(folder.localCopy, F_OK) == 0 {
            results += check(folder.localCopy, SyncSchema.applicationID, SyncSchema.migrations, [.counts])
        }
        return results
    }

    // MARK: Servers

    /// Checks the database of a host on a server, without changing it; hosts may run meanwhile.
    ///
    /// The server itself keeps its files intact and its references whole.
    ///
    /// - Parameter database: The database.
    /// - Returns: The results: of the host's schema, then of that of the local copies.
    /// - Throws: ``StorageFileError`` if the server can't be reached, or refuses.
    package static func run(on database: HostDatabase) async throws -> [Result] {
        guard case .server(let host, let copies) = database else { return [] }
        return try await check(host, HostSchema.application, HostSchema.migrations(.postgreSQL), checkJobCounts)
            + (try await check(copies, SyncSchema.application, SyncSchema.migrations, checkCopyCounts))
    }

    private static func check(
        _ configuration: PostgreSQLConfiguration, _ application: String, _ migrations: [Migration],
        _ checkCounts: @escaping @Sendable (any Database, inout Result) throws -> Void
    ) async throws -> [Result] {
        var schema = Result(file: configuration.schema, subject: .schema)
        var counts = Result(file: configuration.schema, subject: .counts)
        do {
            let pending = try await PostgreSQLPool.pendingMigrations(configuration, application: application, migrations: migrations)
            schema.count = migrations.count - pending.count
            guard pending.isEmpty else {
                schema.remarks.append(.olderSchema(pending))
                return [schema]
            }
            let pool = try await PostgreSQLPool.open(
                configuration, application: application, migrations: migrations, opening: .withoutMigrating)
            let empty = counts
            counts = try await pool.read { database in
                var result = empty
                try checkCounts(database, &result)
                return result
            }
            await pool.close()
            return [schema, counts]
        } catch MigrationError.otherApplication {
            schema.problems.append(.foreign)
        } catch MigrationError.newerSchema(_, let names) {
            schema.problems.append(.newerSchema(names))
        } catch let error as PostgreSQLError where error.failure == .cannotOpen || error.failure == .unreachable {
            throw StorageFileError(error)
        } catch {
            schema.problems.append(.unreadable("\(error)"))
        }
        return [schema]
    }

    // MARK: Databases

    private func check(_ path: String, _ application: Int32, _ migrations: [Migration], _ more: [Subject]) -> [Result] {
        let name = path.split(separator: "/").last.map { String($0) } ?? path
        var status = stat()
        let bytes = stat(path, &status) == 0 ? UInt64(status.st_size) : 0
        var results: [Result] = []
        for subject in [.file, .schema, .pages, .references] + more {
            var result = Result(file: name, subject: subject)
            began(name, subject, bytes)
            do {
                // A connection for each, so that the log of a running host is not kept for longer than one check.
                try SQLiteDatabase.inspect(path) { database in
                    switch subject {
                    case .file: try checkFile(database, application, &result)
                    case .schema: try checkSchema(database, migrations, &result)
                    case .pages: result.problems += try database.integrityErrors().map { .page($0) }
                    case .references: try checkReferences(database, &result)
                    case .counts where name.hasPrefix("copy"): try Self.checkCopyCounts(database, &result)
                    case .counts: if try has("job_count", database) { try Self.checkJobCounts(database, &result) }
                    case .auditLog: try checkAuditLog(database, &result)
                    case .archives: break
                    }
                }
            } catch {
                result.problems.append(.unreadable("\(error)"))
            }
            results.append(result)
            // Nothing more can be said of a file that can't be opened, or of another program's.
            if subject == .file, !result.problems.isEmpty { break }
        }
        return results
    }

    private func checkFile(_ database: SQLiteDatabase, _ application: Int32, _ result: inout Result) throws {
        let found = Int32(truncatingIfNeeded: try database.first("PRAGMA application_id")?.integer("application_id") ?? 0)
        if found != application {
            result.problems.append(try database.first("PRAGMA page_count")?.integer("page_count") == 0 ? .empty : .foreign)
        }
    }

    private func checkSchema(_ database: SQLiteDatabase, _ migrations: [Migration], _ result: inout Result) throws {
        let applied = try database.query("SELECT name FROM applied_migrations ORDER BY position").map { try $0.text("name") }
        let known = migrations.map(\.name)
        result.count = applied.count
        if !known.starts(with: applied) {
            result.problems.append(.newerSchema(applied.filter { !known.contains($0) }))
        } else if applied.count < known.count {
            result.remarks.append(.olderSchema(Array(known.dropFirst(applied.count))))
        }
    }

    private func checkReferences(_ database: SQLiteDatabase, _ result: inout Result) throws {
        var rows: [String: Int] = [:]
        try database.forEachRow("PRAGMA foreign_key_check") { row in
            rows[try row.text("table"), default: 0] += 1
            return .next
        }
        result.problems += rows.sorted { $0.key < $1.key }.map { .dangling(table: $0.key, rows: $0.value) }
    }

    private static func checkJobCounts(_ database: any Database, _ result: inout Result) throws {
        let counted = """
            SELECT state, connection_id, COALESCE(source, '') AS source,
                CASE state WHEN 'needs_review' THEN COALESCE(reason, '') ELSE '' END AS reason, COUNT(*) AS count FROM job GROUP BY 1, 2, 3, 4
            """
        let kept = "SELECT state, connection_id, source, reason, count FROM job_count WHERE count <> 0"
        let wrong = try database.first(
            """
            SELECT (SELECT COUNT(*) FROM (\(counted) EXCEPT \(kept)) AS missing)
                + (SELECT COUNT(*) FROM (\(kept) EXCEPT \(counted)) AS wrong) AS count
            """)
        result.count = Int(try database.first("SELECT COUNT(*) AS count FROM job")?.integer("count") ?? 0)
        if let count = try wrong?.integer("count"), count > 0 { result.problems.append(.wrongCounts(table: "job_count", rows: Int(count))) }
    }

    private static func checkCopyCounts(_ database: any Database, _ result: inout Result) throws {
        let row = try database.first(
            """
            SELECT (SELECT COUNT(*) FROM record) AS count,
                (SELECT COALESCE(MAX(sequence), 0) FROM record) > (SELECT COALESCE(MAX(sequence), -1) FROM counter) AS is_ahead,
                (SELECT COUNT(*) FROM record WHERE NOT EXISTS (SELECT 1 FROM record_content WHERE record = place)) AS empty
            """)
        result.count = try row.map { try $0.count("count") }
        if try row?.flag("is_ahead") == true { result.problems.append(.wrongCounts(table: "counter", rows: 1)) }
        if let empty = try row?.integer("empty"), empty > 0 {
            result.problems.append(.wrongCounts(table: "record_content", rows: Int(empty)))
        }
    }

    private func checkAuditLog(_ database: SQLiteDatabase, _ result: inout Result) throws {
        let archived = try has("audit_archive", database) ? try database.auditArchives().last?.last.rawValue ?? 0 : 0
        // Places are given without a gap; entries that are archived and not removed yet are in both.
        let row = try database.first(
            """
            SELECT (SELECT COUNT(*) FROM audit_entry) AS count, (SELECT COUNT(*) FROM audit_entry WHERE place > ?1) AS present,
                (SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'audit_entry') AS last
            """, [.integer(archived)])
        guard let row else { return }
        result.count = try row.count("count")
        let missing = max(0, try row.integer("last") - archived) - (try row.integer("present"))
        if missing > 0 { result.problems.append(.missingEntries(Int(missing))) }
    }

    private func has(_ table: String, _ database: SQLiteDatabase) throws -> Bool {
        try database.first("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", [.text(table)]) != nil
    }

    // MARK: Archives

    private func checkArchives(_ result: inout Result) {
        let archives: [AuditArchive]
        do {
            archives = try SQLiteDatabase.inspect(folder.database) { try has("audit_archive", $0) ? $0.auditArchives() : [] }
        } catch {
            result.problems.append(.unreadable("\(error)"))
            return
        }
        result.count = archives.count
        var before: AuditArchive?
        for archive in archives {
            do {
                let content = try ArchiveContent(reading: folder.auditArchives + "/" + archive.file)
                let isRight =
                    content.number == archive.number && content.first == archive.first.rawValue && content.last == archive.last.rawValue
                    && content.previousHash == archive.previousHash && content.lastHash == archive.lastHash
                    && content.digest == archive.digest && content.previousHash == before?.lastHash ?? ArchiveLine.noHash
                    && before.map { $0.last.rawValue + 1 == content.first } ?? true
                if !isRight { result.problems.append(.archive("\(archive.file): it is not the file that the database records.")) }
            } catch {
                result.problems.append(.archive("\(error)"))
            }
            before = archive
        }
        let manifest = FileManager.default.contents(atPath: folder.auditArchives + "/" + SQLiteAuditArchiver.manifestName)
        let isCut = archives.indices.contains { count in
            // The first list may be missing altogether.
            manifest.map { count > 0 && $0 == Data(SQLiteAuditArchiver.manifest(Array(archives[..<count])).utf8) } ?? (archives.count == 1)
        }
        if isCut {
            // A kill came between the record of a file and the list; the next round of retention writes it again.
            result.remarks.append(.shortManifest(SQLiteAuditArchiver.manifestName))
        } else if !archives.isEmpty, manifest.map({ Array($0) }) != Array(SQLiteAuditArchiver.manifest(archives).utf8) {
            result.problems.append(.archive("\(SQLiteAuditArchiver.manifestName): it is not the list that the database records."))
        }
        let known = Set(archives.map(\.file) + [SQLiteAuditArchiver.manifestName])
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.auditArchives)) ?? []
        result.remarks += files.filter { !known.contains($0) }.sorted().map { .unrecorded($0) }
    }
}

/// What is wrong with a file of the data folder, or worth knowing.
package enum DatabaseProblem: LocalizedMessage, Hashable {
    /// The file or a part of it can't be read.
    case unreadable(String)
    /// It is a file of another program.
    case foreign
    /// The file has no content.
    case empty
    /// Migrations that this version does not know.
    case newerSchema([String])
    /// Migrations that the next start runs.
    case olderSchema([String])
    /// What SQLite says of a page or an index.
    case page(String)
    case dangling(table: String, rows: Int)
    case wrongCounts(table: String, rows: Int)
    case missingEntries(Int)
    /// What is wrong with a file of archived entries.
    case archive(String)
    /// A file in the folder of archives that the database does not record.
    case unrecorded(String)
    /// The list of archives lacks the latest.
    case shortManifest(String)

    package var values: [String: MessageValue] {
        switch self {
        case .unreadable(let text), .page(let text), .archive(let text), .unrecorded(let text),
            .shortManifest(let text):
            ["text": .verbatim(text)]
        case .foreign, .empty: [:]
        case .newerSchema(let names), .olderSchema(let names): ["names": .list(names.map(MessageValue.verbatim))]
        case .dangling(let table, let rows), .wrongCounts(let table, let rows):
            ["table": .verbatim(table), "rows": .verbatim(String(rows))]
        case .missingEntries(let count): ["rows": .verbatim(String(count))]
        }
    }

    package func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.unreadable, .english): "It can’t be read: {text}"
        case (.unreadable, .german): "Nicht lesbar: {text}"
        case (.foreign, .english): "It is a database of another program."
        case (.foreign, .german): "Es ist die Datenbank eines anderen Programms."
        case (.empty, .english): "It is empty."
        case (.empty, .german): "Sie ist leer."
        case (.newerSchema, .english): "A newer version has changed it: {names}. Use that version."
        case (.newerSchema, .german): "Eine neuere Version hat sie geändert: {names}. Jene Version benutzen."
        case (.olderSchema, .english): "It is of an older version; the next start of the host runs {names}."
        case (.olderSchema, .german): "Sie stammt von einer älteren Version; der nächste Start des Hosts führt {names} aus."
        case (.page, .english), (.page, .german), (.archive, .english), (.archive, .german): "{text}"
        case (.dangling, .english): "{rows} rows of the table {table} refer to rows that are missing."
        case (.dangling, .german): "{rows} Zeilen der Tabelle {table} verweisen auf Zeilen, die fehlen."
        case (.wrongCounts, .english): "{rows} rows of the table {table} are not what counting gives."
        case (.wrongCounts, .german): "{rows} Zeilen der Tabelle {table} sind nicht, was Zählen ergibt."
        case (.missingEntries, .english): "{rows} audit entries are missing that were never archived."
        case (.missingEntries, .german): "Es fehlen {rows} Einträge des Audit-Protokolls, die nie archiviert wurden."
        case (.shortManifest, .english): "{text} lacks the latest files; a running host completes it within the hour."
        case (.shortManifest, .german): "In {text} fehlen die neuesten Dateien; ein laufender Host ergänzt sie binnen einer Stunde."
        case (.unrecorded, .english): "The file {text} is in the folder, and the database does not record it."
        case (.unrecorded, .german): "Die Datei {text} liegt im Ordner, und die Datenbank verzeichnet sie nicht."
        }
    }
}
