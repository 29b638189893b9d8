/// A named migration from one version of the schema to the next.
///
/// A released migration must never be changed, renamed, moved or removed.
public struct Migration: Sendable {
    /// The name, which is recorded in the database.
    public let name: String
    /// Changes the schema, inside a transaction.
    public let change: @Sendable (any Database) throws -> Void

    /// Creates a migration.
    ///
    /// - Parameters:
    ///   - name: A unique name.
    ///   - change: Changes the schema, inside a separate transaction.
    public init(_ name: String, _ change: @escaping @Sendable (any Database) throws -> Void) {
        self.name = name
        self.change = change
    }

    /// Creates a migration from statements in the dialect that the databases share.
    ///
    /// - Parameters:
    ///   - name: A unique name.
    ///   - script: The statements. The types of columns are those of SQLite; a driver of another database translates them.
    public init(_ name: String, script: String) { self.init(name) { try $0.execute(script) } }
}

/// An error of opening or migrating a database.
public enum MigrationError: Error, Sendable, CustomStringConvertible {
    /// The database belongs to another application.
    case otherApplication(location: String, found: String, expected: String)
    /// A newer version of the program has changed the database.
    case newerSchema(location: String, unknown: [String])
    /// The database has not run these migrations, and may not be changed.
    case outdated(location: String, missing: [String])
    /// The order of the program's migrations differs from that in the database.
    case otherOrder(location: String, name: String)
    /// The program's application id is 0, which every new file has.
    case noApplicationID
    /// Two migrations of the program have the same name.
    case duplicateName(String)
    /// A migration failed and was rolled back.
    case failed(location: String, name: String, reason: any Error)
    /// A migration left rows in these tables that refer to missing rows, and was rolled back.
    case danglingReferences(tables: [String])

    /// The error and a recommendation, for an administrator.
    public var description: String {
        switch self {
        case .otherApplication(let location, let found, let expected):
            "\(location) is a database of another application (\(found), not \(expected)). Choose another database."
        case .newerSchema(let location, let unknown):
            "\(location) was changed by a newer version of this program (\(unknown.joined(separator: ", "))). Start that version."
        case .outdated(let location, let missing):
            "\(location) has not run all migrations of this program (\(missing.joined(separator: ", "))). Migrate it first."
        case .otherOrder(let location, let name):
            "\(location) has the migration \"\(name)\" at another position than this program. Start the version that wrote it."
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

    /// The migrations of a program that a database has not run yet.
    ///
    /// - Parameters:
    ///   - applied: The names that the database records, in their order.
    ///   - migrations: All migrations of the program, oldest first.
    ///   - location: The database, for messages.
    /// - Returns: The migrations to run, in their order.
    /// - Throws: ``newerSchema(location:unknown:)`` or ``otherOrder(location:name:)``.
    public static func missing(applied: [String], of migrations: [Migration], location: String) throws -> ArraySlice<Migration> {
        let known = Set(migrations.map(\.name))
        let unknown = applied.filter { !known.contains($0) }
        guard unknown.isEmpty else { throw MigrationError.newerSchema(location: location, unknown: unknown) }
        for (name, migration) in zip(applied, migrations) where name != migration.name {
            throw MigrationError.otherOrder(location: location, name: name)
        }
        return migrations.dropFirst(applied.count)
    }
}
