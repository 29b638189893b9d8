public import SQL

extension PostgreSQLPool {
    /// What opening a database may change.
    public enum Opening: Sendable, Hashable {
        /// Creates the schema if it is missing, and runs the migrations that it has not run.
        case migrating
        /// Changes nothing; a schema that is missing or older is an error.
        case withoutMigrating
    }

    /// Connects to a database, and migrates its schema to that of the program.
    ///
    /// Several processes can start at once: one of them migrates, while the others wait. A process of an older version that runs meanwhile
    /// writes nothing until the migration has ended.
    ///
    /// - Parameters:
    ///   - configuration: The server, the database and the schema.
    ///   - application: The name of the program, which is recorded in the schema and must never change.
    ///   - migrations: All migrations since the first version, oldest first.
    ///   - opening: What may be changed.
    ///   - limits: The limits of the pool.
    ///   - reached: Called at each step of ``writeTogether(byteCount:_:)``; a test may end the process there.
    /// - Returns: The pool, ready for use.
    /// - Throws: ``PostgreSQLError`` if the database can't be reached or used, ``MigrationError`` if it does not fit the program.
    public static func open(
        _ configuration: PostgreSQLConfiguration, application: String, migrations: [Migration], opening: Opening = .migrating,
        limits: Limits = Limits(), reached: @escaping @Sendable (GroupStep) -> Void = { _ in }
    ) async throws -> PostgreSQLPool {
        let setup = try SchemaSetup(configuration, application: application, migrations: migrations)
        let options = try await setup.run(opening)
        return PostgreSQLPool(configuration, limits: limits, options: options, reached: reached)
    }

    /// Returns the names of the migrations that a database has not run yet, without changing it; all of them for a new schema.
    ///
    /// - Throws: Like ``open(_:application:migrations:opening:limits:reached:)``.
    public static func pendingMigrations(
        _ configuration: PostgreSQLConfiguration, application: String, migrations: [Migration]
    ) async throws -> [String] {
        try await SchemaSetup(configuration, application: application, migrations: migrations).pending()
    }
}

/// Checks a database, and migrates its schema.
private struct SchemaSetup {
    /// What a database is and may be used for.
    private struct Facts: Sendable {
        let version: Int64
        let encoding: String
        let isReplica: Bool
        let isReadOnly: Bool
        let commitsBeforeDisk: Bool
        let hasSchema: Bool
        let maySeeSchema: Bool
        /// How many tables, views and the like the schema has.
        let relations: Int64
        let hasMark: Bool
    }

    /// The oldest version that has what the statements of the stores need.
    private static let oldestVersion: Int64 = 150_000

    private let pool: PostgreSQLPool
    private let configuration: PostgreSQLConfiguration
    private let application: String
    private let migrations: [Migration]
    private var location: String { configuration.description }

    init(_ configuration: PostgreSQLConfiguration, application: String, migrations: [Migration]) throws {
        var names: Set<String> = []
        for migration in migrations where !names.insert(migration.name).inserted { throw MigrationError.duplicateName(migration.name) }
        guard !application.isEmpty else { throw MigrationError.noApplicationID }
        self.configuration = configuration
        self.application = application
        self.migrations = migrations
        var limits = PostgreSQLPool.Limits()
        // A program that starts reports at once that the server can't be reached. Another process may migrate for long.
        limits.reconnect = .zero
        limits.lock = .seconds(600)
        pool = PostgreSQLPool(configuration, limits: limits, reached: { _ in })
    }

    /// Checks and migrates.
    ///
    /// - Returns: The settings that connections to this server need.
    func run(_ opening: PostgreSQLPool.Opening) async throws -> [String: String] {
        do {
            let options = try await prepare(opening)
            await pool.close()
            return options
        } catch {
            await pool.close()
            throw error
        }
    }

    func pending() async throws -> [String] {
        do {
            let names = try await pool.read { try missing(in: $0, facts(in: $0)).map(\.name) }
            await pool.close()
            return names
        } catch {
            await pool.close()
            throw error
        }
    }

    private func prepare(_ opening: PostgreSQLPool.Opening) async throws -> [String: String] {
        let (facts, names) = try await pool.read { database -> (Facts, [String]) in
            let facts = try self.facts(in: database)
            return (facts, try missing(in: database, facts).map(\.name))
        }
        let isNew = facts.relations == 0
        switch opening {
        case .withoutMigrating:
            guard names.isEmpty, !isNew else { throw MigrationError.outdated(location: location, missing: names) }
        case .migrating:
            guard !facts.isReplica, !facts.isReadOnly else {
                throw PostgreSQLError("\(location) can only be read: the server is a replica, or read-only", failure: .readOnly)
            }
            if isNew { try await claim(facts) } else { try await pool.read { try requireWriting(in: $0) } }
            // The next migration is determined inside each transaction, because another process may migrate the same schema.
            while try await pool.write({ try runNext(in: $0) }) {}
        }
        return facts.commitsBeforeDisk ? ["synchronous_commit": "on"] : [:]
    }

