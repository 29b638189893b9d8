import FoundationEssentials
import PSACore
import PSATesting
import SQL
import SQLite
import Synchronization
import Testing

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Retention") struct RetentionTests {
    @Test func whatHasEndedIsRemovedAfterItsDaysAndWhatIsOpenOrNeedsReviewStays() async throws {
        let fixture = try await RetentionFixture()
        for state in TicketJob.State.Name.allCases { try await fixture.job(state, key: state.rawValue) }
        let states = { try await Set(fixture.jobCounts().counted.keys) }
        try await fixture.pass(days: 89)
        #expect(await fixture.service().runRound().removed[.jobs] == 0)
        #expect(try await states().count == TicketJob.State.Name.allCases.count)
        try await fixture.pass(days: 2)
        let round = await fixture.service().runRound()
        #expect(round.removed[.jobs] == 8 && !round.hasFailed)
        #expect(try await states() == ["checking", "waiting", "sending", "unknown", "needs_review"])
        let counts = try await fixture.jobCounts()
        #expect(counts.kept == counts.counted)
        try await fixture.pass(days: 5_000)
        await fixture.service().runRound()
        #expect(try await states().count == 5)
        #expect(fixture.log.text.contains("\"event\":\"retention_removed\",\"kind\":\"jobs\",\"rows\":8"))
        #expect(fixture.metrics.text.contains("vectis_retention_removed_total{kind=\"jobs\"} 8"))
    }

    @Test func anEventStaysAsLongAsAJobOfItAndThenGoesWithItsFiles() async throws {
        let fixture = try await RetentionFixture()
        try await fixture.accept("without a job")
        try await fixture.addRule()
        try await fixture.accept("sent")
        try await fixture.accept("open")
        try await fixture.storage.queue.write { database in
            try database.execute(
                "INSERT INTO event_file (event_id, place, name, media_type, byte_count) SELECT id, 0, 'log.txt', 'text/plain', 1 FROM event"
            )
        }
        let jobs = try await fixture.storage.jobs(TicketJob.Filter(), before: nil, limit: 10)
        #expect(jobs.count == 2)
        let sent = try #require(jobs.last)
        try await fixture.pass(days: 30)
        try await fixture.set(.created, of: sent.id)
        let ids = { try await fixture.storage.events(before: nil, limit: 10).map(\.event.senderID) }
        try await fixture.pass(days: 61)
        let service = fixture.service()
        await service.runRound()
        #expect(try await ids() == ["open", "sent"])
        try await fixture.pass(days: 30)
        await service.runRound()
        #expect(try await ids() == ["open"])
        #expect(try await fixture.count("event_file") == 1)
        // The job that was open ends: from then on it has its days.
        let open = try #require(jobs.first)
        try await fixture.set(.failed, of: open.id)
        try await fixture.pass(days: 89)
        await service.runRound()
        #expect(try await ids() == ["open"])
        try await fixture.pass(days: 2)
        await service.runRound()
        #expect(try await ids().isEmpty)
        #expect(try await fixture.count("event_file") == 0)
        #expect(try await fixture.count("job") == 0)
    }

    @Test func anIDIsARepeatUntilItsEventIsRemovedAndANewEventAfterwards() async throws {
        let fixture = try await RetentionFixture()
        try await fixture.addRule()
        let first = try await fixture.accept("1")
        let job = try #require(try await fixture.storage.jobs(TicketJob.Filter(), before: nil, limit: 1).first)
        try await fixture.set(.created, of: job.id)
        try await fixture.pass(days: 89)
        await fixture.service().runRound()
        #expect(try await fixture.accept("1") == Acceptance(event: first.event, isRepeat: true, jobs: 0))
        try await fixture.pass(days: 2)
        await fixture.service().runRound()
        let again = try await fixture.accept("1")
        #expect(!again.isRepeat && again.jobs == 1 && again.event != first.event)
    }

    @Test func aRemovalThatIsKilledBetweenTwoStepsGoesOnWithTheNextProcess() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("vectis.db")
        let fixture = try await RetentionFixture(try await DatabaseStorage.open(path))
        for number in 0..<360 {
            try await fixture.job(number % 3 == 0 ? .needsReview : .created, key: "\(number)")
            try await fixture.accept("\(number)")
        }
        try await fixture.pass(days: 91)
        // Each process takes one more step than the one before, and ends without any further call.
        var expiry = JobExpiry(finishedBefore: RetentionSettings.limit(90, at: fixture.time.now))
        expiry.longer = nil
        for steps in 1...3 {
            let process = try await DatabaseStorage.open(path)
            var place: JobRemoval.Place?
            for _ in 0..<steps {
                place = try await process.engine.removeFinishedJobs(expiry, after: place, limit: 20).next
                _ = try await process.removeEvents(
                    before: expiry.finishedBefore, now: fixture.time.now, after: nil, limit: 20)
            }
            await process.close()
            #expect(try await fixture.count("job") == 360 - 20 * steps * (steps + 1) / 2)
            #expect(try await fixture.count("event") == 360 - 20 * steps * (steps + 1) / 2)
            let counts = try await fixture.jobCounts()
            #expect(counts.kept == counts.counted)
        }
        let round = await fixture.service().runRound()
        #expect(round.removed[.jobs] == 120 && round.removed[.events] == 240)
        #expect(try await fixture.count("job") == 120)
        #expect(try await fixture.count("event") == 0)
        #expect(try await fixture.storage.queue.write { try $0.integrityErrors() }.isEmpty)
    }

    @Test func aRoundThatIsCancelledStopsBetweenTwoSteps() async throws {
        let fixture = try await RetentionFixture()
        for number in 0..<300 { try await fixture.job(.dropped, key: "\(number)") }
        try await fixture.pass(days: 91)
        let service = fixture.service()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await service.runRound()
        }
        let round = await task.value
        #expect(round.removed.isEmpty && !round.hasFailed)
        #expect(try await fixture.count("job") == 300)
    }

    @Test func aStepReadsAndRemovesNoMoreThanItsLimit() async throws {
        let fixture = try await RetentionFixture()
        for number in 0..<1_200 { try await fixture.job(.skipped, key: "\(number)") }
        try await fixture.pass(days: 91)
        let expiry = JobExpiry(finishedBefore: fixture.time.now)
        let step = try await fixture.storage.engine.removeFinishedJobs(expiry, after: nil, limit: RetentionService.Pace.maxRows)
        #expect(step.removed == RetentionService.Pace.maxRows && step.next != nil)
        var pace = RetentionService.Pace()
        for _ in 0..<20 { pace.note(.milliseconds(1)) }
        #expect(pace.rows == RetentionService.Pace.maxRows && pace.pause == .milliseconds(10))
        for _ in 0..<20 { pace.note(.milliseconds(50)) }
        #expect(pace.rows == 20 && pace.pause == .milliseconds(100))
        #expect(await fixture.service().runRound().removed[.jobs] == 700)
    }

    @Test func jobsOfDetectorsStayTwoYears() async throws {
        let fixture = try await RetentionFixture()
        try await fixture.job(.created, key: "detector", origin: "detector/one/tenant/detectors")
        try await fixture.job(.created, key: "monitor", origin: "token/1/monitor")
        try await fixture.pass(days: 400)
        #expect(await fixture.service().runRound().removed[.jobs] == 1)
        #expect(try await fixture.storage.jobs(TicketJob.Filter(), before: nil, limit: 5).map(\.key.rawValue) == ["detector"])
        try await fixture.pass(days: 331)
        #expect(await fixture.service().runRound().removed[.jobs] == 1)
    }

    @Test func eventsOfDetectorsStayTwoYearsSoThatAFindingIsRaisedOnce() async throws {
        let fixture = try await RetentionFixture()
        let events = EventService(storage: fixture.storage, time: fixture.time.source, wake: {}) { _ in }
        let namespace = EventNamespace.detectors(of: fixture.connection.id, tenant: fixture.connection.tenant)
        func raise() async throws {
            _ = try await events.accept(.sample(senderID: "finding", receivedAt: fixture.time.now), in: namespace)
        }
        try await raise()
        try await fixture.accept("monitor")
        try await fixture.pass(days: 400)
        #expect(await fixture.service().runRound().removed[.events] == 1)
        try await raise()
        #expect(try await fixture.count("event") == 1)
        try await fixture.pass(days: 331)
        #expect(await fixture.service().runRound().removed[.events] == 1)
    }

    @Test func aJobWithAListedUploadStays() async throws {
        let fixture = try await RetentionFixture()
        let id = try await fixture.job(.failed, key: "1")
        try await fixture.storage.queue.write { database in
            _ = try database.run(
                """
                INSERT INTO upload (connection_id, job_id, place, name, media_type, byte_count, state, begun_at, discard_attempts)
                VALUES ('one', ?, 0, 'log.txt', 'text/plain', 1, 'orphaned', 0, 0)
                """, [.integer(id.rawValue)])
        }
        try await fixture.pass(days: 91)
        #expect(await fixture.service().runRound().removed[.jobs] == 0)
        try await fixture.storage.queue.write { try $0.execute("DELETE FROM upload") }
        #expect(await fixture.service().runRound().removed[.jobs] == 1)
    }

    @Test func revokedTokensAndEndedSessionsAreRemoved() async throws {
        let fixture = try await RetentionFixture()
        let (storage, time) = (fixture.storage, fixture.time)
        var tokens: [String: APIToken] = [:]
        for name in ["good", "revoked", "shared"] {
            let namespace = name == "shared" ? EventNamespace.Name("all") : nil
            let token = try APIToken.make(name: name, namespace: namespace, at: time.now).token
            try await storage.add(token, audit: .sample(.tokenCreated))
            tokens[name] = token
        }
        try await fixture.accept("1", from: tokens["shared"])
        let job = try await fixture.job(.needsReview, key: "event/1/rule/x")
        for name in ["revoked", "shared"] {
            try await storage.revokeToken(try #require(tokens[name]).id, at: time.now, audit: .sample(.tokenRevoked))
        }
        try await storage.add(Account.sample(), audit: .sample(.accountCreated))
        let session = SignInSession(
            tokenDigest: [UInt8](repeating: 1, count: 32), account: AccountName(literal: "ada"), createdAt: time.now, lastSeenAt: time.now)
        try await storage.add(session, forgettingThoseSeenBefore: .distantPast, audit: .sample(.signedIn))
        #expect(await fixture.service().runRound().removed[.sessions] == 0)
        try await fixture.pass(days: 0.5)
        #expect(await fixture.service().runRound().removed[.sessions] == 1)
        try await fixture.pass(days: 91)
        #expect(await fixture.service().runRound().removed[.tokens] == 1)
        // An event of the token is there, and another token of the namespace may repeat it.
        #expect(try await storage.tokens().map(\.name) == ["good", "shared"])
        try await fixture.set(.dropped, of: job)
        try await fixture.pass(days: 91)
        let service = fixture.service()
        await service.runRound()
        await service.runRound()
        #expect(try await storage.tokens().map(\.name) == ["good"])
    }

    @Test func aClockThatJumpsAheadRemovesNothingForADay() async throws {
        let fixture = try await RetentionFixture()
        try await fixture.job(.created, key: "1")
        try await fixture.accept("1")
        let service = fixture.service()
        await service.runRound()
        // A clock that is a year ahead for some hours.
        fixture.time.adjustWallClock(by: 400 * 86_400)
        for _ in 0..<20 {
            #expect(await service.runRound().waitsUntil != nil)
            fixture.time.advance(by: 3_600)
        }
        // An event from the future stops no removal later.
        try await fixture.accept("future")
        fixture.time.adjustWallClock(by: -400 * 86_400)
        for _ in 0..<30 {
            await service.runRound()
            fixture.time.advance(by: 3_600)
        }
        #expect(await service.runRound().waitsUntil == nil)
        #expect(try await fixture.count("job") == 1)
        #expect(try await fixture.count("event") == 2)
        for _ in 0..<90 {
            fixture.time.advance(by: 86_400)
            await service.runRound()
        }
        #expect(try await fixture.count("job") == 0)
        #expect(try await fixture.storage.events(before: nil, limit: 5).map(\.event.senderID) == ["future"])
        let warnings = fixture.log.text.split(separator: "\n").filter { $0.contains("retention_waits") && $0.contains("warning") }
        #expect(warnings.count == 1, "A jump is reported once, not with each round of the wait.")
    }

    @Test func beforeTheFirstRemovalOfAllThereIsADay() async throws {
        let fixture = try await RetentionFixture()
        try await fixture.storage.queue.write { try $0.execute("DELETE FROM retention_clock") }
        try await fixture.job(.created, key: "1")
        fixture.time.advance(by: 200 * 86_400)
        let service = fixture.service()
        #expect(await service.runRound().waitsUntil == fixture.time.now + 86_400)
        // That a new database waits is no warning.
        #expect(fixture.log.text.contains("retention_waits") && !fixture.log.text.contains("warning"))
        fixture.time.advance(by: 86_399)
        #expect(await service.runRound().removed.isEmpty)
        fixture.time.advance(by: 1)
        #expect(await service.runRound().removed[.jobs] == 1)
    }

    @Test func recordsThatThePSAHasDeletedAreRemovedFromTheCopy() async throws {
        let fixture = try await RetentionFixture()
        try await fixture.copies.seedDeleted(in: fixture.connection, at: fixture.time.now)
        try await fixture.pass(days: 29)
        #expect(await fixture.service().runRound().removed[.deletedRecords] == 0)
        try await fixture.pass(days: 2)
        #expect(await fixture.service().runRound().removed[.deletedRecords] == 1)
        let left = await fixture.copies.changes(of: .tickets, in: fixture.connection.id, after: .beginning, limit: 10)
        #expect(left.map(\.state) == [.present, .unreachable])
    }

    @Test(.ofSQLite) func aKindThatFailsIsLoggedAndTheOthersGoOn() async throws {
        let fixture = try await RetentionFixture()
        try await fixture.job(.created, key: "1")
        try await fixture.accept("1")
        try await fixture.storage.queue.write {
            try $0.execute("CREATE TRIGGER broken BEFORE DELETE ON job BEGIN SELECT RAISE(ABORT, 'broken'); END")
        }
        try await fixture.pass(days: 91)
        let round = await fixture.service().runRound()
        #expect(round.hasFailed && round.removed[.events] == 1)
        #expect(fixture.log.text.contains("\"event\":\"retention_failed\",\"kind\":\"jobs\""))
        try await fixture.storage.queue.write { try $0.execute("DROP TRIGGER broken") }
        #expect(await fixture.service().runRound().removed[.jobs] == 1)
    }
}

