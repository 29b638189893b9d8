import Foundation
import FoundationEssentials
import HaloSimulator
import PSACore
import SQL
import SQLite
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Data folder of an earlier version") struct EarlierDataFolderTests {
    /// How the present program names the states of the folder's jobs, and how many there are of each.
    private enum Stored {
        static let counts: [TicketJob.State.Name: Int] = [
            .wouldCreate: 4, .checking: 2, .waiting: 10, .sending: 1, .created: 9, .appended: 1, .skipped: 3, .failed: 1, .unknown: 3,
            .needsReview: 12, .dropped: 1,
        ]
        /// Why jobs need review.
        static let reasons: [ReviewReason: Int] = [
            .rateLimited: 3, .tooOld: 1, .companyNotFound: 1, .companyAmbiguous: 1, .companiesUnreadable: 1, .companiesIncomplete: 1,
            .companyUndetermined: 1, .notVerified: 1, .outcomeUnknown: 2,
        ]
        /// The mode of each rule, and why it is paused.
        static let rules: [String: (mode: Rule.Mode, pause: RulePause?)] = [
            "Server down": (.active, nil), "Dry run": (.dryRun, nil), "Active companies only": (.active, nil),
            "Companies by name": (.dryRun, nil), "Low limit": (.active, .rateLimited), "Turned off": (.off, nil),
            "Through a PSA that is away": (.active, nil), refusedRule: (.active, .refused(.authInvalidClient)),
            "Through a PSA that lost a request": (.active, nil), missingTypeRule: (.active, .refused(.configMissingField)),
        ]
        static let refusedRule = "Through a refused secret"
        static let missingTypeRule = "Without a ticket type"
        /// Jobs that complete without review, unless their rule is paused.
        static let sendable: Set<TicketJob.State.Name> = [.checking, .waiting, .sending, .unknown]
    }

    private static let monitoringToken = "vectis_GGS5r_eTsjs-XyT9u5cTjuT5U-VhCPuq-2G1dbLulEo"
    private static let backupTokens = [
        "vectis_Nh4ABdXQmgRxuGcEu7z61g5opmsMeg1O3rSDuBVyog4", "vectis_79I4sD_MVg4cTD6O8oSjFrX13lfI4a7DnybAbeNCxB0",
    ]
    private static let revokedToken = "vectis_oU3-eZUe7UtigzRxc-rRyMdttsRw3KyfTFla0PiYCzs"
    private static let oldestToken = "vectis_BI_SOVPEGvNwYwRI3MRN9iUFMHjGPL9yx_fmIha39dI"
    private static let adminSession = "tqHY6FS4wA6gXzBqnEo52Qj15hbtinq0__d0a9KpYPI"

    private func withFolder(_ body: (EarlierDataFolder) async throws -> Void) async throws {
        let folder = try await EarlierDataFolder.open()
        do {
            try await body(folder)
        } catch {
            await folder.close()
            throw error
        }
        await folder.close()
    }

    @Test func everyMigrationRunsAndEachRowRemains() async throws {
        try await withFolder { folder in
            let counts = [
                "connection": 5, "connection_setting": 19, "account": 3, "session": 3, "audit_entry": 65, "api_token": 5, "event": 50,
                "rule": 10, "connection_trait": 1, "issue": 5, "outbox_limits": 1, "unmatched_company": 2, "company_mapping": 2,
            ]
            let (problems, found, applied) = try await folder.storage.queue.read { database in
                let found = try counts.keys.map { ($0, Int(try database.first("SELECT COUNT(*) AS n FROM \($0)")?.integer("n") ?? 0)) }
                let applied = try database.query("SELECT name FROM applied_migrations ORDER BY position").map { try $0.text("name") }
                return (try database.integrityErrors(), Dictionary(uniqueKeysWithValues: found), applied)
            }
            #expect(problems.isEmpty)
            #expect(found == counts)
            #expect(applied == HostSchema.migrations.map(\.name))
        }
    }

    @Test func everyJobIsInItsState() async throws {
        try await withFolder { folder in
            #expect(try await folder.storage.jobCounts(TicketJob.Filter()).byState == Stored.counts)
            let jobs = try await folder.jobs()
            #expect(jobs.count == Stored.counts.values.reduce(0, +))
            #expect(Set(jobs.map(\.reference)).count == jobs.count)
            let reasons = jobs.compactMap { if case .needsReview(let reason) = $0.state { reason } else { nil } }
            #expect(Dictionary(grouping: reasons, by: \.self).mapValues(\.count) == Stored.reasons)
            let tickets = jobs.compactMap(\.state.ticket?.number)
            #expect(tickets.count == 10 && Set(tickets) == Set((1011...1019).map(String.init)))
            let failure = try #require(jobs.first { $0.state.name == .failed })
            #expect(failure.cause?.code == .requestRejected && failure.state.problem?.contains("\"title\"") == true)
        }
    }

    @Test func everyRuleIsInItsMode() async throws {
        try await withFolder { folder in
            let rules = try await folder.storage.rules()
            #expect(Set(rules.map(\.name)) == Set(Stored.rules.keys))
            for rule in rules {
                #expect(rule.mode == Stored.rules[rule.name]?.mode, "\(rule.name)")
                #expect(rule.pauses.first == Stored.rules[rule.name]?.pause, "\(rule.name)")
            }
            let conditions = rules.first { $0.name == "Server down" }?.definition.groups.map { $0.tests.map(\.field) }
            #expect(conditions == [[.severity], [.text, .hour]])
        }
    }

    @Test func secretsAccountsSessionsAndTokensAreAccepted() async throws {
        try await withFolder { folder in
            for connection in try await folder.storage.connections() {
                #expect(Set(connection.secrets.keys) == ["clientSecret"])
                for (key, sealed) in connection.secrets {
                    let secret = try folder.vault.open(sealed, of: connection.id, key).reveal()
                    #expect(secret == HaloSimulator.Configuration.demoClientSecret)
                }
            }
            let accounts = [
                ("admin", "public test password 1"), ("second.admin", "public test password 2"),
                ("viewer@example.com", "public test password 3"),
            ]
            for (name, password) in accounts {
                let credentials: JSONValue = ["name": .string(name), "password": .string(password)]
                #expect(try await folder.send("POST", "/api/v1/session", json: credentials).status == 200, "\(name)")
            }
            #expect(
                try await folder.send("POST", "/api/v1/session", json: ["name": "admin", "password": "another password"]).status == 401)
            let page = try await folder.send("GET", "/rules", [("Cookie", "vectis=\(Self.adminSession)")])
            #expect(page.status == 200 && page.text.contains(Stored.refusedRule))
            for (token, status) in [(Self.monitoringToken, 202), (Self.oldestToken, 202), (Self.revokedToken, 401)] {
                #expect(try await send(event: "new", token, to: folder).status == status)
            }
        }
    }

    @Test func anEventThatWasAcceptedBeforeIsARepeat() async throws {
        try await withFolder { folder in
            let stored = try await folder.storage.events(before: nil, limit: 100)
            let backup = try #require(stored.first { $0.event.senderID == "9" }?.event)
            var ids: Set<Int> = []
            for token in Self.backupTokens {
                let answer = try await folder.send(
                    "POST", "/api/v1/events", [("Authorization", "Bearer " + token)],
                    json: [
                        "source": .string(backup.source), "id": .string(backup.senderID), "type": .string(backup.type),
                        "severity": .string(backup.severity.rawValue), "device": .string(backup.device), "text": .string(backup.text),
                        "at": "2026-11-27T23:15:00+01:00",
                    ])
                #expect(answer.status == 202 && answer.json["repeat"] == .bool(true))
                if let id = answer.json["id"]?.integer { ids.insert(id) }
            }
            #expect(ids.count == 1)
            #expect(try await folder.storage.events(before: nil, limit: 100).count == stored.count)
        }
    }

    private func send(event id: String, _ token: String, to folder: EarlierDataFolder) async throws -> WebAnswer {
        try await folder.send(
            "POST", "/api/v1/events", [("Authorization", "Bearer " + token)],
            json: ["source": "monitor", "id": .string(id), "type": "nothing.listens", "severity": "info", "text": "It is new."])
    }

    @Test func companiesLimitsIssuesAndLogAreKept() async throws {
        try await withFolder { folder in
            let storage = folder.storage
            #expect(try await storage.outboxLimits().limits == OutboxLimits(maxAgeHours: 72, maxWaitMinutes: 20))
            #expect(try await storage.unmatchedCompanies(of: nil).map { $0.dismissedAt == nil }.sorted { $0 && !$1 } == [true, false])
            #expect(Set(try await storage.companyMappings(of: nil).map(\.sent.id)) == ["", "rmm-77"])
            let issues = try await storage.issues(of: nil)
            #expect(issues.count == 5 && issues.filter { $0.resolvedAt == nil }.count == 4)
            let acme = try #require(try await storage.connections().first { $0.name == "Acme" })
            #expect(try await storage.engine.findsReferences(acme.id) == true)
            #expect(acme.status?.outcome == .connected && acme.revision == 3)
            let log = try await storage.audit(AuditFilter(), before: nil, limit: 500)
            #expect(log.count == 65 && Set(log.map(\.entry.action)).count == 19)
        }
    }

    @Test func openJobsAreSentOnceAndJobsInReviewAreUnchanged() async throws {
        try await withFolder { folder in
            let before = try await folder.jobs()
            // The simulators hold what the program had stored in them, in the same order and so under the same numbers.
            let created = before.filter { $0.state.name == .created }
            for job in created {
                let ticket = try await folder.store(job)
                #expect(ticket.id.rawValue == job.state.ticket?.id)
            }
            // The request that was on its way when the program was killed had arrived; so had one whose answer was lost.
            let arrived = before.filter { ["SRV-40", "MX-1"].contains($0.payload.device) }
            #expect(arrived.map(\.state.name.rawValue).sorted() == ["sending", "unknown"])
            for job in arrived { _ = try await folder.store(job) }

            try await folder.work(for: 3_600)
            try await expectSent(before, except: [Stored.refusedRule, Stored.missingTypeRule], in: folder)
            for rule in try await folder.storage.rules() { #expect(rule.pauses.first == Stored.rules[rule.name]?.pause, "\(rule.name)") }

            // A corrected job continues.
            let cookie = ("Cookie", "vectis=\(Self.adminSession)")
            let formToken = try #require(try await folder.send("GET", "/api/v1/session", [cookie]).json["formToken"]?.string)
            let connection = try #require(try await folder.storage.connections().first { $0.name == "HaloPSA without a ticket type" })
            let saved = try await folder.send(
                "PUT", "/api/v1/connections/\(connection.id)/ticket-defaults", [cookie, ("X-Form-Token", formToken)],
                json: ["revision": .integer(connection.revision), "type": "1", "status": "", "priority": ""])
            #expect(saved.status == 200)
            try await folder.work(for: 3_600)
            try await expectSent(before, except: [Stored.refusedRule], in: folder)
            #expect(try await folder.storage.rules().first { $0.name == Stored.missingTypeRule }?.pauses == [])
            #expect(await folder.refusingSimulator.simulator.storedWrites().isEmpty)
        }
    }

    /// Each open job has one ticket, unless its rule is one of these; every other job is as it was.
    private func expectSent(_ jobs: [TicketJob], except waiting: Set<String>, in folder: EarlierDataFolder) async throws {
        let rules = Set(try await folder.storage.rules().filter { waiting.contains($0.name) }.map(\.id))
        for (old, new) in zip(jobs, try await folder.jobs()) {
            let isSent = Stored.sendable.contains(old.state.name) && old.rule.map { !rules.contains($0) } ?? true
            #expect(new.state.name == (isSent ? .created : old.state.name), "\(old.payload.device)")
            let tickets = await folder.simulator.simulator.tickets(thirdPartyIDString: new.reference.rawValue)
            #expect(tickets.count == (new.state.name == .created ? 1 : 0), "\(old.payload.device)")
        }
    }
}