    private func facts(in database: any Database) throws -> Facts {
        let row = try database.first(
            """
            SELECT CAST(current_setting('server_version_num') AS BIGINT) AS version, current_setting('server_encoding') AS encoding,
                pg_is_in_recovery() AS replica, current_setting('default_transaction_read_only') AS read_only,
                current_setting('synchronous_commit') AS commits, (SELECT count(*) FROM pg_namespace WHERE nspname = ?1) AS schemas,
                (SELECT count(*) FROM pg_namespace WHERE nspname = ?1 AND has_schema_privilege(oid, 'USAGE')) AS visible,
                count(*) AS relations, count(*) FILTER (WHERE c.relname = 'application') AS marks
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ?1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            """, [.text(configuration.schema)])
        guard let row else { throw RowError.noRow }
        let facts = Facts(
            version: try row.integer("version"), encoding: try row.text("encoding"), isReplica: try row.flag("replica"),
            isReadOnly: try row.text("read_only") == "on", commitsBeforeDisk: try row.text("commits") == "off",
            hasSchema: try row.integer("schemas") > 0, maySeeSchema: try row.integer("visible") > 0,
            relations: try row.integer("relations"), hasMark: try row.integer("marks") > 0)
        guard facts.version >= Self.oldestVersion else {
            throw PostgreSQLError(
                "\(location) is PostgreSQL \(facts.version / 10_000), which is too old; 15 or newer is needed", failure: .unsuitable)
        }
        guard facts.encoding == "UTF8" else {
            throw PostgreSQLError(
                "\(location) stores text as \(facts.encoding), not as UTF8; create the database with ENCODING 'UTF8' TEMPLATE template0",
                failure: .unsuitable)
        }
        guard !facts.hasSchema || facts.maySeeSchema else {
            throw PostgreSQLError(
                "the role may not use the schema \(configuration.schema) of \(location); GRANT USAGE on it", failure: .unsuitable)
        }
        return facts
    }

    private func missing(in database: any Database, _ facts: Facts) throws -> ArraySlice<Migration> {
        guard facts.relations > 0 else { return migrations[...] }
        guard facts.hasMark else {
            throw MigrationError.otherApplication(location: location, found: "tables without a name of a program", expected: application)
        }
        let found = try? database.savepoint { try database.first("SELECT name FROM application")?.text("name") }
        guard found == application else {
            throw MigrationError.otherApplication(location: location, found: found ?? "a program without a name", expected: application)
        }
        let applied = try database.query("SELECT name FROM applied_migrations ORDER BY position").map { try $0.text("name") }
        return try MigrationError.missing(applied: applied, of: migrations, location: location)
    }

    /// Creates the schema with the functions of SQLite that the statements use, and with all migrations.
    ///
    /// That is one transaction, so that after a crash it is either complete or still new.
    private func claim(_ facts: Facts) async throws {
        do {
            try await pool.write { database in
                let facts = try self.facts(in: database)
                guard facts.relations == 0 else { return }
                if !facts.hasSchema { try database.execute("CREATE SCHEMA \"\(configuration.schema)\"") }
                try database.execute(
                    """
                    CREATE TABLE application (name TEXT NOT NULL);
                    CREATE TABLE applied_migrations (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
                    CREATE TABLE commit_marker (
                        session INTEGER PRIMARY KEY, number INTEGER NOT NULL, changed_at TIMESTAMPTZ NOT NULL DEFAULT now()
                    ) WITH (fillfactor = 20);
                    CREATE FUNCTION instr(TEXT, TEXT) RETURNS BIGINT LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
                        AS 'SELECT CAST(strpos($1, $2) AS BIGINT)';
                    """)
                try database.run("INSERT INTO application (name) VALUES (?)", [.text(application)])
                while try runNext(in: database) {}
            }
        } catch let error as PostgreSQLError where error.sqlState == "42501" {
            throw PostgreSQLError(
                "the role may not create the schema \(configuration.schema) of \(location), or tables in it; "
                    + "create it with CREATE SCHEMA \(configuration.schema) AUTHORIZATION and the role", sqlState: "42501",
                failure: .unsuitable)
        }
    }

    private func runNext(in database: any Database) throws -> Bool {
        // Commits of processes that have ended long ago.
        try database.run("DELETE FROM commit_marker WHERE changed_at < now() - INTERVAL '7 days'")
        let pending = try missing(in: database, facts(in: database))
        guard let next = pending.first else { return false }
        do {
            try next.change(database)
            try database.run(
                "INSERT INTO applied_migrations (position, name) VALUES (?, ?)",
                [.integer(Int64(pending.startIndex + 1)), .text(next.name)])
        } catch {
            throw MigrationError.failed(location: location, name: next.name, reason: error)
        }
        return true
    }

    /// Refuses a role that may only read, before the first job finds out.
    private func requireWriting(in database: any Database) throws {
        let row = try database.first(
            """
            SELECT count(*) AS number FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relkind IN ('r', 'p') AND NOT (has_table_privilege(c.oid, 'SELECT')
                AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))
            """, [.text(configuration.schema)])
        guard let number = try row?.integer("number"), number > 0 else { return }
        throw PostgreSQLError(
            "the role may only read \(number) tables of the schema \(configuration.schema) of \(location); "
                + "GRANT SELECT, INSERT, UPDATE, DELETE on all tables of the schema", failure: .unsuitable)
    }
}
