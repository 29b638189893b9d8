import Foundation
import HaloSimulator
import PostgreSQLServer

/// Pages and acceptance of a host with 500 tenants, 1,000 rules and 1,000,000 jobs, beside one that has the tenants and rules alone.
enum LargeTablesBenchmark {
    private static let (connections, rules) = (500, 1_000)
    /// Each event that the host accepts, and its job, are copied so often.
    private static let copies = 1_000
    private static let (readings, rounds) = (11, 5)

    private struct Prepared {
        let host: HostProcess
        let client: BrowserlessClient
        let token: String
        let port: UInt16
        let connection: String
        let rule: String
    }

    static func run(_ figures: Figures) async throws {
        figures.section(
            "Large tables",
            """
            \(connections) connections, \(rules) rules and \((copies + 1) * rules) jobs; one reader, \(readings) readings of each page; \
            events/s are medians of \(rounds) rounds, in turns with a host that has no jobs at first.
            """)
        // One store, 1 or 2, for a profile.
        let chosen = ProcessInfo.processInfo.environment["BENCH_CASE"]
        if chosen == "2" {
            print("SQLite is skipped.")
        } else if let sqlite = tool("sqlite3") {
            try await measure("SQLite", figures, { _ in [] }) { host in
                try feed(copying, to: sqlite, [host.folder.path + "/vectis.db"])
            }
        } else {
            print("SQLite is skipped: sqlite3 is not installed.")
        }
        guard chosen != "1" else { return }
        guard PostgreSQLServer.programs != nil, let psql = tool("psql") else {
            print("PostgreSQL is skipped: it is not installed.")
            return
        }
        let server = try PostgreSQLServer()
        let keys = FileManager.default.temporaryDirectory.appendingPathComponent("vectis-bench-\(UUID().uuidString)").path
        defer { for number in 0...1 { try? FileManager.default.removeItem(atPath: keys + "-\(number)") } }
        let urls = try (0...1).map { _ in server.url(try server.createDatabase("ENCODING 'UTF8'")) }
        try await measure("PostgreSQL", figures, { ["--database", urls[$0], "--key-file", keys + "-\($0)"] }) { _ in
            try feed(copyingOnPostgreSQL, to: psql, ["-q", "-v", "ON_ERROR_STOP=1", "-d", urls[1]])
        }
    }

    /// Measures two hosts, with options by their number; the second one is filled.
    private static func measure(
        _ title: String, _ figures: Figures, _ options: (Int) -> [String], fill: (HostProcess) throws -> Void
    ) async throws {
        let tenant = try HaloSimulatorServer.start()
        let hosts = [try await prepare(options(0), tenant), try await prepare(options(1), tenant)]
        // Nothing is sent to it: the rules run dry.
        await tenant.stop()
        defer { for each in hosts { each.host.stop() } }
        let large = hosts[1]
        // One job of each rule.
        try await PagesBenchmark.send(rules, to: large.port, large.token, "seed", rules: rules)
        try fill(large.host)
        // The PSA is stopped, so that no job is sent: the pages that ask it would measure that.
        let asking: Set = ["ticket defaults", "rule form"]
        for path in PagesBenchmark.paths(large.connection, large.rule) where !asking.contains(path.title) {
            // Fills caches.
            try await large.client.get(path.path)
            let times = try await PagesBenchmark.times(large.client, path.path, readings)
            figures.add("\(title), page \(path.title): median", times[times.count / 2] * 1_000, "ms")
        }
        var rates: [[Double]] = [[], []]
        for round in 0...rounds {
            for (number, each) in hosts.enumerated() {
                let rate = try await PagesBenchmark.rate(each.port, each.token, "round-\(round)", rules: rules)
                // The first round fills caches.
                if round > 0 { rates[number].append(rate) }
            }
        }
        figures.add("\(title), events accepted without jobs", ListingBenchmark.median(rates[0]), "events/s")
        figures.add("\(title), events accepted beside the jobs", ListingBenchmark.median(rates[1]), "events/s")
    }

