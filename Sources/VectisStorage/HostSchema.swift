import PSACore
import PSAEngine
import PSAEngineSQL
package import SQL
import VectisCore
import VectisRules

/// The tables of the host.
///
/// A migration that was shipped is never changed; a new one is added at the end.
package enum HostSchema {
    /// “VECT”, to recognize the file of another program.
    package static let applicationID: Int32 = 0x5645_4354

    /// “vectis”, by which a schema of PostgreSQL is recognized.
    package static let application = "vectis"

    /// All migrations of a database.
    package static func migrations(_ dialect: SQLDialect) -> [Migration] {
        switch dialect {
        case .sqlite: migrations
        case .postgreSQL:
            // What the engine adds later comes at the end, like everything else.
            EngineSchema.migrations.prefix(5) + [
                Migration("0017-host") { try $0.execute(hostTables + hostTriggers) },
                Migration("0018-shared-state") { try $0.execute(detectorRuns) },
                notifications,
                eventsAndAttempts,
                connectionOverviews,
                ruleActivity,
                accountPreferences,
                accountSecurity,
                hourlyActivity,
                jobIndexes,
                formerTenants,
                databaseIdentity,
            ]
        }
    }

    /// The migrations of a file of SQLite, since the first version.
    package static let migrations = [
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
        },
        Migration("0002-events-rules-outbox") { database in
            try database.execute(
                """
                CREATE TABLE api_token (
                    id TEXT PRIMARY KEY, name TEXT NOT NULL, digest BLOB NOT NULL UNIQUE, created_at INTEGER NOT NULL, last_used_at INTEGER,
                    revoked_at INTEGER
                ) STRICT;
                CREATE TABLE event (
                    id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, sender_id TEXT NOT NULL, type TEXT NOT NULL,
                    severity TEXT NOT NULL, company TEXT NOT NULL, company_id TEXT NOT NULL, device TEXT NOT NULL, text TEXT NOT NULL,
                    at INTEGER NOT NULL, received_at INTEGER NOT NULL, UNIQUE (source, sender_id)
                ) STRICT;
                CREATE TABLE rule (
                    id TEXT PRIMARY KEY, name TEXT NOT NULL, revision INTEGER NOT NULL, mode TEXT NOT NULL, pause TEXT,
                    connection_id TEXT NOT NULL, definition TEXT NOT NULL, created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL
                ) STRICT;
                CREATE TABLE firing (
                    id INTEGER PRIMARY KEY AUTOINCREMENT, event_id INTEGER NOT NULL REFERENCES event (id), rule_id TEXT NOT NULL,
                    connection_id TEXT NOT NULL, marker TEXT NOT NULL UNIQUE, summary TEXT NOT NULL, details TEXT NOT NULL,
                    company TEXT NOT NULL, company_id TEXT NOT NULL, device TEXT NOT NULL, type TEXT NOT NULL, status TEXT NOT NULL,
                    priority TEXT NOT NULL, appends_since INTEGER,
                    state TEXT NOT NULL, reason TEXT, problem TEXT, holder TEXT, held_until INTEGER,
                    ticket_id TEXT, ticket_number TEXT, ticket_address TEXT,
                    attempts INTEGER NOT NULL, looks INTEGER NOT NULL, due_at INTEGER NOT NULL, created_at INTEGER NOT NULL,
                    wanted_since INTEGER NOT NULL, changed_at INTEGER NOT NULL
                ) STRICT;
                CREATE INDEX firing_open ON firing (connection_id, due_at) WHERE state IN ('waiting', 'sending', 'unknown');
                CREATE INDEX firing_rule ON firing (rule_id, created_at);
                CREATE INDEX firing_connection ON firing (connection_id, created_at);
                CREATE INDEX firing_subject ON firing (rule_id, company, device, id);
                CREATE TABLE connection_trait (
                    connection_id TEXT PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE, finds_references INTEGER NOT NULL
                ) STRICT;
                CREATE TABLE issue (
                    connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE, code TEXT NOT NULL,
                    first_seen_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL, count INTEGER NOT NULL, resolved_at INTEGER,
                    PRIMARY KEY (connection_id, code)
                ) STRICT, WITHOUT ROWID;
                """)
        },
        Migration("0003-outbox-limits") { database in
            try database.execute(
                """
                CREATE TABLE outbox_limits (
                    place INTEGER PRIMARY KEY CHECK (place = 1), oldest_hours INTEGER NOT NULL, longest_wait_minutes INTEGER NOT NULL,
                    revision INTEGER NOT NULL
                ) STRICT;
                """)
        },
        Migration("0004-company-checks") { database in
            try database.execute(
                """
                ALTER TABLE firing ADD COLUMN company_check TEXT;
                DROP INDEX firing_open;
                CREATE INDEX firing_open ON firing (connection_id, due_at) WHERE state IN ('checking', 'waiting', 'sending', 'unknown');
                """)
        },
        Migration("0005-held-firings") { database in
            try database.execute("CREATE INDEX firing_held ON firing (rule_id, created_at) WHERE state = 'held'")
        },
        Migration("0006-firing-causes-and-companies") { database in
            try database.execute(
                """
                ALTER TABLE firing ADD COLUMN cause TEXT;
                ALTER TABLE firing ADD COLUMN refused_at INTEGER;
                ALTER TABLE rule ADD COLUMN probe_at INTEGER;
                UPDATE rule SET probe_at = 0 WHERE pause IS NOT NULL AND pause <> 'storm';
                ALTER TABLE firing ADD COLUMN remark TEXT NOT NULL DEFAULT '';
                ALTER TABLE firing ADD COLUMN ticket_company TEXT;
                ALTER TABLE firing ADD COLUMN resolved_company TEXT;
                ALTER TABLE firing ADD COLUMN unresolved_reason TEXT;
                ALTER TABLE firing ADD COLUMN device_key TEXT NOT NULL DEFAULT '';
                UPDATE firing SET device_key = LOWER(TRIM(device));
                DROP INDEX firing_subject;
                CREATE INDEX firing_subject ON firing (rule_id, connection_id, device_key, id);
                """)
        },
        Migration("0007-event-namespaces") { database in
            // SQLite can't change a UNIQUE constraint: the table is rebuilt. Jobs refer to it by its name, which is restored.
            try database.execute(
                """
                CREATE TABLE event_anew (
                    id INTEGER PRIMARY KEY AUTOINCREMENT, namespace TEXT NOT NULL, digest BLOB, told_at INTEGER, source TEXT NOT NULL,
                    sender_id TEXT NOT NULL, type TEXT NOT NULL, severity TEXT NOT NULL, company TEXT NOT NULL, company_id TEXT NOT NULL,
                    device TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL, received_at INTEGER NOT NULL,
                    UNIQUE (source, sender_id, namespace)
                ) STRICT;
                INSERT INTO event_anew (
                    id, namespace, source, sender_id, type, severity, company, company_id, device, text, at, received_at)
                    SELECT id, '', source, sender_id, type, severity, company, company_id, device, text, at, received_at
                    FROM event ORDER BY id;
                DROP TABLE event;
                ALTER TABLE event_anew RENAME TO event;
                ALTER TABLE api_token ADD COLUMN namespace TEXT;
                ALTER TABLE api_token ADD COLUMN is_older INTEGER NOT NULL DEFAULT 0;
                UPDATE api_token SET is_older = 1;
                CREATE TABLE storage_probe (place INTEGER PRIMARY KEY CHECK (place = 1), at INTEGER NOT NULL, filler BLOB) STRICT;
                """)
        },
        Migration("0008-company-mappings") { database in
            try database.execute(
                """
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
                """)
        },
        Migration("0009-jobs") { database in
            // The table of the engine takes the place of the host’s: a job has a source and an origin where it had a rule and an event.
            try database.execute(EngineSchema.jobTables)
            try database.execute(
                """
                INSERT INTO job (
                    id, connection_id, idempotency_key, reference, source, origin, operation, summary, details, company, company_id, device,
                    device_key, type, status, priority, appends_since, state, reason, problem, cause, remark, precondition, lease_holder,
                    leased_until, ticket_id, ticket_number, ticket_address, ticket_company, resolved_company, unresolved_reason, attempts,
                    search_attempts, refused_at, due_at, created_at, wanted_since, changed_at)
                SELECT firing.id, connection_id, 'event/' || event_id || '/rule/' || rule_id || '/job/' || firing.id, marker, rule_id,
                    namespace || '/' || source, 'create_ticket', summary, details, firing.company, firing.company_id, firing.device,
                    device_key, firing.type, status, priority, appends_since,
                    CASE WHEN state IN ('held', 'undecided') THEN 'needs_review' ELSE state END,
                    CASE WHEN state = 'undecided' THEN 'outcome_unknown' WHEN state = 'held' AND reason = 'storm' THEN 'rate_limited'
                        ELSE reason END,
                    problem, cause, remark, company_check, holder, held_until, ticket_id, ticket_number, ticket_address, ticket_company,
                    resolved_company, unresolved_reason, attempts, looks, refused_at, due_at, created_at, wanted_since, changed_at
                FROM firing JOIN event ON event.id = event_id ORDER BY firing.id;
                INSERT INTO job_source (id, is_enabled, refused_code, probe_at)
                    SELECT id, mode = 'active', CASE WHEN pause <> 'storm' THEN pause END, probe_at FROM rule;
                UPDATE rule SET pause = CASE WHEN pause = 'storm' THEN 'rate_limited' END;
                ALTER TABLE rule DROP COLUMN probe_at;
                DROP TABLE firing;
                DROP TRIGGER audit_entry_is_final;
                UPDATE audit_entry SET action = 'job.decided' WHERE action = 'firing.decided';
                CREATE TRIGGER audit_entry_is_final BEFORE UPDATE ON audit_entry
                    BEGIN SELECT RAISE(ABORT, 'an audit entry is never changed'); END;
                """)
        },
        Migration("0010-ticket-fields-and-files") { database in try database.execute(EngineSchema.ticketFieldTables) },
        Migration("0011-ticket-demands-and-event-files") { database in
            try database.execute(
                """
                ALTER TABLE rule ADD COLUMN field_pause TEXT;
                ALTER TABLE rule ADD COLUMN accepted_form TEXT;
                CREATE TABLE ticket_demands (
                    connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE, type TEXT NOT NULL, type_name TEXT NOT NULL,
                    fingerprint TEXT NOT NULL, obstacles TEXT NOT NULL, checked_at INTEGER NOT NULL, PRIMARY KEY (connection_id, type)
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE event_file (
                    event_id INTEGER NOT NULL REFERENCES event (id) ON DELETE CASCADE, place INTEGER NOT NULL, name TEXT NOT NULL,
                    media_type TEXT NOT NULL, byte_count INTEGER NOT NULL, PRIMARY KEY (event_id, place)
                ) STRICT, WITHOUT ROWID;
                """)
        },
        Migration("0012-change-hooks") { database in
            try database.execute(
                """
                CREATE TABLE change_hook (
                    connection_id TEXT PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE, token_digest BLOB NOT NULL,
                    authentication TEXT NOT NULL, user TEXT NOT NULL, secret BLOB, created_at INTEGER NOT NULL, created_by TEXT NOT NULL,
                    last_message_at INTEGER
                ) STRICT, WITHOUT ROWID;
                """)
        },
        Migration("0013-detectors") { database in
            try database.execute(
                """
                CREATE TABLE detector_settings (
                    connection_id TEXT PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE, settings TEXT NOT NULL,
                    revision INTEGER NOT NULL
                ) STRICT;
                """)
        },
        Migration("0014-rule-stamp") { database in
            // Whatever a decision reads of rules changes the stamp in the same transaction, whichever process or statement changes it. The
            // stamp is random: a counter would come again after a rollback, for other rules.
            let change = "BEGIN UPDATE rule_stamp SET stamp = randomblob(16); END"
            try database.execute(
                """
                CREATE TABLE rule_stamp (place INTEGER PRIMARY KEY CHECK (place = 1), stamp BLOB NOT NULL) STRICT;
                INSERT INTO rule_stamp (place, stamp) VALUES (1, randomblob(16));
                CREATE TRIGGER rule_added AFTER INSERT ON rule \(change);
                CREATE TRIGGER rule_changed AFTER UPDATE ON rule \(change);
                CREATE TRIGGER rule_removed AFTER DELETE ON rule \(change);
                CREATE TRIGGER rule_source_added AFTER INSERT ON job_source \(change);
                CREATE TRIGGER rule_source_changed AFTER UPDATE OF id, refused_code ON job_source
                    WHEN OLD.refused_code IS NOT NEW.refused_code OR OLD.id <> NEW.id \(change);
                CREATE TRIGGER rule_source_removed AFTER DELETE ON job_source \(change);
                """)
        },
        Migration("0015-job-counts-and-indexes") { database in
            try database.execute(EngineSchema.jobCountsAndIndexes(.sqlite))
            // A page of the log in its order, by action or by user.
            try database.execute(
                """
                CREATE INDEX audit_entry_by_action ON audit_entry (action);
                CREATE INDEX audit_entry_by_actor ON audit_entry (actor);
                CREATE INDEX audit_entry_by_address ON audit_entry (address, action, at) WHERE address IS NOT NULL;
                """)
        },
        Migration("0016-sign-in-limits") { database in
            try database.execute(
                """
                CREATE TABLE sign_in_failure (
                    place INTEGER PRIMARY KEY, at INTEGER NOT NULL, network TEXT NOT NULL, account TEXT, device BLOB
                ) STRICT;
                CREATE INDEX sign_in_failure_by_network ON sign_in_failure (network, at);
                CREATE INDEX sign_in_failure_by_account ON sign_in_failure (account, at) WHERE account IS NOT NULL;
                CREATE INDEX sign_in_failure_by_device ON sign_in_failure (device, at) WHERE device IS NOT NULL;
                CREATE TABLE known_device (
                    digest BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
                    last_used_at INTEGER NOT NULL
                ) STRICT;
                CREATE INDEX known_device_by_account ON known_device (account);
                """)
        },
        Migration("0017-retention") { database in
            try database.execute(EngineSchema.finishedJobs)
            // An audit entry may be removed once a file that holds it is recorded; what is recorded stays and continues without a gap.
            try database.execute(
                """
                CREATE TABLE retention (
                    place INTEGER PRIMARY KEY CHECK (place = 1), event_days INTEGER NOT NULL, job_days INTEGER NOT NULL,
                    deleted_record_days INTEGER NOT NULL, token_days INTEGER NOT NULL, audit_days INTEGER NOT NULL, revision INTEGER NOT NULL
                ) STRICT;
                CREATE TABLE retention_clock (
                    place INTEGER PRIMARY KEY CHECK (place = 1), seen_at INTEGER NOT NULL, waits_until INTEGER NOT NULL
                ) STRICT;
                CREATE TABLE audit_archive (
                    number INTEGER PRIMARY KEY CHECK (number >= 1), file TEXT NOT NULL UNIQUE, first_place INTEGER NOT NULL,
                    last_place INTEGER NOT NULL CHECK (last_place >= first_place), first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
                    previous_hash BLOB NOT NULL, last_hash BLOB NOT NULL, digest BLOB NOT NULL, byte_count INTEGER NOT NULL,
                    archived_at INTEGER NOT NULL
                ) STRICT;
                CREATE TRIGGER audit_archive_stays BEFORE DELETE ON audit_archive
                    BEGIN SELECT RAISE(ABORT, 'the record of an archive is never removed'); END;
                CREATE TRIGGER audit_archive_is_final BEFORE UPDATE ON audit_archive
                    BEGIN SELECT RAISE(ABORT, 'the record of an archive is never changed'); END;
                CREATE TRIGGER audit_archive_continues BEFORE INSERT ON audit_archive
                    WHEN EXISTS (SELECT 1 FROM audit_archive AS other WHERE other.number >= NEW.number)
                        OR EXISTS (SELECT 1 FROM audit_archive AS other WHERE other.number = NEW.number - 1
                            AND (other.last_place + 1 <> NEW.first_place OR other.last_hash <> NEW.previous_hash))
                        OR NEW.number > 1 AND NOT EXISTS (SELECT 1 FROM audit_archive AS other WHERE other.number = NEW.number - 1)
                    BEGIN SELECT RAISE(ABORT, 'an archive continues the one before'); END;
                DROP TRIGGER audit_entry_stays;
                CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry
                    WHEN OLD.place > COALESCE((SELECT last_place FROM audit_archive ORDER BY number DESC LIMIT 1), 0)
                    BEGIN SELECT RAISE(ABORT, 'an audit entry is never removed before it is archived'); END;
                """)
        },
        Migration("0018-shared-state") { database in
            try database.execute(EngineSchema.sharedTenants + EngineSchema.reviewIndex)
            try database.execute(detectorRuns)
        },
        notifications,
        eventsAndAttempts,
        connectionOverviews,
        ruleActivity,
        accountPreferences,
        accountSecurity,
        hourlyActivity,
        jobIndexes,
        formerTenants,
        databaseIdentity,
    ]

    /// Attempts of jobs, and what rules made of events, in both databases.
    ///
    /// Of events from before only the jobs that are still kept are counted.
    private static let eventsAndAttempts = Migration("0020-events-and-attempts") { database in
        try database.execute(EngineSchema.jobAttempts)
        try database.execute(
            """
            ALTER TABLE event ADD COLUMN matched_rules INTEGER NOT NULL DEFAULT 0;
            UPDATE event SET matched_rules = (SELECT COUNT(*) FROM job
                WHERE idempotency_key >= 'event/' || event.id || '/' AND idempotency_key < 'event/' || event.id || '0');
            CREATE INDEX event_by_matches ON event (matched_rules, id);
            CREATE INDEX event_by_arrival ON event (received_at);
            """)
    }

    /// Scopes and ends of API keys, what sessions are called, second factors, and the dismissed checklist, in both databases.
    private static let accountSecurity = Migration("0024-account-security") { database in
        try database.execute(
            """
            ALTER TABLE api_token ADD COLUMN scopes TEXT NOT NULL DEFAULT 'events:send';
            ALTER TABLE api_token ADD COLUMN expires_at INTEGER;
            ALTER TABLE session ADD COLUMN device TEXT NOT NULL DEFAULT '';
            ALTER TABLE session ADD COLUMN address TEXT NOT NULL DEFAULT '';
            ALTER TABLE session ADD COLUMN awaits_code INTEGER NOT NULL DEFAULT 0;
            CREATE INDEX session_by_account ON session (account, last_seen_at);
            CREATE INDEX event_by_namespace ON event (namespace, id);
            CREATE TABLE second_factor (
                account TEXT PRIMARY KEY REFERENCES account (name) ON DELETE CASCADE, id TEXT NOT NULL, secret BLOB NOT NULL,
                created_at INTEGER NOT NULL, confirmed_at INTEGER, last_step INTEGER NOT NULL
            ) STRICT;
            CREATE TABLE recovery_code (
                account TEXT NOT NULL REFERENCES second_factor (account) ON DELETE CASCADE, digest BLOB NOT NULL,
                PRIMARY KEY (account, digest)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE onboarding_dismissal (place INTEGER PRIMARY KEY CHECK (place = 1), dismissed_at INTEGER NOT NULL) STRICT;
            """)
    }

    /// The latest run of the detectors of each connection, which all processes show.
    private static let detectorRuns = """
        CREATE TABLE detector_run (
            connection_id TEXT PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE, began_at INTEGER NOT NULL,
            copy_state TEXT NOT NULL, runs TEXT NOT NULL
        ) STRICT;
        """

    /// The guidance of issues, reports of tests, and how much of the rate limits was used, in both databases.
    private static let connectionOverviews = Migration("0021-connection-overviews") { database in
        try database.execute(EngineSchema.issueGuidance + EngineSchema.writtenJobs)
        try database.execute(
            """
            CREATE TABLE connection_test (
                id INTEGER PRIMARY KEY AUTOINCREMENT, connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
                at INTEGER NOT NULL, outcome TEXT NOT NULL, started_by TEXT NOT NULL, report TEXT NOT NULL
            ) STRICT;
            CREATE INDEX connection_test_by_connection ON connection_test (connection_id, id);
            CREATE TABLE tenant_usage (
                tenant TEXT NOT NULL, begins_at INTEGER NOT NULL, requests INTEGER NOT NULL, refusals INTEGER NOT NULL,
                PRIMARY KEY (tenant, begins_at)
            ) STRICT;
            CREATE INDEX tenant_usage_by_time ON tenant_usage (begins_at);
            """)
    }

    /// Contact points, conditions and messages, in both databases.
    private static let notifications = Migration("0019-notifications") { try $0.execute(notificationTables) }

    /// How often each rule has fired in each hour, and the order of the list of rules, in both databases.
    private static let ruleActivity = Migration("0022-rule-activity") { database in
        try database.execute(
            """
            CREATE TABLE rule_activity (
                rule_id TEXT NOT NULL, hour INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (rule_id, hour)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX rule_by_name ON rule (name, id);
            """)
    }

    /// What accounts chose for their pages, in both databases.
    private static let accountPreferences = Migration("0023-account-preferences") { database in
        try database.execute("ALTER TABLE account ADD COLUMN language TEXT; ALTER TABLE account ADD COLUMN time_zone TEXT;")
    }

    /// What was written and what failed in each hour, in both databases.
    private static let hourlyActivity = Migration("0025-hourly-activity") { database in try database.execute(EngineSchema.activity) }

    /// Indexes of jobs that cost less for each row, or have the order of their pages, in both databases.
    private static let jobIndexes = Migration("0026-job-indexes") { database in
        try database.execute(EngineSchema.jobIndexes(database.dialect))
    }

    /// The jobs that were made before a connection led to its present tenant.
    private static let formerTenants = Migration("0027-former-tenants") { database in
        try database.execute(EngineSchema.formerTenants)
    }

    /// By which the key of the secrets is recognized, the copy that was made from a database or to it, and conditions that ended because what
    /// they were about is gone, in both databases.
    private static let databaseIdentity = Migration("0028-database-identity") { database in
        try database.execute(
            """
            CREATE TABLE key_check (place INTEGER PRIMARY KEY CHECK (place = 1), digest BLOB NOT NULL) STRICT;
            CREATE TABLE database_copy (
                place INTEGER PRIMARY KEY CHECK (place = 1), source TEXT NOT NULL, is_source INTEGER NOT NULL, is_complete INTEGER NOT NULL
            ) STRICT;
            ALTER TABLE observed_condition ADD COLUMN is_withdrawn INTEGER NOT NULL DEFAULT 0;
            """)
    }

    private static let notificationTables = """
        CREATE TABLE contact_point (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, is_enabled INTEGER NOT NULL,
            interval_minutes INTEGER NOT NULL, settings TEXT NOT NULL, password BLOB, address BLOB, signing_key BLOB,
            revision INTEGER NOT NULL, created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, subscribed_at INTEGER NOT NULL,
            next_at INTEGER NOT NULL, failures INTEGER NOT NULL, failing_since INTEGER, failure_code TEXT,
            failure_detail TEXT NOT NULL, last_sent_at INTEGER
        ) STRICT;
        CREATE TABLE observed_condition (
            id INTEGER PRIMARY KEY AUTOINCREMENT, condition_key TEXT NOT NULL, kind TEXT NOT NULL, connection_id TEXT,
            name TEXT NOT NULL, subject TEXT NOT NULL, code TEXT, item_count INTEGER NOT NULL, opened_at INTEGER NOT NULL,
            ended_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX observed_condition_open ON observed_condition (condition_key) WHERE ended_at IS NULL;
        CREATE INDEX observed_condition_key ON observed_condition (condition_key, opened_at);
        CREATE INDEX observed_condition_ended ON observed_condition (ended_at, id);
        CREATE TABLE notification (
            id INTEGER PRIMARY KEY AUTOINCREMENT, contact_point_id TEXT NOT NULL REFERENCES contact_point (id) ON DELETE CASCADE,
            message_key TEXT NOT NULL UNIQUE, state TEXT NOT NULL, content TEXT NOT NULL, attempts INTEGER NOT NULL,
            created_at INTEGER NOT NULL, due_at INTEGER NOT NULL, finished_at INTEGER, lease_holder TEXT, leased_until INTEGER,
            code TEXT, detail TEXT NOT NULL
        ) STRICT;
        CREATE INDEX notification_by_contact_point ON notification (contact_point_id, id);
        CREATE INDEX notification_due ON notification (due_at) WHERE state = 'queued';
        CREATE INDEX notification_leased ON notification (leased_until) WHERE state = 'sending';
        CREATE UNIQUE INDEX notification_open ON notification (contact_point_id) WHERE state IN ('queued', 'sending');
        CREATE INDEX notification_finished ON notification (finished_at) WHERE finished_at IS NOT NULL;
        CREATE TABLE condition_report (
            contact_point_id TEXT NOT NULL REFERENCES contact_point (id) ON DELETE CASCADE,
            condition_id INTEGER NOT NULL REFERENCES observed_condition (id) ON DELETE CASCADE, state TEXT NOT NULL,
            reported_at INTEGER, is_uncertain INTEGER NOT NULL, message_id INTEGER NOT NULL, previous_state TEXT NOT NULL,
            previous_at INTEGER, PRIMARY KEY (contact_point_id, condition_id)
        ) STRICT;
        CREATE INDEX condition_report_by_condition ON condition_report (condition_id);
        CREATE INDEX condition_report_by_message ON condition_report (message_id);
        CREATE TABLE notification_scope (scope TEXT PRIMARY KEY, evaluated_at INTEGER NOT NULL) STRICT;
        """

    /// The host’s own tables as a new database of PostgreSQL has them; those of older versions of a file have come to the same.
    ///
    /// What is added from now on is one migration for both.
    private static let hostTables = """
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
        CREATE INDEX audit_entry_by_action ON audit_entry (action);
        CREATE INDEX audit_entry_by_actor ON audit_entry (actor);
        CREATE INDEX audit_entry_by_address ON audit_entry (address, action, at) WHERE address IS NOT NULL;
        CREATE TABLE api_token (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, digest BLOB NOT NULL UNIQUE, created_at INTEGER NOT NULL, last_used_at INTEGER,
            revoked_at INTEGER,
            namespace TEXT, is_older INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE event (
            id INTEGER PRIMARY KEY AUTOINCREMENT, namespace TEXT NOT NULL, digest BLOB, told_at INTEGER, source TEXT NOT NULL,
            sender_id TEXT NOT NULL, type TEXT NOT NULL, severity TEXT NOT NULL, company TEXT NOT NULL, company_id TEXT NOT NULL,
            device TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL, received_at INTEGER NOT NULL,
            UNIQUE (source, sender_id, namespace)
        ) STRICT;
        CREATE TABLE rule (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, revision INTEGER NOT NULL, mode TEXT NOT NULL, pause TEXT,
            connection_id TEXT NOT NULL, definition TEXT NOT NULL, created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
            field_pause TEXT, accepted_form TEXT
        ) STRICT;
        CREATE TABLE outbox_limits (
            place INTEGER PRIMARY KEY CHECK (place = 1), oldest_hours INTEGER NOT NULL, longest_wait_minutes INTEGER NOT NULL,
            revision INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE storage_probe (place INTEGER PRIMARY KEY CHECK (place = 1), at INTEGER NOT NULL, filler BLOB) STRICT;
        CREATE TABLE ticket_demands (
            connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE, type TEXT NOT NULL, type_name TEXT NOT NULL,
            fingerprint TEXT NOT NULL, obstacles TEXT NOT NULL, checked_at INTEGER NOT NULL, PRIMARY KEY (connection_id, type)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE event_file (
            event_id INTEGER NOT NULL REFERENCES event (id) ON DELETE CASCADE, place INTEGER NOT NULL, name TEXT NOT NULL,
            media_type TEXT NOT NULL, byte_count INTEGER NOT NULL, PRIMARY KEY (event_id, place)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE change_hook (
            connection_id TEXT PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE, token_digest BLOB NOT NULL,
            authentication TEXT NOT NULL, "user" TEXT NOT NULL, secret BLOB, created_at INTEGER NOT NULL, created_by TEXT NOT NULL,
            last_message_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE detector_settings (
            connection_id TEXT PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE, settings TEXT NOT NULL,
            revision INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE rule_stamp (place INTEGER PRIMARY KEY CHECK (place = 1), stamp BLOB NOT NULL) STRICT;
        CREATE TABLE sign_in_failure (
            place INTEGER PRIMARY KEY, at INTEGER NOT NULL, network TEXT NOT NULL, account TEXT, device BLOB
        ) STRICT;
        CREATE INDEX sign_in_failure_by_network ON sign_in_failure (network, at);
        CREATE INDEX sign_in_failure_by_account ON sign_in_failure (account, at) WHERE account IS NOT NULL;
        CREATE INDEX sign_in_failure_by_device ON sign_in_failure (device, at) WHERE device IS NOT NULL;
        CREATE TABLE known_device (
            digest BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
            last_used_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX known_device_by_account ON known_device (account);
        CREATE TABLE retention (
            place INTEGER PRIMARY KEY CHECK (place = 1), event_days INTEGER NOT NULL, job_days INTEGER NOT NULL,
            deleted_record_days INTEGER NOT NULL, token_days INTEGER NOT NULL, audit_days INTEGER NOT NULL, revision INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE retention_clock (
            place INTEGER PRIMARY KEY CHECK (place = 1), seen_at INTEGER NOT NULL, waits_until INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE audit_archive (
            number INTEGER PRIMARY KEY CHECK (number >= 1), file TEXT NOT NULL UNIQUE, first_place INTEGER NOT NULL,
            last_place INTEGER NOT NULL CHECK (last_place >= first_place), first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
            previous_hash BLOB NOT NULL, last_hash BLOB NOT NULL, digest BLOB NOT NULL, byte_count INTEGER NOT NULL,
            archived_at INTEGER NOT NULL
        ) STRICT;
        INSERT INTO rule_stamp (place, stamp) VALUES (1, '');

        """

    /// What keeps the audit log complete, and marks changes of rules.
    ///
    /// As in SQLite, an audit entry may be removed once a file that holds it is recorded.
    private static let hostTriggers = """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS '
            BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0]; END';
        CREATE FUNCTION keep_audit_entry() RETURNS trigger LANGUAGE plpgsql AS '
            BEGIN
                IF OLD.place > COALESCE((SELECT last_place FROM audit_archive ORDER BY number DESC LIMIT 1), 0) THEN
                    RAISE EXCEPTION ''an audit entry is never removed before it is archived'';
                END IF;
                RETURN OLD;
            END';
        CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION keep_audit_entry();
        CREATE TRIGGER audit_entry_is_final BEFORE UPDATE ON audit_entry FOR EACH ROW
            EXECUTE FUNCTION refuse_change('an audit entry is never changed');
        CREATE TRIGGER audit_entry_is_not_emptied BEFORE TRUNCATE ON audit_entry
            EXECUTE FUNCTION refuse_change('an audit entry is never removed');
        CREATE TRIGGER audit_archive_stays BEFORE DELETE ON audit_archive FOR EACH ROW
            EXECUTE FUNCTION refuse_change('the record of an archive is never removed');
        CREATE TRIGGER audit_archive_is_final BEFORE UPDATE ON audit_archive FOR EACH ROW
            EXECUTE FUNCTION refuse_change('the record of an archive is never changed');
        CREATE TRIGGER audit_archive_is_not_emptied BEFORE TRUNCATE ON audit_archive
            EXECUTE FUNCTION refuse_change('the record of an archive is never removed');
        CREATE FUNCTION continue_audit_archive() RETURNS trigger LANGUAGE plpgsql AS '
            BEGIN
                IF EXISTS (SELECT 1 FROM audit_archive AS other WHERE other.number >= NEW.number)
                    OR EXISTS (SELECT 1 FROM audit_archive AS other WHERE other.number = NEW.number - 1
                        AND (other.last_place + 1 <> NEW.first_place OR other.last_hash <> NEW.previous_hash))
                    OR NEW.number > 1 AND NOT EXISTS (SELECT 1 FROM audit_archive AS other WHERE other.number = NEW.number - 1) THEN
                    RAISE EXCEPTION ''an archive continues the one before'';
                END IF;
                RETURN NEW;
            END';
        CREATE TRIGGER audit_archive_continues BEFORE INSERT ON audit_archive FOR EACH ROW EXECUTE FUNCTION continue_audit_archive();
        CREATE FUNCTION stamp_rules() RETURNS trigger LANGUAGE plpgsql AS '
            BEGIN
                UPDATE rule_stamp SET stamp = uuid_send(gen_random_uuid());
                RETURN NULL;
            END';
        UPDATE rule_stamp SET stamp = uuid_send(gen_random_uuid());
        CREATE TRIGGER rule_changed AFTER INSERT OR UPDATE OR DELETE ON rule FOR EACH ROW EXECUTE FUNCTION stamp_rules();
        CREATE TRIGGER rule_source_added AFTER INSERT OR DELETE ON job_source FOR EACH ROW EXECUTE FUNCTION stamp_rules();
        CREATE TRIGGER rule_source_changed AFTER UPDATE OF id, refused_code ON job_source FOR EACH ROW
            WHEN (OLD.refused_code IS DISTINCT FROM NEW.refused_code OR OLD.id <> NEW.id) EXECUTE FUNCTION stamp_rules();
        """
}
