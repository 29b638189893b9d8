import FoundationEssentials
import Mail
import PSACore
import PSATesting
import SQL
import Sodium
import Testing

@testable import PSAEngine
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage

@Suite("Notifications") struct NotificationServiceTests {
    @Test func aBrokenConnectionIsReportedOnceAndItsRecoveryToo() async throws {
        let fixture = try await NotificationFixture()
        try await fixture.addPoint()
        let service = try fixture.service()
        await service.runOnce()
        #expect(fixture.sender.arrivals.isEmpty)
        try await fixture.breakConnection()
        for _ in 0..<5 {
            await service.runOnce()
            fixture.pass(minutes: 60)
        }
        try await fixture.recover()
        for _ in 0..<3 {
            await service.runOnce()
            fixture.pass(minutes: 60)
        }
        #expect(fixture.changes == [[.opened], [.ended]])
        let first = try #require(fixture.sender.arrivals.first?.content)
        let item = try #require(first.items.first)
        #expect(item.title.hasPrefix("Acme: ") && !item.reason.isEmpty && !item.step.isEmpty && item.path == "/integrations")
        #expect(fixture.sender.arrivals.last?.content.summary.hasPrefix("Recovered: ") == true)
    }

    @Test func whatOpensAndEndsBetweenTwoLooksIsReportedOnceWithItsDuration() async throws {
        let fixture = try await NotificationFixture()
        try await fixture.addPoint()
        let service = try fixture.service()
        await service.runOnce()
        fixture.pass(minutes: 1)
        try await fixture.breakConnection()
        fixture.pass(minutes: 3)
        try await fixture.recover()
        fixture.pass(minutes: 1)
        for _ in 0..<3 { await service.runOnce() }
        #expect(fixture.changes == [[.passed]])
        #expect(fixture.sender.arrivals.first?.content.items.first?.reason == "It lasted 3 min.")
    }

    @Test func oneMessagePerIntervalGroupsWhatOpensAndEnds() async throws {
        let fixture = try await NotificationFixture()
        let other = NotificationFixture.connection("Beta")
        try await fixture.storage.add(other, audit: fixture.origin.audit(.connectionCreated, "Beta"))
        try await fixture.addPoint { $0.subscription.groupingMinutes = 30 }
        let service = try fixture.service()
        try await fixture.breakConnection()
        await service.runOnce()
        fixture.pass(minutes: 5)
        try await fixture.breakConnection(.authInvalidClient, of: other.id)
        try await fixture.breakConnection(.rateLimited, of: other.id)
        fixture.pass(minutes: 5)
        try await fixture.recover()
        await service.runOnce()
        #expect(fixture.changes == [[.opened]])
        fixture.pass(minutes: 21)
        await service.runOnce()
        #expect(fixture.changes == [[.opened], [.opened, .opened, .ended]])
    }

