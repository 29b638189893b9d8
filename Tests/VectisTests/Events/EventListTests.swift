import FoundationEssentials
import PSACore
import Testing

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage

/// What every storage promises about lists of events and decisions on many jobs.
@Suite("Storage: events and jobs of events") struct EventListTests {
    private static func accept(
        _ id: String, in storage: any Storage, _ rules: [(Rule, TicketJob.State)] = [], at time: Date = .sampleNow,
        _ change: (inout HostEvent) -> Void = { _ in }
    ) async throws -> HostEvent.ID {
        var event = HostEvent.sample(senderID: id, at: time, receivedAt: time)
        change(&event)
        return try await storage.accept(event, from: nil) { event, _, _ in
            rules.map { RuleEngine.decision(event, $0.0, $0.1) }
        }.event
    }

    private static func ids(
        _ storage: any Storage, before place: HostEvent.ID? = nil, limit: Int = 50, _ change: (inout EventFilter) -> Void = { _ in }
    ) async throws -> [HostEvent.ID] {
        var filter = EventFilter()
        change(&filter)
        return try await storage.eventPage(filter, before: place, limit: limit).events.map(\.id)
    }

    @Test(arguments: StorageKind.all) func eventsAreFoundByEachFieldAndByWhatBecameOfThem(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        let rule = Rule.sample(.sample())
        let first = try await Self.accept("1", in: storage, [(rule, .wouldCreate)]) { event in
            (event.company, event.companyID, event.text) = ("Acme Ltd", "12", "The DISK is full.")
        }
        let second = try await Self.accept("2", in: storage, at: .sampleNow.addingTimeInterval(86_400)) { event in
            (event.source, event.type, event.device, event.company) = ("backup", "job.late", "PC-7", "Beta")
        }
        #expect(try await Self.ids(storage) == [second, first])
        #expect(try await Self.ids(storage) { $0.text = "disk" } == [second, first])
        #expect(try await Self.ids(storage) { $0.text = "THE disk IS full" } == [second, first])
        #expect(try await Self.ids(storage) { $0.company = "acme" } == [first])
        #expect(try await Self.ids(storage) { $0.company = "12" } == [first])
        #expect(try await Self.ids(storage) { $0.device = "pc" } == [second])
        #expect(try await Self.ids(storage) { $0.source = "back" } == [second])
        #expect(try await Self.ids(storage) { $0.type = "late" } == [second])
        #expect(try await Self.ids(storage) { $0.isMatched = false } == [second])
        #expect(try await Self.ids(storage) { $0.isMatched = true } == [first])
        #expect(try await Self.ids(storage) { $0.from = .sampleNow.addingTimeInterval(1) } == [second])
        #expect(try await Self.ids(storage) { $0.before = .sampleNow.addingTimeInterval(1) } == [first])
        #expect(try await Self.ids(storage) { $0.from = .sampleNow.addingTimeInterval(900_000) } == [])
        #expect(try await Self.ids(storage) { ($0.isMatched, $0.text) = (false, "nothing") } == [])
        #expect(try await storage.event(first)?.matchedRules == 1)
    }

    @Test(arguments: StorageKind.all) func aPageOfEventsSaysWhereTheNextOneBegins(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        var ids: [HostEvent.ID] = []
        for number in 0..<5 { ids.append(try await Self.accept("\(number)", in: storage)) }
        let first = try await storage.eventPage(EventFilter(), before: nil, limit: 2)
        #expect(first.events.map(\.id) == [ids[4], ids[3]] && first.next == ids[3] && !first.isPartial)
        let last = try await storage.eventPage(EventFilter(), before: ids[1], limit: 2)
        #expect(last.events.map(\.id) == [ids[0]] && last.next == nil)
    }

    @Test(arguments: StorageKind.all) func aSearchLooksAtAWindowOfEventsAndSaysWhereToGoOn(kind: StorageKind) async throws {
        let opened = try await kind.open()
        let first = try await Self.accept("first", in: opened.storage) { $0.device = "rare" }
        try await opened.execute(
            """
            INSERT INTO event (namespace, source, sender_id, type, severity, company, company_id, device, text, at, received_at)
            WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < \(EventFilter.searchWindow + 5))
            SELECT '', 'monitor', 'n' || n, 'disk', 'info', '', '', 'SRV', 'Text', 1795512600000, 1795512600000 FROM numbers
            """)
        var filter = EventFilter()
        filter.device = "rare"
        let page = try await opened.storage.eventPage(filter, before: nil, limit: 50)
        let next = try #require(page.next)
        #expect(page.events.isEmpty && page.isPartial && next > first)
        let rest = try await opened.storage.eventPage(filter, before: next, limit: 50)
        #expect(rest.events.map(\.id) == [first] && rest.next == nil && !rest.isPartial)
    }