extension InMemorySyncStore {
    /// Stores three tickets: one is there, one is deleted, and one can't be reached.
    fileprivate func seedDeleted(in connection: StoredConnection, at time: Date) async throws {
        let holder = ProcessID()
        register(connection.id, connector: connection.connector, tenant: connection.tenant)
        prepare([.tickets], of: connection.id, dueAt: time)
        _ = lease(connection.id, by: holder, now: time, until: time + 60)
        let rows = try [SyncRecord.State.present, .deleted, .unreachable].enumerated().map { number, state in
            let id = SyncRecord.ID(number + 1)
            return try #require(
                SyncRow(
                    id: id, state: state, facts: SyncFacts(name: "Ticket"), content: ["id": .string(id.rawValue)], details: [],
                    native: NativeRecord(bytes: Array("{}".utf8), fetchedAt: time)))
        }
        _ = apply(SyncPage(.tickets, rows: rows), of: connection.id, by: holder, at: time)
    }
}

@Suite("Retention settings") struct RetentionSettingsTests {
    @Test(arguments: StorageKind.all) func theyAreTheDefaultsUntilTheyAreChangedAndNoOlderRevisionOverwritesThem(_ kind: StorageKind)
        async throws
    {
        let storage = try await kind.open().storage
        #expect(try await storage.retention() == StoredRetentionSettings(settings: .default, revision: 0))
        let first = RetentionSettings(eventDays: 10, jobDays: 40, deletedRecordDays: 7, tokenDays: 8, auditDays: 30)
        let saved = try await storage.setRetention(first, revision: 0, audit: .sample(.retentionChanged))
        #expect(saved == StoredRetentionSettings(settings: first, revision: 1))
        #expect(try await storage.retention() == saved)
        await #expect(throws: StoreError.stale) {
            try await storage.setRetention(.default, revision: 0, audit: .sample(.retentionChanged))
        }
        #expect(try await storage.retention() == saved)
        #expect(try await storage.audit(AuditFilter(action: .retentionChanged), before: nil, limit: 10).count == 1)
        await storage.close()
    }

    @Test func noneIsUnlimitedAndTheOutboxNeverTriesForLonger() {
        #expect(RetentionSettings.default.issues.isEmpty)
        for field in RetentionSettings.fields {
            #expect(field.range.lowerBound >= 7 && field.range.upperBound == 3_650)
            var settings = RetentionSettings.default
            for (value, isGood) in [
                (0, false), (-1, false), (field.range.lowerBound - 1, false), (field.range.lowerBound, true),
                (field.range.upperBound, true), (field.range.upperBound + 1, false),
            ] {
                settings[keyPath: field.path] = value
                #expect(settings.issues.isEmpty == isGood, "\(field.name) \(value)")
            }
        }
        let jobs = RetentionSettings.fields.first { $0.name == "jobDays" }
        #expect((jobs?.range.lowerBound ?? 0) * 24 > OutboxLimits.maxAgeHoursRange.upperBound)
    }

    @Test func thePageAndTheAPIShowAndChangeTheSame() async throws {
        try await WebFixture.with { fixture in
            let (browser, viewer) = (try await fixture.signIn(), try await fixture.signIn("viewer"))
            let usual: JSONValue = [
                "revision": 0, "eventDays": 90, "jobDays": 90, "deletedRecordDays": 30, "tokenDays": 90, "auditDays": 365,
            ]
            #expect(try await viewer.call("GET", "/retention").json == usual)
            let values = [("eventDays", " 30 "), ("jobDays", "60"), ("deletedRecordDays", "14"), ("tokenDays", "30"), ("auditDays", "400")]
            #expect(try await browser.post("/retention", [("revision", "0")] + values).status == 303)
            let shown = try await viewer.get("/retention").text
            #expect(shown.contains("<dd>400</dd>") && !shown.contains("<form method=\"post\" action=\"/retention\""))
            let change: JSONValue = [
                "revision": 1, "eventDays": 31, "jobDays": 60, "deletedRecordDays": 14, "tokenDays": 30, "auditDays": 400,
            ]
            #expect(try await browser.call("PUT", "/retention", change).json["revision"] == 2)
            #expect(try await browser.call("PUT", "/retention", change).status == 409)
            let late = try await browser.post("/retention", [("revision", "1")] + values)
            #expect(late.status == 409 && late.text.contains("name=\"revision\" value=\"1\""), "Saving again is a conflict, too.")
            #expect(try await browser.get("/retention").text.contains("value=\"31\""))
            #expect(try await viewer.call("PUT", "/retention", change).status == 403)
            #expect(try await viewer.post("/retention", [("revision", "2")] + values).status == 403)
            let entries = try await fixture.audit().filter { $0.action == .retentionChanged }
            #expect(
                entries.first?.detail == "eventDays: 31, jobDays: 60, deletedRecordDays: 14, tokenDays: 30, auditDays: 400."
                    && entries.count == 2)
        }
    }

    @Test func invalidDaysAreRejectedWithTheRangeAndInputIsKept() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let values = [
                ("eventDays", "for ever"), ("jobDays", "30"), ("deletedRecordDays", "0"), ("tokenDays", "7"), ("auditDays", "9999"),
            ]
            let answer = try await browser.post("/retention", [("revision", "0")] + values)
            #expect(answer.status == 422 && answer.text.contains("value=\"for ever\"") && answer.text.contains("value=\"9999\""))
            #expect(answer.text.contains("Enter a whole number from 31 to 3650.") || answer.text.contains("from 31 to 3,650."))
            let wrong: JSONValue = ["revision": 0, "eventDays": 0, "jobDays": "90", "deletedRecordDays": 30, "tokenDays": 90]
            let refused = try await browser.call("PUT", "/retention", wrong)
            #expect(refused.status == 422)
            #expect(
                refused.json["problems"]?.elements.map { "\($0["member"]?.string ?? "") \($0["code"]?.string ?? "")" }.sorted()
                    == ["auditDays missing", "eventDays out_of_range", "jobDays wrong_type"])
            #expect(try await fixture.services.storage.retention().revision == 0)
        }
    }
}
