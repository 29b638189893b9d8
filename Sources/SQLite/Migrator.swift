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

/// One named step from a schema to the next.
///
/// Once shipped it is never changed, renamed, moved or removed.
public struct Migration: Sendable {
    /// The name under which the file remembers it.
    public let name: String
    let change: @Sendable (Database) throws -> Void

    /// Makes a step.
    ///
    /// - Parameters:
    ///   - name: A name no other step has.
    ///   - change: What it does, inside a transaction of its own. Foreign keys are checked when it is done, not before, so that
    ///     a table can be built anew.
    public init(_ name: String, _ change: @escaping @Sendable (Database) throws -> Void) {
        self.name = name
        self.change = change
    }
}

/// Why a database file does not fit this program.
public enum MigrationError: Error, Sendable, CustomStringConvertible {
    /// The file belongs to another application, as its SQLite application id says.
    case otherApplication(location: DatabaseLocation, found: Int32, expected: Int32)
    /// A newer version of the program has changed the file.
    case newerFile(location: DatabaseLocation, unknown: [String])
    /// The program's list of steps disagrees with the file about the order.
    case otherOrder(location: DatabaseLocation, name: String)
    /// The program's application id is 0, which every new file has.
    case noApplicationID
    /// Two steps of the program have the same name.
    case duplicateName(String)
    /// A step failed; the file is as it was before that step.
    case failed(location: DatabaseLocation, name: String, reason: any Error)
    /// A step left rows that refer to nothing in these tables; the file is as it was before that step.
    case danglingReferences(tables: [String])

    /// What is wrong and what to do, for an administrator.
    public var description: String {
        switch self {
        case .otherApplication(let location, let found, let expected):
            "\(location) is a database of another application (id \(found), not \(expected)). Choose another file."
        case .newerFile(let location, let unknown):
            "\(location) was changed by a newer version of this program (\(unknown.joined(separator: ", "))). Start that version."
        case .otherOrder(let location, let name):
            "\(location) has the migration \"\(name)\" at another place than this program. Start the version that wrote the file."
        case .noApplicationID:
            "The application id is 0. Choose another number and never change it."
        case .duplicateName(let name):
            "Two migrations are named \"\(name)\". Rename the newer one."
        case .failed(let location, let name, let reason):
            "\(location) could not be brought up to date: migration \"\(name)\" failed and was undone. \(reason)"
        case .danglingReferences(let tables):
            "Rows refer to rows that are not there, in: \(tables.joined(separator: ", "))."
        }
    }
}