@Suite("Migration of events to namespaces")
struct EventMigrationTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("vectis.db") }

    /// A database of the previous schema, with two events, a job of the second, and a token.
    init() async throws {
        folder = try TemporaryFolder()
        let migrations = HostSchema.migrations.prefix { !$0.name.hasPrefix("0007") }
        #expect(migrations.count < HostSchema.migrations.count)
        let old = try await DatabaseQueue.open(
            .file(folder.file("vectis.db")), migrator: try Migrator(applicationID: HostSchema.applicationID, Array(migrations)))
        let digest = APIToken.digest(of: "vectis_old")
        try await old.write { database in
            let sql = """
                INSERT INTO event (id, source, sender_id, type, severity, company, company_id, device, text, at, received_at)
                VALUES (?, 'monitor', ?, 'backup.failed', 'error', 'Acme ', '', ?, 'The disk is full.', ?, 1795512600000)
                """
            try database.run(sql, [.integer(7), .text("timed"), .text("SRV-1"), .integer(1_795_512_000_000)])
            try database.run(sql, [.integer(9), .text("untimed"), .text("SRV-1"), .integer(1_795_512_600_000)])
            try database.run(
                "INSERT INTO api_token (id, name, digest, created_at) VALUES ('old', 'old', ?, 1795000000000)", [.blob(digest)])
            try database.execute(
                """
                INSERT INTO firing (event_id, rule_id, connection_id, marker, summary, details, company, company_id, device, type, status,
                    priority, state, attempts, looks, due_at, created_at, wanted_since, changed_at)
                VALUES (9, 'r', 'c', 'vectis-1', 's', 'd', '', '', '', '', '', '', 'waiting', 0, 0, 1, 1, 1, 1)
                """)
        }
        await old.close()
    }

    private func send(_ event: HostEvent, _ token: APIToken?, to storage: DatabaseStorage) async throws -> Acceptance {
        let known: APIToken = try #require(token)
        return try await storage.accept(event, from: known) { _, _, _ in [] }
    }

    @Test func nothingIsLostAndJobsKeepTheirEvents() async throws {
        let storage = try await DatabaseStorage.open(path)
        #expect(try await storage.events(before: nil, limit: 10).map(\.id.rawValue) == [9, 7])
        let facts = try await storage.queue.read { database in
            (
                try database.integrityErrors(), try database.query("PRAGMA foreign_key_check").count,
                try database.first("SELECT e.sender_id AS id FROM job JOIN event e ON job.idempotency_key LIKE 'event/' || e.id || '/%'")?
                    .text("id")
            )
        }
        #expect(facts.0.isEmpty && facts.1 == 0 && facts.2 == "untimed")
        let token = try await storage.token(digest: APIToken.digest(of: "vectis_old"))
        #expect(token?.isOlderThanNamespaces == true && token?.sharedNamespace == nil)
        // Sequence numbers continue after the highest ever used.
        #expect(try await send(.sample(senderID: "new"), token, to: storage).event.rawValue == 10)
        await storage.close()
        let again = try await DatabaseStorage.open(path)
        #expect(try await again.events(before: nil, limit: 10).count == 3)
        await again.close()
    }

    @Test func anOldTokenRecognizesEarlierEvents() async throws {
        let storage = try await DatabaseStorage.open(path)
        let token = try await storage.token(digest: APIToken.digest(of: "vectis_old"))
        let timed = HostEvent.sample(senderID: "timed", at: .sampleNow - 600)
        #expect(try await send(timed, token, to: storage) == Acceptance(event: HostEvent.ID(rawValue: 7), isRepeat: true, jobs: 0))
        var untimed = HostEvent.sample(senderID: "untimed", at: .sampleNow + 900, receivedAt: .sampleNow + 900)
        untimed.isTimed = false
        #expect(try await send(untimed, token, to: storage).isRepeat)
        untimed.isTimed = true
        #expect(try await send(untimed, token, to: storage).isRepeat)
        await storage.close()
    }

    @Test func earlierEventsSuppressNoOtherTokens() async throws {
        let storage = try await DatabaseStorage.open(path)
        let old = try await storage.token(digest: APIToken.digest(of: "vectis_old"))
        let new = try APIToken.make(name: "new", at: .sampleNow).token
        try await storage.add(new, audit: .sample(.tokenCreated))
        let other = HostEvent.sample(senderID: "timed", severity: .critical, text: "It burns.", at: .sampleNow - 600)
        #expect(try await !send(other, new, to: storage).isRepeat)
        #expect(try await !send(other, old, to: storage).isRepeat)
        #expect(try await send(other, old, to: storage).isRepeat)
        // A new token has sent nothing before.
        #expect(try await !send(.sample(senderID: "untimed"), new, to: storage).isRepeat)
        await storage.close()
    }
}