    private static func prepare(_ options: [String], _ tenant: HaloSimulatorServer) async throws -> Prepared {
        let host = try HostProcess(options)
        let client = try await BrowserlessClient(host)
        let connection = try await RulesBenchmark.connection(client, "http://127.0.0.1:\(tenant.port)")
        try await client.saveConnections(connections - 1)
        var rule = "/rules"
        for number in 0..<rules {
            rule = try await RulesBenchmark.rule(client, connection, eventTypes: "pages.\(number)", ("severity", "at_least", "error"))
        }
        let port = UInt16(host.address.split(separator: ":").last.map(String.init) ?? "") ?? 0
        return Prepared(
            host: host, client: client, token: try await RulesBenchmark.token(client), port: port, connection: connection, rule: rule)
    }

    /// Copies every event and its job, over the days before, as if most tickets had been created.
    private static let copying = """
        WITH RECURSIVE copy (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM copy WHERE number < \(copies))
        INSERT INTO event (namespace, digest, told_at, source, sender_id, type, severity, company, company_id, device, text, at, received_at,
            matched_rules)
        SELECT namespace, digest, told_at, source, sender_id || '/' || number, type, severity, company, company_id, device, text,
            at - (\(copies) - number) * 7776000, received_at - (\(copies) - number) * 7776000, matched_rules
        FROM copy, event WHERE event.id <= \(rules) ORDER BY number, event.id;
        WITH RECURSIVE copy (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM copy WHERE number < \(copies))
        INSERT INTO job (connection_id, idempotency_key, reference, source, origin, operation, operation_ticket, summary, details, company,
            company_id, device, device_key, type, status, priority, fields, note, attachments, appends_since, state, reason, problem,
            precondition, remark, attempts, search_attempts, ticket_id, ticket_number, due_at, created_at, wanted_since, changed_at)
        SELECT connection_id, 'event/' || (\(rules) * number + job.id) || '/rule/' || number, reference || '-' || number, source, origin,
            operation, operation_ticket, summary, details, company, company_id, device, device_key, type, status, priority, fields, note,
            attachments, appends_since, CASE WHEN number % 10 = 0 THEN state ELSE 'created' END,
            CASE WHEN number % 10 = 0 THEN reason END, problem, precondition, remark, attempts, search_attempts,
            CASE WHEN number % 10 = 0 THEN NULL ELSE '' || number END, CASE WHEN number % 10 = 0 THEN NULL ELSE '' || number END,
            due_at - (\(copies) - number) * 7776000, created_at - (\(copies) - number) * 7776000,
            wanted_since - (\(copies) - number) * 7776000, changed_at - (\(copies) - number) * 7776000
        FROM copy, job WHERE job.id <= \(rules) ORDER BY number, job.id;
        """

    /// The same for PostgreSQL, which would count each job in a new version of the row of its count.
    private static let copyingOnPostgreSQL = """
        SET search_path = \(schema); ALTER TABLE job DISABLE TRIGGER job_count_added;
        \(copying.replacing("7776000", with: "7776000::bigint").replacing("'' || number", with: "number::text"))
        DELETE FROM job_count;
        INSERT INTO job_count (state, connection_id, source, reason, count)
            SELECT state, connection_id, COALESCE(source, ''), '', COUNT(*) FROM job GROUP BY 1, 2, 3;
        ALTER TABLE job ENABLE TRIGGER job_count_added; ANALYZE;
        """

    /// The schema of a host that is given no other one.
    private static let schema = "vectis"

    private static func tool(_ name: String) -> String? {
        ["/usr/bin/\(name)", (PostgreSQLServer.programs ?? "") + "/\(name)"].first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private struct ToolFailure: Error { let status: Int32 }

    private static func feed(_ sql: String, to tool: String, _ arguments: [String]) throws {
        let (process, input) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        input.fileHandleForWriting.write(Data(sql.utf8))
        input.fileHandleForWriting.closeFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw ToolFailure(status: process.terminationStatus) }
    }
}