    @Test(arguments: StorageKind.all) func theJobsOfAnEventAreThoseThatItsRulesCreated(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        let rules = [Rule.sample(.sample()), Rule.sample(.sample())]
        let first = try await Self.accept("1", in: storage, rules.map { ($0, .wouldCreate) })
        // Its number begins as that of the first.
        var other = first
        for number in 2...12 { other = try await Self.accept("\(number)", in: storage, [(rules[0], .wouldCreate)]) }
        try await storage.add([RuleEngine.decision(.sample(), rules[0], .wouldCreate)], at: .sampleNow)
        let jobs = try await storage.jobs(of: [first, other, HostEvent.ID(rawValue: 9_999)])
        #expect(jobs[first]?.map(\.rule) == rules.map(\.id))
        #expect(jobs[other]?.count == 1 && jobs[other]?.first?.event == other)
        #expect(jobs[HostEvent.ID(rawValue: 9_999)] == [])
        let replays = try await storage.engine.jobPage(TicketJob.Filter(hasOrigin: false), before: nil, limit: 50).jobs
        #expect(replays.count == 1 && replays.first?.isReplay == true)
    }

    @Test(arguments: StorageKind.all, JobBulkAction.allCases)
    func manyJobsAreDecidedOnTogetherAndThoseOfUnknownOutcomeAreNot(kind: StorageKind, action: JobBulkAction) async throws {
        let storage = try await kind.open().storage
        let rule = Rule.sample(.sample(), mode: .active, pause: .rateLimited)
        try await storage.add(rule, audit: .sample(.ruleCreated))
        let states: [TicketJob.State] = [
            .failed(.requestRejected, problem: "{}"), .needsReview(.rateLimited), .needsReview(.outcomeUnknown), .waiting,
            .needsReview(.tooOld),
        ]
        for (number, state) in states.enumerated() { _ = try await Self.accept("\(number)", in: storage, [(rule, state)]) }
        let all = JobSelection.matching(TicketJob.Filter(), upTo: nil)
        #expect(try await storage.jobCandidates(all).count == 4)
        let entry: @Sendable (Int) -> AuditEntry = { .sample(.jobDecided, detail: "\($0) jobs") }
        let first = try await storage.decideAll(all, action, limit: 2, at: .sampleNow, audit: entry)
        #expect(first.done == 2 && first.left == 1)
        #expect(try await storage.rule(rule.id)?.pauses == [], "No job is on hold because of the limit any more.")
        let rest = try await storage.decideAll(all, action, limit: 2, at: .sampleNow, audit: entry)
        #expect(rest.done == 1 && rest.left == 0)
        let names = try await storage.jobs(TicketJob.Filter(), before: nil, limit: 9).reversed().map(\.state.name)
        let sent: [TicketJob.State.Name] = [.unknown, .waiting, .needsReview, .waiting, .waiting]
        let discarded: [TicketJob.State.Name] = [.dropped, .dropped, .needsReview, .waiting, .dropped]
        #expect(names == (action == .resend ? sent : discarded))
        let entries = try await storage.audit(AuditFilter(action: .jobDecided), before: nil, limit: 9)
        #expect(entries.map(\.entry.detail) == ["1 jobs", "2 jobs"])
        #expect(try await storage.decideAll(all, action, limit: 2, at: .sampleNow, audit: entry).done == 0)
    }

    @Test(arguments: StorageKind.all) func aRuleStaysPausedWhileAJobIsOnHoldBecauseOfItsLimit(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        let rule = Rule.sample(.sample(), mode: .active, pause: .rateLimited)
        try await storage.add(rule, audit: .sample(.ruleCreated))
        for id in ["1", "2"] { _ = try await Self.accept(id, in: storage, [(rule, .needsReview(.rateLimited))]) }
        let newest = try #require(try await storage.engine.latestJob())
        let older = TicketJob.ID(rawValue: newest.rawValue - 1)
        let result = try await storage.decideAll(.matching(TicketJob.Filter(), upTo: older), .discard, limit: 9, at: .sampleNow) { _ in
            .sample(.jobDecided)
        }
        #expect(result.done == 1 && result.left == 0, "What came after the preview is left out.")
        #expect(try await storage.rule(rule.id)?.pauses == [.rateLimited])
        _ = try await storage.decideAll(.jobs([newest, newest, older]), .discard, limit: 9, at: .sampleNow) { _ in .sample(.jobDecided) }
        #expect(try await storage.rule(rule.id)?.pauses == [])
    }
}
