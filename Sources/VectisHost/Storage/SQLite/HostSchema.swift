import SQLite

/// The tables of the host.
///
/// A migration that was shipped is never changed; a new one is added at the end.
enum HostSchema {
    /// “VECT”, so that the file of another program is told apart.
    static let applicationID: Int32 = 0x5645_4354

    static let migrations = [
        Migration("0001-connections-accounts-audit") { database in
            try database.execute(
                """
                CREATE TABLE connection (
                    id TEXT PRIMARY KEY, connector TEXT NOT NULL, name TEXT NOT NULL, tenant TEXT NOT NULL, revision INTEGER NOT NULL,
                    created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
                    status_outcome TEXT, status_headline TEXT, status_code TEXT, status_correlation_id TEXT, status_checked_at INTEGER,
                    UNIQUE (connector, tenant)
                ) STRICT;
                CREATE TABLE connection_setting (
                    connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE, key TEXT NOT NULL, value TEXT, sealed BLOB,
                    PRIMARY KEY (connection_id, key), CHECK ((value IS NULL) <> (sealed IS NULL))
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE account (
                    name TEXT PRIMARY KEY, role TEXT NOT NULL, password_hash TEXT NOT NULL, created_at INTEGER NOT NULL
                ) STRICT;
                CREATE TABLE session (
                    token_digest BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
                    created_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL
                ) STRICT;
                CREATE TABLE audit_entry (
                    place INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
                    target TEXT NOT NULL, outcome TEXT NOT NULL, detail TEXT NOT NULL, code TEXT, correlation_id TEXT NOT NULL, address TEXT
                ) STRICT;
                CREATE INDEX audit_entry_at ON audit_entry (at);
                CREATE INDEX audit_entry_action ON audit_entry (action, at);
                CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry
                    BEGIN SELECT RAISE(ABORT, 'an audit entry is never removed'); END;
                CREATE TRIGGER audit_entry_is_final BEFORE UPDATE ON audit_entry
                    BEGIN SELECT RAISE(ABORT, 'an audit entry is never changed'); END;
                """)
        }
    ]
}
