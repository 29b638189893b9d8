package import FoundationEssentials
package import SQL

/// The tables of an engine.
///
/// A migration that was shipped is never changed; a new one is added at the end.
package enum EngineSchema {
    /// “PSAE”, by which the file of another program is recognized.
    package static let applicationID: Int32 = 0x5053_4145

    /// The name by which a schema of PostgreSQL is recognized.
    package static let application = "psa-engine"

    /// The migrations of a database that only an engine uses.
    package static let migrations: [Migration] = [
        Migration("engine-0001") { database in
            try database.execute(connectionTables)
            try database.execute(jobTables)
        },
        Migration("engine-0002-ticket-fields-and-files") { database in try database.execute(ticketFieldTables) },
        Migration("engine-0003-job-counts-and-indexes") { database in try database.execute(jobCountsAndIndexes(database.dialect)) },
        Migration("engine-0004-finished-jobs") { database in try database.execute(finishedJobs) },
        Migration("engine-0005-rate-limits") { database in try database.execute(sharedTenants + reviewIndex) },
        Migration("engine-0006-job-attempts") { database in try database.execute(jobAttempts) },
        Migration("engine-0007-issue-guidance") { database in try database.execute(issueGuidance + writtenJobs) },
        Migration("engine-0008-activity") { database in try database.execute(activity) },
        Migration("engine-0009-job-indexes") { database in try database.execute(jobIndexes(database.dialect)) },
        Migration("engine-0010-former-tenants") { database in try database.execute(formerTenants) },
    ]

    private static let connectionTables = """
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
        CREATE TABLE connection_trait (
            connection_id TEXT PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE, finds_references INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE issue (
            connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE, code TEXT NOT NULL,
            first_seen_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL, count INTEGER NOT NULL, resolved_at INTEGER,
            PRIMARY KEY (connection_id, code)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE unmatched_company (
            id INTEGER PRIMARY KEY AUTOINCREMENT, connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
            key TEXT NOT NULL, sent_id TEXT NOT NULL, name TEXT NOT NULL, reason TEXT NOT NULL, first_seen_at INTEGER NOT NULL,
            last_seen_at INTEGER NOT NULL, count INTEGER NOT NULL, dismissed_at INTEGER, UNIQUE (connection_id, key)
        ) STRICT;
        CREATE INDEX unmatched_company_seen ON unmatched_company (connection_id, last_seen_at);
        CREATE TABLE company_mapping (
            id INTEGER PRIMARY KEY AUTOINCREMENT, connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
            key TEXT NOT NULL, tenant TEXT NOT NULL, sent_id TEXT NOT NULL, name TEXT NOT NULL, company_id TEXT NOT NULL,
            company_name TEXT NOT NULL, mapped_by TEXT NOT NULL, mapped_at INTEGER NOT NULL, UNIQUE (connection_id, key)
        ) STRICT;
        """

    /// The tables of jobs and their sources.
    package static let jobTables = """
        CREATE TABLE job (
            id INTEGER PRIMARY KEY AUTOINCREMENT, connection_id TEXT NOT NULL, idempotency_key TEXT NOT NULL, reference TEXT NOT NULL UNIQUE,
            source TEXT, origin TEXT NOT NULL, operation TEXT NOT NULL, operation_ticket TEXT, summary TEXT NOT NULL, details TEXT NOT NULL,
            company TEXT NOT NULL, company_id TEXT NOT NULL, device TEXT NOT NULL, device_key TEXT NOT NULL, type TEXT NOT NULL,
            status TEXT NOT NULL, priority TEXT NOT NULL, appends_since INTEGER,
            state TEXT NOT NULL, reason TEXT, problem TEXT, cause TEXT, remark TEXT NOT NULL, precondition TEXT,
            lease_holder TEXT, leased_until INTEGER,
            ticket_id TEXT, ticket_number TEXT, ticket_address TEXT, ticket_company TEXT, resolved_company TEXT, unresolved_reason TEXT,
            attempts INTEGER NOT NULL, search_attempts INTEGER NOT NULL, refused_at INTEGER,
            due_at INTEGER NOT NULL, created_at INTEGER NOT NULL, wanted_since INTEGER NOT NULL, changed_at INTEGER NOT NULL,
            UNIQUE (connection_id, idempotency_key)
        ) STRICT;
        CREATE INDEX job_open ON job (connection_id, due_at) WHERE state IN ('checking', 'waiting', 'sending', 'unknown');
        CREATE INDEX job_source_created ON job (source, created_at);
        CREATE INDEX job_connection_created ON job (connection_id, created_at);
        CREATE INDEX job_subject ON job (source, connection_id, device_key, id);
        CREATE INDEX job_review ON job (source, created_at) WHERE state = 'needs_review';
        CREATE TABLE job_source (
            id TEXT PRIMARY KEY, is_enabled INTEGER NOT NULL, refused_code TEXT, probe_at INTEGER
        ) STRICT;
        """

    /// The fields and files of jobs, the defaults of connections, and the journal of uploads.
    ///
    /// The content of files is in a table of its own, so that no list reads it.
    package static let ticketFieldTables = """
        ALTER TABLE connection ADD COLUMN default_type TEXT;
        ALTER TABLE connection ADD COLUMN default_fields TEXT;
        ALTER TABLE connection ADD COLUMN form_fingerprint TEXT;
        ALTER TABLE job ADD COLUMN fields TEXT;
        ALTER TABLE job ADD COLUMN note TEXT NOT NULL DEFAULT '';
        ALTER TABLE job ADD COLUMN attachments TEXT;
        CREATE TABLE job_file (
            job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE, place INTEGER NOT NULL, name TEXT NOT NULL,
            media_type TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (job_id, place)
        ) STRICT;
        CREATE TABLE upload (
            id INTEGER PRIMARY KEY AUTOINCREMENT, connection_id TEXT NOT NULL, job_id INTEGER NOT NULL, place INTEGER NOT NULL,
            name TEXT NOT NULL, media_type TEXT NOT NULL, byte_count INTEGER NOT NULL, state TEXT NOT NULL, vendor_id TEXT,
            begun_at INTEGER NOT NULL, discard_at INTEGER, discard_attempts INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX upload_job ON upload (job_id);
        CREATE INDEX upload_discard ON upload (connection_id, discard_at) WHERE discard_at IS NOT NULL;
        """

    /// The numbers of jobs, kept by triggers, and indexes so that no statement reads the whole history.
    ///
    /// Conditions of partial indexes are repeated word for word in the statements that use them.
    package static func jobCountsAndIndexes(_ dialect: SQLDialect) -> String {
        jobCountTables + (dialect == .sqlite ? jobCountTriggers : jobCountFunction)
    }

    private static let jobCountTables = """
        DROP INDEX job_open;
        CREATE INDEX job_open ON job (connection_id, due_at, attempts, id, changed_at) WHERE \(FirstConditions.isOpen);
        CREATE INDEX job_in_progress ON job (connection_id, state) WHERE \(FirstConditions.isInProgress);
        DROP INDEX job_source_created;
        DROP INDEX job_connection_created;
        CREATE INDEX job_sent_by_source ON job (source, created_at) WHERE \(FirstConditions.isSent);
        CREATE INDEX job_sent_by_connection ON job (connection_id, created_at) WHERE \(FirstConditions.isSent);
        CREATE INDEX job_written_by_source ON job (source, changed_at) WHERE \(FirstConditions.isWritten);
        CREATE INDEX job_by_source ON job (source);
        CREATE INDEX job_by_source_state ON job (source, state);
        CREATE INDEX job_by_state ON job (state);
        CREATE INDEX job_review_reason ON job (reason) WHERE state = 'needs_review';
        CREATE TABLE job_count (
            state TEXT NOT NULL, connection_id TEXT NOT NULL, source TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (state, connection_id, source, reason)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX job_count_source ON job_count (source);
        INSERT INTO job_count (state, connection_id, source, reason, count)
            SELECT state, connection_id, COALESCE(source, ''), CASE state WHEN 'needs_review' THEN COALESCE(reason, '') ELSE '' END, COUNT(*)
            FROM job GROUP BY 1, 2, 3, 4;

        """

    private static let jobCountTriggers = """
        CREATE TRIGGER job_count_added AFTER INSERT ON job BEGIN \(count("NEW", 1)) END;
        CREATE TRIGGER job_count_removed AFTER DELETE ON job BEGIN \(count("OLD", -1)) END;
        CREATE TRIGGER job_count_changed AFTER UPDATE OF state, connection_id, source, reason ON job
            WHEN OLD.state <> NEW.state OR OLD.connection_id <> NEW.connection_id OR OLD.source IS NOT NEW.source
                OR OLD.reason IS NOT NEW.reason
            BEGIN \(count("OLD", -1)) \(count("NEW", 1)) END;
        """

    /// PostgreSQL runs a function for both kinds of rows.
    private static let jobCountFunction = """
        CREATE FUNCTION note_job_count() RETURNS trigger LANGUAGE plpgsql AS '
            BEGIN
                IF TG_OP <> ''INSERT'' THEN \(quoted("OLD", -1)) END IF;
                IF TG_OP <> ''DELETE'' THEN \(quoted("NEW", 1)) END IF;
                RETURN NULL;
            END';
        CREATE TRIGGER job_count_added AFTER INSERT OR DELETE ON job FOR EACH ROW EXECUTE FUNCTION note_job_count();
        CREATE TRIGGER job_count_changed AFTER UPDATE OF state, connection_id, source, reason ON job FOR EACH ROW
            WHEN (OLD.state <> NEW.state OR OLD.connection_id <> NEW.connection_id OR OLD.source IS DISTINCT FROM NEW.source
                OR OLD.reason IS DISTINCT FROM NEW.reason)
            EXECUTE FUNCTION note_job_count();
        """

    /// As ``count(_:_:)``, within a string of SQL.
    private static func quoted(_ row: String, _ change: Int) -> String {
        count(row, change).replacing("count = count + ", with: "count = job_count.count + ").replacing("'", with: "''")
    }

    /// The order in which finished jobs are removed, so that a step reads only what it removes.
    package static let finishedJobs = "CREATE INDEX job_finished ON job (changed_at) WHERE \(FirstConditions.isFinished);"

    /// What processes that share the database know together about tenants: one row for each tenant, and one for each lease.
    package static let sharedTenants = """
        CREATE TABLE tenant_rate (tenant TEXT PRIMARY KEY, requests TEXT NOT NULL, changed_at INTEGER NOT NULL) STRICT;
        CREATE TABLE process_lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, held_until INTEGER NOT NULL) STRICT;

        """

    /// The jobs of a source that need review for one reason: PostgreSQL took an index of the reason alone, and read every review for each
    /// source.
    package static let reviewIndex = """
        DROP INDEX job_review;
        CREATE INDEX job_review_by_source ON job (source, reason, created_at) WHERE state = 'needs_review';
        """

    /// The latest attempts of each job, and the jobs by key, for those of one event, and by time, for the first and last of some days.
    package static let jobAttempts = """
        CREATE TABLE job_attempt (
            job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE, number INTEGER NOT NULL, at INTEGER NOT NULL,
            kind TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, code TEXT, problem TEXT NOT NULL, remark TEXT NOT NULL,
            correlation_id TEXT, PRIMARY KEY (job_id, number)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX job_by_key ON job (idempotency_key);
        CREATE INDEX job_by_creation ON job (created_at);

        """
    /// The guidance of the last occurrence of an issue.
    package static let issueGuidance = "ALTER TABLE issue ADD COLUMN problem TEXT;\n"

    /// The latest tickets of a connection, so that a page reads only what it shows.
    package static let writtenJobs = "CREATE INDEX job_written_by_connection ON job (connection_id, id) WHERE \(FirstConditions.isWritten);"

    /// What jobs wrote, and which attempts failed, by time, so that the hours of a day are counted without their rows.
    package static let activity = """
        CREATE INDEX job_written_by_time ON job (changed_at) WHERE \(FirstConditions.isWritten);
        CREATE INDEX job_attempt_failed ON job_attempt (at) WHERE code IS NOT NULL;
        """

    /// In files of SQLite the conditions of indexes as ``JobTables`` has them, because the first ones cost much of the time of adding a job;
    /// on PostgreSQL the order of ids within the indexes of sources and states, which those of SQLite have by themselves.
    ///
    /// PostgreSQL evaluates the first conditions fast, and knows that a statement with the others implies them.
    package static func jobIndexes(_ dialect: SQLDialect) -> String { dialect == .sqlite ? comparingIndexes : orderedIndexes }

    /// The latest job that was made before a connection led to its present tenant; 0 for none.
    package static let formerTenants = "ALTER TABLE connection ADD COLUMN last_former_job INTEGER NOT NULL DEFAULT 0;"

    private static let orderedIndexes = """
        DROP INDEX job_by_source;
        CREATE INDEX job_by_source ON job (source, id);
        DROP INDEX job_by_source_state;
        CREATE INDEX job_by_source_state ON job (source, state, id);
        DROP INDEX job_by_state;
        CREATE INDEX job_by_state ON job (state, id);
        """

    private static let comparingIndexes = """
        DROP INDEX job_open;
        CREATE INDEX job_open ON job (connection_id, due_at, attempts, id, changed_at) WHERE \(JobTables.isOpen);
        DROP INDEX job_in_progress;
        CREATE INDEX job_in_progress ON job (connection_id, state) WHERE \(JobTables.isInProgress);
        DROP INDEX job_sent_by_source;
        CREATE INDEX job_sent_by_source ON job (source, created_at) WHERE \(JobTables.isSent);
        DROP INDEX job_sent_by_connection;
        CREATE INDEX job_sent_by_connection ON job (connection_id, created_at) WHERE \(JobTables.isSent);
        DROP INDEX job_written_by_source;
        CREATE INDEX job_written_by_source ON job (source, changed_at) WHERE \(JobTables.isWritten);
        DROP INDEX job_written_by_connection;
        CREATE INDEX job_written_by_connection ON job (connection_id, id) WHERE \(JobTables.isWritten);
        DROP INDEX job_written_by_time;
        CREATE INDEX job_written_by_time ON job (changed_at) WHERE \(JobTables.isWritten);
        DROP INDEX job_finished;
        CREATE INDEX job_finished ON job (changed_at) WHERE \(JobTables.isFinished);
        """

    /// The conditions of the first indexes; part of migrations that were shipped.
    private enum FirstConditions {
        static let isOpen = "state IN ('checking', 'waiting', 'sending', 'unknown')"
        static let isInProgress = "state IN ('checking', 'sending', 'unknown')"
        static let isSent = """
            state NOT IN ('would_create', 'checking', 'dropped', 'skipped') AND NOT (state = 'needs_review' AND reason <> 'outcome_unknown')
            """
        static let isWritten = "state IN ('created', 'appended', 'replied', 'status_changed')"
        static let isFinished = """
            state IN ('would_create', 'created', 'appended', 'replied', 'status_changed', 'skipped', 'failed', 'dropped')
            """
    }

    /// Counts a row of a trigger, by its reason only if that is one of the few for which a job needs review.
    private static func count(_ row: String, _ change: Int) -> String {
        """
        INSERT INTO job_count (state, connection_id, source, reason, count) VALUES (\(row).state, \(row).connection_id,
            COALESCE(\(row).source, ''), CASE \(row).state WHEN 'needs_review' THEN COALESCE(\(row).reason, '') ELSE '' END, \(change))
            ON CONFLICT (state, connection_id, source, reason) DO UPDATE SET count = count + \(change);
        """
    }
}

extension Date {
    /// The times that are stored, in milliseconds since 1970: the years 1 to 9999, whose sums with durations are numbers.
    private static let storedRange: ClosedRange<Int64> = -62_135_769_600_000...253_402_300_799_999

    /// The time as it is stored: whole milliseconds since 1970.
    package var storedMilliseconds: SQLValue {
        let milliseconds = (timeIntervalSince1970 * 1_000).rounded()
        let range = Self.storedRange
        return .integer(Int64(min(max(milliseconds, Double(range.lowerBound)), Double(range.upperBound))))
    }

    /// Reads a stored time; the limit takes the place of one outside the years 1 to 9999.
    package init(storedMilliseconds: Int64) {
        let milliseconds = min(max(storedMilliseconds, Self.storedRange.lowerBound), Self.storedRange.upperBound)
        self.init(timeIntervalSince1970: Double(milliseconds) / 1_000)
    }
}

/// A row holds what this version never writes.
package enum StoredRowError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A row of a table.
    case unreadable(table: String)

    /// What is wrong and what to do, for an administrator.
    package var description: String {
        switch self {
        case .unreadable(let table):
            "A row of the table “\(table)” holds what this version never writes. Start the version that wrote it, or restore a backup."
        }
    }
}
