/// Brings a file to the schema a program needs, and refuses files that are not the program's.
public struct Migrator: Sendable {
    private let applicationID: Int32
    private let migrations: [Migration]

    /// Makes a migrator.
    ///
    /// - Parameters:
    ///   - applicationID: The number by which a file is known to be the program's; not 0, which SQLite gives to every new file.
    ///   - migrations: All steps since the first version, oldest first.
    /// - Throws: ``MigrationError`` if the id is 0 or two steps have the same name.
    public init(applicationID: Int32, _ migrations: [Migration]) throws {
        guard applicationID != 0 else { throw MigrationError.noApplicationID }
        var names: Set<String> = []
        for migration in migrations where !names.insert(migration.name).inserted { throw MigrationError.duplicateName(migration.name) }
        self.applicationID = applicationID
        self.migrations = migrations
    }

    /// Refuses a file that is not ours or newer than the program.
    ///
    /// It only reads.  - Returns: Whether there is something to migrate.
    func check(_ database: Database) throws -> Bool {
        try database.transaction(.reading) { try !isClaimed($0) || !missing(in: $0).isEmpty }
    }

    /// Runs the steps that the file has not seen, each in its transaction together with its record.
    func migrate(_ database: Database) throws {
        try database.execute("PRAGMA foreign_keys = OFF")
        try database.transaction(.writing, claim)
        // Asked anew each time, inside the transaction: another process may be migrating the same file.
        while try database.transaction(.writing, takeNext) {}
        try database.execute("PRAGMA foreign_keys = ON")
    }

    private func claim(_ database: Database) throws {
        guard try !isClaimed(database) else { return }
        try database.execute(
            """
            PRAGMA application_id = \(applicationID);
            CREATE TABLE applied_migrations (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
            """)
    }

    private func takeNext(_ database: Database) throws -> Bool {
        guard let next = try missing(in: database).first else { return false }
        do {
            try next.change(database)
            try checkReferences(database)
            try database.run("INSERT INTO applied_migrations (name) VALUES (?)", [.text(next.name)])
        } catch {
            throw MigrationError.failed(location: database.location, name: next.name, reason: error)
        }
        return true
    }

    private func missing(in database: Database) throws -> ArraySlice<Migration> {
        guard try isClaimed(database) else { return migrations[...] }
        let applied = try database.query("SELECT name FROM applied_migrations ORDER BY position").map { try $0.text("name") }
        let known = Set(migrations.map(\.name))
        let unknown = applied.filter { !known.contains($0) }
        guard unknown.isEmpty else { throw MigrationError.newerFile(location: database.location, unknown: unknown) }
        for (name, migration) in zip(applied, migrations) where name != migration.name {
            throw MigrationError.otherOrder(location: database.location, name: name)
        }
        return migrations.dropFirst(applied.count)
    }

    /// Whether the file is the program's already; a file that is neither that nor empty is refused.
    private func isClaimed(_ database: Database) throws -> Bool {
        let found = Int32(truncatingIfNeeded: try database.first("PRAGMA application_id")?.integer("application_id") ?? 0)
        let isEmpty = try database.first("SELECT 1 FROM sqlite_schema") == nil
        guard found == applicationID || (found == 0 && isEmpty) else {
            throw MigrationError.otherApplication(location: database.location, found: found, expected: applicationID)
        }
        return found == applicationID
    }

    private func checkReferences(_ database: Database) throws {
        let tables = Set(try database.query("PRAGMA foreign_key_check").map { try $0.text("table") })
        guard tables.isEmpty else { throw MigrationError.danglingReferences(tables: tables.sorted()) }
    }
}