    @Test func whatLastsIsRepeatedAfterTheChosenHoursOrNever() async throws {
        let fixture = try await NotificationFixture()
        let daily = try await fixture.addPoint(.slack) { $0.subscription.repeatHours = 24 }
        let never = try await fixture.addPoint(.teams)
        let service = try fixture.service()
        try await fixture.breakConnection()
        for _ in 0..<50 {
            await service.runOnce()
            fixture.pass(minutes: 60)
        }
        #expect(
            fixture.sender.arrivals.filter { $0.point == daily.id }.flatMap(\.content.items).map(\.change) == [.opened, .lasting, .lasting])
        #expect(fixture.sender.arrivals.filter { $0.point == never.id }.count == 1)
    }

    @Test func aSubscriptionChoosesConnectionsAndKinds() async throws {
        let fixture = try await NotificationFixture()
        let other = NotificationFixture.connection("Beta")
        try await fixture.storage.add(other, audit: fixture.origin.audit(.connectionCreated, "Beta"))
        let one = try await fixture.addPoint(.slack) { $0.subscription.connections = [other.id] }
        let kind = try await fixture.addPoint(.teams) { $0.subscription.kinds = [.rateLimit] }
        let off = try await fixture.addPoint(.webhook) { $0.isEnabled = false }
        try await fixture.breakConnection()
        try await fixture.breakConnection(.rateLimited)
        try await fixture.breakConnection(of: other.id)
        try await fixture.service().runOnce()
        let arrivals = Dictionary(grouping: fixture.sender.arrivals, by: \.point).mapValues { $0.flatMap(\.content.items) }
        #expect(arrivals[one.id]?.map(\.name) == ["Beta"])
        #expect(arrivals[kind.id]?.map(\.kind) == [.rateLimit])
        #expect(arrivals[off.id] == nil)
    }

    @Test func aNewContactPointIsToldOfWhatLastsButNotOfWhatIsOver() async throws {
        let fixture = try await NotificationFixture()
        try await fixture.addPoint(.slack)
        try await fixture.breakConnection(.networkTimeout)
        try await fixture.breakConnection(.authInvalidClient)
        try await fixture.service().runOnce()
        fixture.pass(minutes: 60)
        try await fixture.storage.resolveIssues(of: fixture.connection.id, areas: [.network], at: fixture.time.now)
        try await fixture.service().runOnce()
        fixture.pass(minutes: 60)
        let new = try await fixture.addPoint(.teams)
        for _ in 0..<3 {
            try await fixture.service().runOnce()
            fixture.pass(minutes: 60)
        }
        #expect(fixture.sender.arrivals.filter { $0.point == new.id }.map { $0.content.items.map(\.change) } == [[.opened]])
    }

    @Test func everyKindOfConditionIsFoundAndEnds() async throws {
        let fixture = try await NotificationFixture()
        try await fixture.addPoint()
        let id = fixture.connection.id.rawValue
        try await fixture.storage.queue.write { database in
            try database.execute(
                """
                INSERT INTO rule (id, name, revision, mode, pause, field_pause, connection_id, definition, created_at, changed_at)
                    VALUES ('r1', 'Limited', 1, 'active', 'rate_limited', NULL, '\(id)', '{}', 1, 1),
                        ('r2', 'Refused', 1, 'active', NULL, NULL, '\(id)', '{}', 1, 1),
                        ('r3', 'Fields', 1, 'active', NULL, 'x', '\(id)', '{}', 1, 1), ('r4', 'Dry', 1, 'dry_run', NULL, 'x', '\(id)', '{}', 1, 1);
                INSERT INTO job_source (id, is_enabled, refused_code) VALUES ('r2', 1, 'request.rejected')
                    ON CONFLICT (id) DO UPDATE SET refused_code = excluded.refused_code;
                INSERT INTO job_count (state, connection_id, source, reason, count)
                    VALUES ('needs_review', '\(id)', 'r1', 'rate_limited', 7), ('needs_review', '\(id)', 'r2', 'too_old', 3);
                """)
        }
        fixture.storage.health.note(.full)
        let service = try fixture.service()
        try await service.observe()
        let open = try await fixture.storage.openConditions().map(\.facts)
        #expect(Set(open.map(\.kind)) == [.rateLimit, .rulePaused, .needsReview, .diskLow])
        #expect(open.filter { $0.kind == .rulePaused }.map(\.name).sorted() == ["Fields", "Refused"])
        #expect(open.first { $0.kind == .rateLimit }?.count == 7 && open.first { $0.kind == .needsReview }?.count == 3)
        fixture.storage.health.note(nil)
        try await fixture.storage.queue.write { database in
            try database.execute("UPDATE rule SET pause = NULL, mode = 'off'; DELETE FROM job_count")
        }
        fixture.pass(minutes: 1)
        try await service.observe()
        #expect(try await fixture.storage.openConditions().isEmpty)
    }

    @Test func aStaleLocalCopyIsAConditionOfItsOwnKind() async throws {
        let fixture = try await NotificationFixture()
        try await fixture.addPoint {
            $0.language = .german
            $0.subscription.kinds = [.syncStale]
        }
        try await fixture.breakConnection(.syncStale)
        try await fixture.breakConnection(.networkTimeout)
        try await fixture.service().runOnce()
        let items = fixture.sender.arrivals.flatMap(\.content.items)
        let title = PSAError(.syncStale).guidance(in: TextRenderer(.german)).title
        #expect(items.map(\.title) == ["Acme: \(title)"] && items.map(\.path) == ["/connections/\(fixture.connection.id)/data"])
    }

    @Test func aLookThatBeganEarlierChangesNothing() async throws {
        let fixture = try await NotificationFixture()
        try await fixture.addPoint()
        let found = FoundCondition(ConditionFacts(kind: .connectionBroken, key: "issue/x/y", name: "Acme", code: .networkTimeout))
        #expect(try await fixture.storage.observe([found], scope: .shared, at: fixture.time.now))
        #expect(try await !fixture.storage.observe([], scope: .shared, at: fixture.time.now.addingTimeInterval(-5)))
        #expect(try await fixture.storage.openConditions().count == 1)
    }

    @Test func aMachineThatIsGoneDoesNotReportItsDiskForEver() async throws {
        let fixture = try await NotificationFixture()
        try await fixture.addPoint()
        let disk = FoundCondition(ConditionFacts(kind: .diskLow, key: "disk/host2", name: "host2"))
        _ = try await fixture.storage.observe([disk], scope: .machine("host2"), at: fixture.time.now)
        let service = try fixture.service()
        await service.runOnce()
        #expect(try await fixture.storage.openConditions().count == 1)
        fixture.pass(minutes: 70)
        await service.runOnce()
        #expect(try await fixture.storage.openConditions().isEmpty)
        #expect(fixture.changes == [[.opened]], "Whether its disk has space again is not known.")
    }

    // MARK: What is gone

    /// Adds active rules past the service of rules, which are paused unless they have no pause.
    private func addRules(_ rules: [(id: String, fieldPause: String?)], to fixture: NotificationFixture) async throws {
        try await fixture.storage.queue.write { database in
            for rule in rules {
                try database.run(
                    """
                    INSERT INTO rule (id, name, revision, mode, field_pause, connection_id, definition, created_at, changed_at)
                        VALUES (?1, ?1, 1, 'active', ?2, ?3, '{}', 1, 1)
                    """, [.text(rule.id), SQLValue(rule.fieldPause), .text(fixture.connection.id.rawValue)])
            }
        }
    }

    @Test func aRemovedConnectionIsNotReportedAsRecovered() async throws {
        let fixture = try await NotificationFixture()
        try await fixture.addPoint()
        let service = try fixture.service()
        try await fixture.breakConnection()
        await service.runOnce()
        try await fixture.storage.removeConnection(fixture.connection.id, audit: fixture.origin.audit(.connectionRemoved, "Acme"))
        for _ in 0..<3 {
            fixture.pass(minutes: 60)
            await service.runOnce()
        }
        #expect(fixture.changes == [[.opened]])
        #expect(try await fixture.storage.openConditions().isEmpty)
    }

    @Test func aPausedRuleThatIsTurnedOffOrRemovedIsNotReportedAsRecovered() async throws {
        let fixture = try await NotificationFixture()
        try await fixture.addPoint()
        let service = try fixture.service()
        try await addRules([("r1", "x"), ("r2", "x"), ("r3", "x")], to: fixture)
        await service.runOnce()
        try await fixture.storage.queue.write { database in
            try database.execute(
                """
                UPDATE rule SET mode = 'off' WHERE id = 'r1'; DELETE FROM rule WHERE id = 'r2';
                UPDATE rule SET field_pause = NULL WHERE id = 'r3';
                """)
        }
        for _ in 0..<3 {
            fixture.pass(minutes: 60)
            await service.runOnce()
        }
        #expect(fixture.changes == [[.opened, .opened, .opened], [.ended]])
        #expect(fixture.sender.arrivals.last?.content.items.map(\.name) == ["r3"])
    }

    @Test func aBrokenContactPointThatIsTurnedOffIsNotReportedAsRecovered() async throws {
        let fixture = try await NotificationFixture()
        try await fixture.addPoint()
        let broken = try await fixture.addPoint(.slack)
        let service = try fixture.service()
        try await fixture.storage.queue.write { database in
            try database.run(
                "UPDATE contact_point SET failures = ?, failing_since = 1, failure_code = ? WHERE id = ?",
                [
                    .integer(Int64(NotificationLimits.failures)), .text(NotificationErrorCode.serverFailing.rawValue),
                    .text(broken.id.rawValue),
                ])
        }
        await service.runOnce()
        try await fixture.storage.queue.write {
            try $0.run("UPDATE contact_point SET is_enabled = 0 WHERE id = ?", [.text(broken.id.rawValue)])
        }
        for _ in 0..<3 {
            fixture.pass(minutes: 60)
            await service.runOnce()
        }
        #expect(fixture.changes == [[.opened]])
    }

    @Test func anActiveRuleWhoseConnectionWasRemovedIsReportedAsPaused() async throws {
        let fixture = try await NotificationFixture()
        try await fixture.addPoint()
        let service = try fixture.service()
        try await addRules([("r1", nil)], to: fixture)
        await service.runOnce()
        #expect(fixture.changes.isEmpty)
        try await fixture.storage.removeConnection(fixture.connection.id, audit: fixture.origin.audit(.connectionRemoved, "Acme"))
        await service.runOnce()
        let item = try #require(fixture.sender.arrivals.first?.content.items.first)
        #expect(item.kind == .rulePaused && item.path == "/rules/r1" && item.reason.contains("was removed"))
    }

    @Test func conditionsAreLookedAtWithoutAnyContactPoint() async throws {
        let fixture = try await NotificationFixture()
        let service = try fixture.service()
        try await fixture.breakConnection()
        try await service.observe()
        #expect(try await fixture.storage.openConditions().count == 1)
        fixture.pass(minutes: 1)
        try await fixture.recover()
        try await service.observe()
        #expect(try await fixture.storage.openConditions().isEmpty)
    }

    // MARK: Failures

    @Test func whatWasProvenNotToBeAcceptedIsSentAgainUnderTheSameKey() async throws {
        let fixture = try await NotificationFixture()
        let point = try await fixture.addPoint()
        let service = try fixture.service()
        try await fixture.breakConnection()
        let failure = Delivery.Failure(.serverFailing, "HTTP 503")
        fixture.sender.answer(
            .refused(failure, isTemporary: true), .refused(failure, isTemporary: true, retryAfter: .seconds(600)))
        await service.runOnce()
        let queued = try #require(try await fixture.storage.notifications(of: nil, before: nil, limit: 9).first)
        #expect(queued.state == .queued && queued.attempts == 1 && queued.code == NotificationErrorCode.serverFailing.code)
        await service.runOnce()
        #expect(fixture.sender.attempts == 1)
        fixture.pass(minutes: 1)
        await service.runOnce()
        fixture.pass(minutes: 9)
        await service.runOnce()
        #expect(fixture.sender.attempts == 2)
        fixture.pass(minutes: 2)
        await service.runOnce()
        #expect(fixture.sender.attempts == 3 && fixture.sender.arrivals.map(\.key) == [queued.key])
        let state = try #require(try await fixture.storage.contactPoint(point.id)).state
        #expect(state.failures == 0 && state.failingSince == nil && state.lastSentAt != nil)
    }

    @Test func anUnknownOutcomeIsRepeatedByTheNextMessageOnlyAndSaysSo() async throws {
        let fixture = try await NotificationFixture()
        try await fixture.addPoint()
        let service = try fixture.service()
        try await fixture.breakConnection()
        fixture.sender.answer(.unknown(.init(.outcomeUnknown)))
        for _ in 0..<14 {
            await service.runOnce()
            fixture.pass(minutes: 1)
        }
        #expect(fixture.sender.attempts == 1 && fixture.sender.arrivals.isEmpty)
        for _ in 0..<3 {
            await service.runOnce()
            fixture.pass(minutes: 15)
        }
        #expect(fixture.sender.attempts == 2)
        let item = try #require(fixture.sender.arrivals.first?.content.items.first)
        #expect(item.change == .opened && item.isUncertain)
        #expect(try await fixture.storage.notifications(of: nil, before: nil, limit: 9).map(\.state) == [.sent, .unknown])
    }

    @Test func attemptsAreBoundedAndTheContentIsNotLost() async throws {
        let fixture = try await NotificationFixture()
        try await fixture.addPoint()
        let service = try fixture.service()
        try await fixture.breakConnection()
        fixture.sender.decide { (.refused(.init(.serverUnreachable), isTemporary: true), false) }
        for _ in 0..<60 {
            await service.runOnce()
            fixture.pass(minutes: 1)
        }
        let messages = try await fixture.storage.notifications(of: nil, before: nil, limit: 99)
        #expect(messages.allSatisfy { $0.attempts <= NotificationLimits.attempts })
        #expect(messages.last?.state == .failed)
        fixture.sender.decide(nil)
        fixture.pass(minutes: 60)
        await service.runOnce()
        #expect(fixture.changes == [[.opened]])
    }

    @Test func aBrokenContactPointIsReportedToTheOthersAndNotToItself() async throws {
        let fixture = try await NotificationFixture()
        let broken = try await fixture.addPoint(.slack)
        let other = try await fixture.addPoint(.teams)
        let service = try fixture.service()
        try await fixture.breakConnection()
        fixture.sender.answer(.refused(.init(.addressInvalid, "HTTP 404 no_service"), isTemporary: false))
        try await service.observe()
        try await service.makeMessages()
        // The first contact point by name is the one of Slack.
        try await service.sendMessages()
        let state = try #require(try await fixture.storage.contactPoint(broken.id)).state
        let failed = state.isBroken ? broken : other
        fixture.pass(minutes: 16)
        await service.runOnce()
        let items = fixture.sender.arrivals.flatMap { arrival in arrival.content.items.map { (arrival.point, $0) } }
        let told = items.filter { $0.1.kind == .contactPointBroken }
        #expect(told.count == 1 && told.first?.0 != failed.id && told.first?.1.path == "/notifications/\(failed.id)")
        #expect(items.filter { $0.0 == failed.id }.map(\.1.kind) == [.connectionBroken])
    }

    @Test func aProcessThatDiesWhileItSendsLeavesAnUnknownOutcome() async throws {
        let fixture = try await NotificationFixture()
        try await fixture.addPoint()
        let service = try fixture.service()
        try await fixture.breakConnection()
        try await service.observe()
        try await service.makeMessages()
        let holder = ProcessID()
        let now = fixture.time.now
        let lost = try #require(
            try await fixture.storage.leaseNotification(by: holder, at: now, until: now.addingTimeInterval(120)))
        await service.runOnce()
        #expect(fixture.sender.attempts == 0)
        fixture.pass(minutes: 3)
        await service.runOnce()
        #expect(try await fixture.storage.notifications(of: nil, before: nil, limit: 9).first?.state == .unknown)
        // What lost its lease writes no more.
        #expect(try await !fixture.storage.finishNotification(lost.id, by: holder, .sent(), at: fixture.time.now))
        fixture.pass(minutes: 16)
        await service.runOnce()
        #expect(fixture.changes == [[.opened]])
    }

    @Test func twoProcessesSendEachMessageOnce() async throws {
        let fixture = try await NotificationFixture()
        for kind in ContactPointKind.allCases { try await fixture.addPoint(kind) }
        try await fixture.breakConnection()
        let services = try (0..<4).map { _ in try fixture.service() }
        await withTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { await service.runOnce() } }
        }
        #expect(fixture.sender.attempts == ContactPointKind.allCases.count)
        #expect(Set(fixture.sender.arrivals.map(\.point)).count == ContactPointKind.allCases.count)
    }

    @Test func aMessageNamesAtMostThirtyConditionsAndCountsTheOthers() async throws {
        let fixture = try await NotificationFixture()
        try await fixture.addPoint()
        let found = (1...67).map { number in
            FoundCondition(
                ConditionFacts(
                    kind: .connectionBroken, key: "issue/x\(number)/a", connection: fixture.connection.id, name: "C\(number)",
                    code: .networkTimeout))
        }
        _ = try await fixture.storage.observe(found, scope: .shared, at: fixture.time.now)
        let service = try fixture.service()
        try await service.makeMessages()
        try await service.sendMessages()
        let content = try #require(fixture.sender.arrivals.first?.content)
        #expect(content.items.count == 30 && content.more == 37)
        #expect(NotificationFormat(content, point: "x", address: nil).plainText.contains("And 37 more"))
    }

    // MARK: Contact points

    @Test func thereAreAtMostFiftyContactPoints() async throws {
        let fixture = try await NotificationFixture()
        for _ in 0..<NotificationLimits.contactPoints { try await fixture.addPoint() }
        await #expect(throws: ContactPointError.self) { try await fixture.addPoint() }
    }

    @Test func aChangeNeedsTheRevisionAndForgetsTheFailures() async throws {
        let fixture = try await NotificationFixture()
        let point = try await fixture.addPoint()
        let service = try fixture.service()
        try await fixture.breakConnection()
        fixture.sender.answer(.refused(.init(.addressInvalid), isTemporary: false))
        await service.runOnce()
        #expect(try await fixture.storage.contactPoint(point.id)?.state.isBroken == true)
        await #expect(throws: StoreError.self) {
            try await service.change(point, ContactPointDraft(point), revision: 7, by: fixture.origin)
        }
        var draft = ContactPointDraft(point)
        draft.address = Secret("https://hooks.example.com/other")
        let changed = try await service.change(point, draft, revision: 1, by: fixture.origin)
        #expect(changed.point.revision == 2 && changed.point.signingKey == point.signingKey)
        #expect(try await fixture.storage.contactPoint(point.id)?.state == ContactPointState())
        await service.runOnce()
        #expect(fixture.changes == [[.opened]])
        try await service.remove(changed.point, by: fixture.origin)
        #expect(try await fixture.storage.notifications(of: nil, before: nil, limit: 9).isEmpty)
    }

    @Test func aPasswordIsNotSentToAnotherServer() async throws {
        let fixture = try await NotificationFixture()
        let point = try await fixture.addPoint(.email)
        for change: (inout MailSettings) -> Void in [
            { $0.server = "evil.example.com" }, { $0.port = 25 }, { $0.security = .tls }, { $0.user = "other" },
        ] {
            var draft = ContactPointDraft(point)
            change(&draft.mail)
            let problems = draft.problems(over: point, policy: .publicOnly, connections: [])
            #expect(problems.map(\.field) == [.password])
        }
        #expect(ContactPointDraft(point).problems(over: point, policy: .publicOnly, connections: []).isEmpty)
    }

    @Test(
        "addresses are guarded like those of tenants",
        arguments: [
            "http://hooks.example.com/x", "https://127.0.0.1/x", "https://10.1.2.3/x", "https://localhost/x", "https://169.254.169.254/x",
            "ftp://example.com/x", "https://user:pass@example.com/x", "javascript:alert(1)", "https://example.com/a b", "https://[::1]/",
            "https://example.com/\r\nHost: x",
        ])
    func forbidden(address: String) {
        for kind in [ContactPointKind.webhook, .teams, .slack] {
            let draft = NotificationFixture.draft(kind) { $0.address = Secret(address) }
            #expect(draft.problems(over: nil, policy: .publicOnly, connections: []).map(\.field) == [.address])
        }
    }

    @Test(
        "mail settings that can't work are refused at their field",
        arguments: [
            (ContactPointDraft.Field.server, MailSettings(server: "127.0.0.1", sender: "a@b.de", recipients: ["a@b.de"])),
            (.server, MailSettings(server: "mail.example.com:25", sender: "a@b.de", recipients: ["a@b.de"])),
            (.server, MailSettings(server: "mail.example.com/x", sender: "a@b.de", recipients: ["a@b.de"])),
            (.security, MailSettings(server: "mail.example.com", security: .none, sender: "a@b.de", recipients: ["a@b.de"])),
            (.port, MailSettings(server: "mail.example.com", port: 0, sender: "a@b.de", recipients: ["a@b.de"])),
            (.sender, MailSettings(server: "mail.example.com", sender: "a@b.de\r\nBcc: c@d.de", recipients: ["a@b.de"])),
            (.recipients, MailSettings(server: "mail.example.com", sender: "a@b.de", recipients: [])),
            (.recipients, MailSettings(server: "mail.example.com", sender: "a@b.de", recipients: ["a@b.de", "x"])),
            (
                .recipients,
                MailSettings(server: "mail.example.com", sender: "a@b.de", recipients: (0..<21).map { "a\($0)@b.de" })
            ),
        ])
    func mail(field: ContactPointDraft.Field, settings: MailSettings) {
        let draft = NotificationFixture.draft(.email) {
            $0.mail = settings
            $0.password = nil
        }
        #expect(draft.problems(over: nil, policy: .publicOnly, connections: []).map(\.field) == [field])
    }

    @Test func aTestMessageIsRecordedAndEndsTheFailures() async throws {
        let fixture = try await NotificationFixture()
        let point = try await fixture.addPoint { $0.isEnabled = false }
        let service = try fixture.service()
        fixture.sender.answer(.refused(.init(.addressInvalid, "HTTP 410"), isTemporary: false))
        #expect(try await service.test(point, by: fixture.origin) == .refused(.init(.addressInvalid, "HTTP 410"), isTemporary: false))
        #expect(try await service.test(point, by: fixture.origin) == .sent(warning: nil))
        let messages = try await fixture.storage.notifications(of: point.id, before: nil, limit: 9)
        #expect(messages.map(\.state) == [.sent, .failed] && messages.allSatisfy(\.content.isTest))
        let audit = try await fixture.storage.audit(AuditFilter(action: .contactPointTested), before: nil, limit: 9).map(\.entry)
        #expect(audit.map(\.outcome) == [.done, .failed])
    }

    @Test func oldMessagesAndConditionsAreRemovedAndOpenOnesStay() async throws {
        let fixture = try await NotificationFixture()
        try await fixture.addPoint()
        try await fixture.breakConnection(.networkTimeout)
        try await fixture.breakConnection(.authInvalidClient)
        try await fixture.service().runOnce()
        fixture.pass(minutes: 60)
        try await fixture.storage.resolveIssues(of: fixture.connection.id, areas: [.network], at: fixture.time.now)
        try await fixture.service().runOnce()
        #expect(try await fixture.storage.notifications(of: nil, before: nil, limit: 9).count == 2)
        // By their age the first message, beyond the number of rows the second one and the condition that has ended.
        #expect(try await fixture.storage.removeNotifications(finishedBefore: fixture.time.now, keeping: 10, limit: 500) == 1)
        #expect(try await fixture.storage.removeNotifications(finishedBefore: fixture.time.now, keeping: 0, limit: 500) == 2)
        fixture.pass(minutes: 91 * 1_440)
        try await fixture.service().runOnce()
        #expect(try await fixture.storage.notifications(of: nil, before: nil, limit: 9).isEmpty)
        #expect(try await fixture.storage.openConditions().map(\.facts.code) == [.authInvalidClient])
    }

    @Test func secretsAreSealedAndReencryptedWithTheOthers() async throws {
        let fixture = try await NotificationFixture()
        for kind in ContactPointKind.allCases { try await fixture.addPoint(kind) }
        let sealed = try await fixture.storage.contactPoints().flatMap { [$0.point.password, $0.point.address, $0.point.signingKey] }
            .compactMap { $0 }
        #expect(sealed.count == 5)
        let text = String(decoding: sealed.flatMap(\.bytes), as: UTF8.self)
        #expect(!text.contains("marker"))
        let new = Vault(try KeyRing([try SealingKey.random()]), time: fixture.time.source)
        let vault = fixture.vault
        let count = try await fixture.storage.reencryptSecrets(audit: fixture.origin.audit(.keyRotated, "")) { sealed, id, key in
            try new.seal(try vault.open(sealed, of: id, key), of: id, key)
        }
        #expect(count == 5)
    }
}
