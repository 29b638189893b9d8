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
    func check(_ database: Database) throws -> Bool {
        try database.transaction(.reading) { try !isClaimed($0) || !missing(in: $0).isEmpty }
    }

    /// Runs the missing migrations, each in one transaction together with its record; those of a new file all in one.
    ///
    /// A new file thus waits for the disk once, and after a crash is either complete or still new.
    func migrate(_ database: Database) throws {
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

    private func claim(_ database: Database) throws {
        try database.execute(
            """
            PRAGMA application_id = \(applicationID);
            CREATE TABLE applied_migrations (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
            """)
    }

    private func runNext(_ database: Database) throws -> Bool {
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

    /// Returns whether the file already belongs to the program; throws if it belongs to another one.
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

/// A named migration from one version of the schema to the next.
///
/// A released migration must never be changed, renamed, moved or removed.
public struct Migration: Sendable {
    /// The name, which is recorded in the file.
    public let name: String
    let change: @Sendable (Database) throws -> Void

    /// Creates a migration.
    ///
    /// - Parameters:
    ///   - name: A unique name.
    ///   - change: Changes the schema, inside a separate transaction. Foreign keys are checked only at its end, so that a table can
    ///     be replaced.
    public init(_ name: String, _ change: @escaping @Sendable (Database) throws -> Void) {
        self.name = name
        self.change = change
    }
}

/// An error of opening or migrating a database file.
public enum MigrationError: Error, Sendable, CustomStringConvertible {
    /// The file belongs to another application, as its SQLite application id says.
    case otherApplication(location: DatabaseLocation, found: Int32, expected: Int32)
    /// A newer version of the program has changed the file.
    case newerFile(location: DatabaseLocation, unknown: [String])
    /// The order of the program's migrations differs from that in the file.
    case otherOrder(location: DatabaseLocation, name: String)
    /// The program's application id is 0, which every new file has.
    case noApplicationID
    /// Two migrations of the program have the same name.
    case duplicateName(String)
    /// A migration failed and was rolled back.
    case failed(location: DatabaseLocation, name: String, reason: any Error)
    /// A migration left rows in these tables that refer to missing rows, and was rolled back.
    case danglingReferences(tables: [String])

    /// The error and a recommendation, for an administrator.
    public var description: String {
        switch self {
        case .otherApplication(let location, let found, let expected):
            "\(location) is a database of another application (id \(found), not \(expected)). Choose another file."
        case .newerFile(let location, let unknown):
            "\(location) was changed by a newer version of this program (\(unknown.joined(separator: ", "))). Start that version."
        case .otherOrder(let location, let name):
            "\(location) has the migration \"\(name)\" at another position than this program. Start the version that wrote the file."
        case .noApplicationID:
            "The application id is 0. Choose another number and never change it."
        case .duplicateName(let name):
            "Two migrations are named \"\(name)\". Rename the newer one."
        case .failed(let location, let name, let reason):
            "\(location) could not be migrated: migration \"\(name)\" failed and was rolled back. \(reason)"
        case .danglingReferences(let tables):
            "Rows refer to missing rows, in: \(tables.joined(separator: ", "))."
        }
    }
}
