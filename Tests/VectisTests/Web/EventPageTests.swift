import FoundationEssentials
import PSACore
import PSATesting
import Testing
import WebServer

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Events and jobs: pages and API") struct EventPageTests {
    /// A host with a rule, an event that it matched, one that it did not, and jobs in several states.
    private struct Stage {
        let fixture: WebFixture
        let connection: StoredConnection
        let rule: Rule
        /// Failed, on hold, of unknown outcome.
        let jobs: [TicketJob.ID]
        let unmatched: HostEvent.ID

        init(_ fixture: WebFixture) async throws {
            self.fixture = fixture
            connection = try await fixture.connect()
            let tests = [
                Condition(field: .severity, comparison: .atLeast, value: "error"),
                Condition(field: .device, comparison: .equals, value: "SRV-<1>"),
            ]
            rule = Rule.sample(.sample(connection: connection.id, groups: [ConditionGroup(tests: tests)]), mode: .active)
            try await fixture.services.storage.add(rule, audit: .sample(.ruleCreated))
            let problem = PSAError(.requestRejected).problem.encodedText
            let states: [TicketJob.State] = [
                .failed(.requestRejected, problem: problem), .needsReview(.rateLimited), .needsReview(.outcomeUnknown),
            ]
            var jobs: [TicketJob.ID] = []
            for (number, state) in states.enumerated() { jobs.append(try await Self.add(state, "\(number)", rule, fixture)) }
            self.jobs = jobs
            unmatched = try await fixture.services.events.accept(
                .sample(senderID: "none", device: "PC-9", text: "A <b>bold</b> text", receivedAt: fixture.time.now)
            ).event
        }

        static func add(_ state: TicketJob.State, _ id: String, _ rule: Rule, _ fixture: WebFixture) async throws -> TicketJob.ID {
            let event = HostEvent.sample(senderID: id, device: "SRV-<1>", receivedAt: fixture.time.now)
            _ = try await fixture.services.storage.accept(event, from: nil) { event, _, _ in
                [RuleEngine.decision(event, rule, state)]
            }
            return try #require(try await fixture.services.storage.engine.latestJob())
        }

        func states() async throws -> [TicketJob.State.Name?] {
            var states: [TicketJob.State.Name?] = []
            for place in jobs.indices { states.append(try await state(place)) }
            return states
        }

        func state(_ place: Int) async throws -> TicketJob.State.Name? {
            try await fixture.services.storage.job(jobs[place])?.state.name
        }
    }

    // MARK: Pages

    @Test func theListOfEventsSaysWhatBecameOfEach() async throws {
        try await WebFixture.with { fixture in
            let stage = try await Stage(fixture)
            let browser = try await fixture.signIn()
            let all = try await browser.get("/events").text
            #expect(all.contains("A &lt;b&gt;bold&lt;/b&gt; text") && !all.contains("<b>bold"))
            #expect(all.contains("No rule matched.") && all.contains("/rules/new?event=\(stage.unmatched.rawValue)"))
            #expect(all.contains("/jobs/\(stage.jobs[0].rawValue)") && all.contains("On hold") && all.contains("Outcome unknown"))
            let unmatched = try await browser.get("/events?outcome=unmatched").text
            #expect(unmatched.contains("PC-9") && !unmatched.contains("SRV-"))
            #expect(try await browser.get("/events?device=nowhere").text.contains("No event matches."))
            let viewer = try await fixture.signIn("viewer").get("/events")
            #expect(viewer.status == 200 && !viewer.text.contains("/rules/new"))
        }
    }

    @Test func theListOfEventsShowsTheLastDayWithATableBehindEachChart() async throws {
        try await WebFixture.with { fixture in
            #expect(try await !fixture.signIn().get("/events").text.contains("<svg viewBox"))
            _ = try await Stage(fixture)
            let browser = try await fixture.signIn()
            let page = try await browser.get("/events").text
            #expect(page.contains("Events per hour") && page.contains("Failed attempts") && page.contains("id=\"activity-events-table\""))
            // Where a part of the events is shown, numbers of all of them would mislead.
            #expect(try await !browser.get("/events?outcome=unmatched").text.contains("Events per hour"))
        }
    }

    @Test func anEventSaysForEachRuleWhichConditionsHold() async throws {
        try await WebFixture.with { fixture in
            let stage = try await Stage(fixture)
            let browser = try await fixture.signIn()
            let page = try await browser.get("/events/\(stage.unmatched.rawValue)").text
            #expect(page.contains("No rule matched.") && page.contains("Does not match"))
            #expect(page.contains("Holds") && page.contains("Does not hold") && page.contains("The event has “PC-9”."))
            let matched = try await browser.get("/events/1").text
            #expect(matched.contains("Matches") && matched.contains("/jobs/\(stage.jobs[0].rawValue)"))
            for path in ["/events/99", "/events/x", "/events/-1", "/jobs/99", "/jobs/x"] {
                #expect(try await browser.get(path).status == 404, "\(path)")
            }
        }
    }

    @Test func aJobShowsItsEventConditionsTicketAndAttempts() async throws {
        try await WebFixture.with { fixture in
            let stage = try await Stage(fixture)
            let browser = try await fixture.signIn()
            let path = "/jobs/\(stage.jobs[0].rawValue)"
            let before = try await browser.get(path).text
            #expect(before.contains("Nothing was attempted yet.") && before.contains("/events/1") && before.contains("SRV-&lt;1&gt;"))
            #expect(before.contains("The PSA rejected") || before.contains("request.rejected"))
            let form = [("seen", "failed"), ("choice", "send"), ("page", "job")]
            let answer = try await browser.post(path + "/decide", form)
            #expect(answer.status == 303 && answer.headers["Location"] == "\(path)?notice=sent-again")
            // The search that follows fails.
            let storage = fixture.services.storage
            let holder = ProcessID()
            let leased = try await storage.engine.leaseNext(
                for: stage.connection.id, by: holder, now: fixture.time.now, lease: .seconds(60))
            let job = try #require(leased)
            let cause = FailureCause(PSAError(.networkTimeout))
            let outcome = JobOutcome(state: .unknown, attempts: 1, dueAt: fixture.time.now, cause: cause, issue: .networkTimeout)
            #expect(try await storage.engine.complete(job.id, by: holder, outcome, at: fixture.time.now))
            let after = try await browser.get("/jobs/\(job.id.rawValue)").text
            #expect(after.contains("2 so far, the latest first.") && after.contains("Decision of a person"))
            #expect(after.contains("Search in the PSA") && after.contains("/errors#") && after.contains("network.timeout"))
            #expect(after.contains("/audit?target="))
            let viewer = try await fixture.signIn("viewer").get(path)
            #expect(viewer.status == 200 && !viewer.text.contains("/decide"))
        }
    }

    @Test func aJobOnHoldIsReleasedAloneAndAChangedStateIsAConflict() async throws {
        try await WebFixture.with { fixture in
            let stage = try await Stage(fixture)
            let browser = try await fixture.signIn()
            let path = "/jobs/\(stage.jobs[1].rawValue)/decide"
            #expect(try await browser.post(path, [("seen", "failed"), ("choice", "send")]).status == 409)
            #expect(try await browser.post(path, [("seen", "needs_review"), ("choice", "adopt"), ("ticket", "7")]).status == 409)
            #expect(try await browser.post(path, [("seen", "needs_review"), ("choice", "send")]).status == 303)
            #expect(try await stage.state(1) == .waiting)
            #expect(try await browser.post(path, [("seen", "needs_review"), ("choice", "drop")]).status == 409)
        }
    }

    @Test func theListOfJobsLeavesReplaysOutAndFilters() async throws {
        try await WebFixture.with { fixture in
            let stage = try await Stage(fixture)
            var event = HostEvent.sample()
            event.text = "Only in a replay"
            event.device = "REPLAYED"
            try await fixture.services.storage.add([RuleEngine.decision(event, stage.rule, .wouldCreate)], at: fixture.time.now)
            let browser = try await fixture.signIn()
            #expect(try await !browser.get("/jobs").text.contains("REPLAYED"))
            let replays = try await browser.get("/jobs?replays=true").text
            #expect(replays.contains("REPLAYED") && !replays.contains("SRV-&lt;1&gt;") && !replays.contains("id=\"bulk\""))
            let failed = try await browser.get("/jobs?state=failed&device=srv&connection=\(stage.connection.id)").text
            #expect(failed.contains("id=\"job-\(stage.jobs[0].rawValue)\"") && !failed.contains("id=\"job-\(stage.jobs[1].rawValue)\""))
            let long = String(repeating: "x", count: 201)
            for query in ["state=held", "connection=!", "rule=!", "from=yesterday", "from=2026-02-02&to=2026-01-01", "text=\(long)"] {
                #expect(try await browser.get("/jobs?\(query)").status == 422, "\(query)")
            }
            for query in ["outcome=maybe", "to=2026-13-01", "before=x", "company=\(long)"] {
                #expect(try await browser.get("/events?\(query)").status == 422, "\(query)")
            }
        }
    }

    @Test func manyJobsArePreviewedInNumbersAndThenSentAgain() async throws {
        try await WebFixture.with { fixture in
            let stage = try await Stage(fixture)
            let browser = try await fixture.signIn()
            let preview = try await browser.post("/jobs/bulk", [("do", "resend-all")])
            #expect(preview.status == 200 && preview.text.contains("Send 2 jobs again?"))
            #expect(preview.text.contains("Up to 2 tickets will be created") && preview.text.contains("The outcome of 1 more is unknown."))
            #expect(preview.text.contains("name=\"upTo\" value=\"\(stage.jobs[1].rawValue)\"") || preview.text.contains("name=\"upTo\""))
            #expect(try await stage.state(0) == .failed, "The preview changes nothing.")
            let upTo = ("upTo", "\(stage.jobs[2].rawValue)")
            let late = try await Stage.add(.failed(.requestRejected, problem: "{}"), "late", stage.rule, fixture)
            let done = try await browser.post("/jobs/bulk/confirmed", [("do", "resend-all"), upTo])
            #expect(done.status == 200 && done.text.contains("2 jobs are queued to be sent again."))
            #expect(try await stage.states() == [.unknown, .waiting, .needsReview])
            #expect(try await fixture.services.storage.job(late)?.state.name == .failed, "It came after the preview.")
            let discard = [("do", "discard-selected"), ("job", "\(late.rawValue)"), ("job", "\(stage.jobs[0].rawValue)")]
            #expect(try await browser.post("/jobs/bulk", discard).text.contains("1 of the selected are neither failed nor on hold."))
            #expect(try await browser.post("/jobs/bulk/confirmed", discard).text.contains("1 job is discarded."))
            #expect(try await fixture.audit().first?.target == "1 job")
            let nothing = try await browser.post("/jobs/bulk", [("do", "discard-all")])
            #expect(nothing.status == 422 && nothing.text.contains("The outcome of 1 is unknown"))
        }
    }

    @Test(arguments: [
        [("do", "burn-all")], [("do", "resend")], [("do", "resend-selected")], [("do", "resend-selected"), ("job", "x")],
        [("do", "resend-all"), ("replays", "true")], [("do", "resend-all"), ("state", "held")],
        [("do", "resend-selected")] + (0..<201).map { ("job", "\($0)") },
    ])
    func aMalformedActionOnManyJobsIsRefused(fields: [(String, String)]) async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            for path in ["/jobs/bulk", "/jobs/bulk/confirmed"] {
                #expect(try await browser.post(path, fields).status == 422)
            }
            let viewer = try await fixture.signIn("viewer")
            #expect(try await viewer.post("/jobs/bulk", fields).status == 403)
            #expect(try await browser.post("/jobs/bulk", fields, [("Origin", "https://elsewhere.example")]).status == 403)
        }
    }

    // MARK: API

    @Test func theAPIListsAndReadsEventsAndJobs() async throws {
        try await WebFixture.with { fixture in
            let stage = try await Stage(fixture)
            let browser = try await fixture.signIn("viewer")
            let page = try await browser.call("GET", "/events?limit=3")
            #expect(page.json["events"]?.elements.count == 3 && page.json["partial"] == false)
            let next = try #require(page.json["next"]?.integer)
            let rest = try await browser.call("GET", "/events?before=\(next)")
            #expect(rest.json["events"]?.elements.count == 1 && rest.json["next"] == nil)
            let event = try await browser.call("GET", "/events/\(stage.unmatched.rawValue)").json
            #expect(event["matchedRules"] == 0 && event["senderID"] == "none")
            let match = event["rules"]?.elements.first
            #expect(match?["answer"] == "fails")
            #expect(match?["groups"]?.elements.first?["conditions"]?.elements.map { $0["answer"]?.string } == ["holds", "fails"])
            let jobs = try await browser.call("GET", "/jobs?state=needs_review&reason=outcome_unknown").json
            #expect(jobs["jobs"]?.elements.map { $0["id"]?.integer } == [Int(stage.jobs[2].rawValue)])
            let job = try await browser.call("GET", "/jobs/\(stage.jobs[0].rawValue)").json
            #expect(job["seen"] == "failed" && job["problem"]?["code"] == "request.rejected" && job["match"]?["answer"] == "holds")
            #expect(job["event"]?.integer == 1 && job["attemptCount"] == 0)
            for (path, status) in [
                ("/events/99", 404), ("/events/x", 404), ("/jobs/99", 404), ("/events?limit=0", 422), ("/events?limit=201", 422),
                ("/events?outcome=x", 422), ("/jobs?state=held", 422), ("/jobs?unknown=1", 422), ("/jobs?limit=x", 422),
                ("/events?text=\(String(repeating: "x", count: 201))", 422), ("/jobs/1?x=1", 422),
            ] { #expect(try await browser.call("GET", path).status == status, "\(path)") }
        }
    }

    @Test func theAPIDecidesOnAJobInTheStateThatWasRead() async throws {
        try await WebFixture.with { fixture in
            let stage = try await Stage(fixture)
            let browser = try await fixture.signIn()
            let failed = "/jobs/\(stage.jobs[0].rawValue)"
            let stale = try await browser.call("POST", failed + "/resend", ["seen": "needs_review"])
            #expect(stale.status == 409 && stale.code == "stale")
            let sent = try await browser.call("POST", failed + "/resend", ["seen": "failed"])
            #expect(sent.status == 200 && sent.json["state"] == "unknown" && sent.json["attempts"]?.elements.first?["kind"] == "decision")
            #expect(try await browser.call("POST", failed + "/discard", [:]).code == "stale")
            let held = "/jobs/\(stage.jobs[1].rawValue)"
            #expect(try await browser.call("POST", held + "/resolve", ["exists": false]).code == "stale")
            #expect(try await browser.call("POST", held + "/discard", ["seen": "needs_review"]).json["state"] == "dropped")
            let unknown = "/jobs/\(stage.jobs[2].rawValue)/resolve"
            for body: JSONValue in [
                [:], ["exists": true], ["ticket": "7", "exists": false], ["ticket": ["a"]], ["exists": "no"], ["other": 1],
                ["ticket": .string(String(repeating: "x", count: 300))],
            ] { #expect(try await browser.call("POST", unknown, body).status == 422, "\(body.encodedText)") }
            #expect(try await browser.call("POST", unknown, ["exists": false]).json["state"] == "waiting")
            #expect(try await browser.call("POST", "/jobs/99/resend", [:]).status == 404)
            let viewer = try await fixture.signIn("viewer")
            for action in ["resend", "discard", "resolve"] {
                #expect(try await viewer.call("POST", "/jobs/1/\(action)", [:]).status == 403)
            }
            #expect(try await fixture.audit().filter { $0.action == .jobDecided }.count == 3)
        }
    }

    @Test func theAPIAdoptsATicketThatExists() async throws {
        try await WebFixture.with { fixture in
            let stage = try await Stage(fixture)
            let browser = try await fixture.signIn()
            let answer = try await browser.call("POST", "/jobs/\(stage.jobs[2].rawValue)/resolve", ["ticket": 7])
            // The connector of the fixture may not read tickets; the job then stays as it is.
            let state = try await stage.state(2)
            #expect(answer.status == 200 ? state == .created : state == .needsReview)
        }
    }

    @Test func theAPIDecidesOnManyJobsAndTellsBeforeWhatItWouldDo() async throws {
        try await WebFixture.with { fixture in
            let stage = try await Stage(fixture)
            let browser = try await fixture.signIn()
            let dry = try await browser.call(
                "POST", "/jobs/bulk", ["action": "resend", "filter": ["device": "srv"], "dryRun": true]
            ).json
            #expect(dry["jobs"] == 2 && dry["outcomeUnknown"] == 1 && dry["tickets"] == 2 && dry["dryRun"] == true)
            #expect(dry["byState"] == ["needs_review": 1, "failed": 1] || dry["byState"] == ["failed": 1, "needs_review": 1])
            #expect(dry["byConnection"]?[stage.connection.id.rawValue] == 2 && dry["byRule"]?[stage.rule.id.rawValue] == 2)
            #expect(try await stage.state(0) == .failed)
            let ids: JSONValue = .array(stage.jobs.map { .integer(Int($0.rawValue)) })
            let done = try await browser.call("POST", "/jobs/bulk", ["action": "discard", "jobs": ids]).json
            #expect(done["jobs"] == 2 && done["left"] == 0 && done["dryRun"] == false)
            #expect(try await stage.states() == [.dropped, .dropped, .needsReview])
            let many: JSONValue = .array((0...1_000).map { .integer($0) })
            for body: JSONValue in [
                ["action": "resend"], ["action": "burn", "filter": [:]], ["action": "resend", "filter": [:], "jobs": [1]],
                ["action": "resend", "jobs": []], ["action": "resend", "jobs": ["1"]], ["action": "resend", "jobs": many],
                ["action": "resend", "filter": ["state": "held"]], ["action": "resend", "filter": ["replays": "true"]],
                ["action": "resend", "filter": ["text": 1]], ["action": "resend", "filter": 1],
                ["action": "resend", "filter": [:], "upTo": "x"],
            ] { #expect(try await browser.call("POST", "/jobs/bulk", body).status == 422, "\(body.encodedText.prefix(80))") }
            #expect(try await fixture.signIn("viewer").call("POST", "/jobs/bulk", ["action": "resend", "filter": [:]]).status == 403)
        }
    }
}
