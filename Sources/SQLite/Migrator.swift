public import SQL

/// Migrates a file to the schema of the program, and rejects files of other programs.
public struct Migrator: Sendable {
    private let applicationID: Int32
    private let migrations: [Migration]

    /// Creates a migrator.
    ///
    /// - Parameters:
    ///   - applicationID: The number that identifies the program's files; not 0, which every new SQLite file has.
    ///   - migrations: All migrations since the first version, oldest first.
    /// - Throws: ``MigrationError`` if the id is 0 or two migrations have the same name.
    public init(applicationID: Int32, _ migrations: [Migration]) throws {
        guard applicationID != 0 else { throw MigrationError.noApplicationID }
        var names: Set<String> = []
        for migration in migrations where !names.insert(migration.name).inserted { throw MigrationError.duplicateName(migration.name) }
        self.applicationID = applicationID
        self.migrations = migrations
    }

    /// Rejects a file of another application or of a newer version of the program, without changing it.
    ///
    /// - Returns: Whether there are migrations to run.
    func check(_ database: SQLiteDatabase) throws -> Bool {
        try database.transaction(.reading) { try !isClaimed($0) || !missing(in: $0).isEmpty }
    }

    /// Runs the missing migrations, each in one transaction together with its record; those of a new file all in one.
    ///
    /// A new file thus waits for the disk once, and after a crash is either complete or still new.
    func migrate(_ database: SQLiteDatabase) throws {
        try database.execute("PRAGMA foreign_keys = OFF")
        try database.transaction(.writing) { database in
            guard try !isClaimed(database) else { return }
            try claim(database)
            while try runNext(database) {}
        }
        // The next migration is determined inside each transaction, because another process may migrate the same file.
        while try database.transaction(.writing, runNext) {}
        try database.execute("PRAGMA foreign_keys = ON")
    }

    private func claim(_ database: SQLiteDatabase) throws {
        try database.execute(
            """
            PRAGMA application_id = \(applicationID);
            CREATE TABLE applied_migrations (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
            """)
    }

    private func runNext(_ database: SQLiteDatabase) throws -> Bool {
        guard let next = try missing(in: database).first else { return false }
        do {
            try next.change(database)
            try checkReferences(database)
            try database.run("INSERT INTO applied_migrations (name) VALUES (?)", [.text(next.name)])
        } catch {
            throw MigrationError.failed(location: "\(database.location)", name: next.name, reason: error)
        }
        return true
    }

    private func missing(in database: SQLiteDatabase) throws -> ArraySlice<Migration> {
        guard try isClaimed(database) else { return migrations[...] }
        let applied = try database.query("SELECT name FROM applied_migrations ORDER BY position").map { try $0.text("name") }
        return try MigrationError.missing(applied: applied, of: migrations, location: "\(database.location)")
    }

    /// Returns whether the file already belongs to the program; throws if it belongs to another one.
    private func isClaimed(_ database: SQLiteDatabase) throws -> Bool {
        let found = Int32(truncatingIfNeeded: try database.first("PRAGMA application_id")?.integer("application_id") ?? 0)
        let isEmpty = try database.first("SELECT 1 FROM sqlite_schema") == nil
        guard found == applicationID || (found == 0 && isEmpty) else {
            throw MigrationError.otherApplication(
                location: "\(database.location)", found: "id \(found)", expected: "\(applicationID)")
        }
        return found == applicationID
    }

    private func checkReferences(_ database: SQLiteDatabase) throws {
        let tables = Set(try database.query("PRAGMA foreign_key_check").map { try $0.text("table") })
        guard tables.isEmpty else { throw MigrationError.danglingReferences(tables: tables.sorted()) }
    }
}
