import Foundation
import PSACore
import PSATesting
import TestSupport
import Testing
import WebServer

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("The overview of a connection")
struct ConnectionOverviewTests {
    @Test func aRefusedSecretThatAJobFindsTurnsTheCardAndTheOverviewRedAtOnce() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            _ = try await browser.post("/integrations/\(connection.id)/check")
            #expect(try await browser.get("/integrations").text.contains("<span class=\"state\">Connected</span>"))
            var error = PSAError(.authInvalidClient, values: [.host: .verbatim("acme.example.com")])
            error.connector = connection.connector
            try await fixture.services.storage.recordIssue(
                .authInvalidClient, problem: error.problem.encodedText, of: connection.id, at: fixture.time.now)
            let (card, overview) = (
                try await browser.get("/integrations").text, try await browser.get("/integrations/\(connection.id)").text
            )
            for page in [card, overview] {
                #expect(page.contains("<span class=\"state\">Needs attention</span>") && !page.contains("<span class=\"state\">Connected"))
                for step in error.guidance.steps { #expect(page.contains(HTML(text: step).description), "\(step)") }
                #expect(page.contains("href=\"/errors/auth.invalid_client\"") && page.contains(error.correlationID.rawValue))
            }
            #expect(card.contains("First step:"))
            let listed = try await browser.call("GET", "/connections").json["connections"]?.elements.first
            #expect(listed?["state"]?["kind"] == "needs_attention" && listed?["state"]?["code"] == "auth.invalid_client")
            #expect(listed?["status"]?["outcome"] == "connected", "The result of the last test stays as it was.")
        }
    }

    @Test func aViewerSeesAllOfItWithoutActions() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.addRule(for: connection)
            try await fixture.services.storage.recordIssue(.networkTimeout, of: connection.id, at: fixture.time.now)
            let viewer = try await fixture.signIn("viewer")
            let page = try await viewer.get("/integrations/\(connection.id)")
            #expect(page.status == 200 && page.body.count <= 100_000)
            for words in ["Open issues", "What is read", "Rate limit", "Rules that use it", "Backup failed", "Last tickets", "Last tests"] {
                #expect(page.text.contains(words), "\(words)")
            }
            for action in ["/check\"", "/diagnostics", "/remove", "/settings"] { #expect(!page.text.contains(action), "\(action)") }
            #expect(try await viewer.get("/integrations/\(connection.id)/diagnostics").status == 403)
            #expect(try await viewer.get("/integrations/\(connection.id)/settings").status == 403)
            #expect(try await viewer.call("GET", "/connections/\(connection.id)/diagnostics").status == 403)
            #expect(try await viewer.call("GET", "/connections/\(connection.id)/overview").status == 200)
        }
    }

    @Test func aConnectionWithoutItsConnectorHasAnOverview() async throws {
        try await WebFixture.with { fixture in
            let connection = StoredConnection(
                id: ConnectionID(), connector: try #require(ConnectorID("gone")), name: "Gone", tenant: TenantIdentity(rawValue: "gone"),
                settings: [:], secrets: [:], revision: 1, createdAt: .sampleNow, changedAt: .sampleNow)
            try await fixture.services.storage.add(connection, audit: .sample(.connectionCreated))
            let browser = try await fixture.signIn()
            let page = try await browser.get("/integrations/\(connection.id)")
            #expect(page.status == 200 && page.text.contains("Saved, not tested") && !page.text.contains("/settings\""))
            #expect(try await browser.call("GET", "/connections/\(connection.id)/diagnostics").status == 200)
        }
    }

    @Test func anUnknownConnectionOrTestHasNoPage() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            for path in ["/integrations/nobody", "/integrations/\(connection.id)/tests/1", "/integrations/\(connection.id)/tests/x"] {
                #expect(try await browser.get(path).status == 404, "\(path)")
            }
            for path in ["/connections/nobody/overview", "/connections/nobody/tests", "/connections/nobody/diagnostics"] {
                #expect(try await browser.call("GET", path).status == 404, "\(path)")
            }
            for test in ["1", "01", "-1", "x", String(repeating: "9", count: 40)] {
                #expect(try await browser.call("GET", "/connections/\(connection.id)/tests/\(test)").status == 404, "\(test)")
            }
            for path in ["overview", "tests", "diagnostics"] {
                #expect(try await browser.call("GET", "/connections/\(connection.id)/\(path)?more=1").status == 422, "\(path)")
            }
        }
    }

    @Test func issuesAreListedByConnectionAndState() async throws {
        try await WebFixture.with { fixture in
            let (one, two) = (try await fixture.connect("one"), try await fixture.connect("two"))
            let storage = fixture.services.storage
            for connection in [one, two] { try await storage.recordIssue(.networkTimeout, of: connection.id, at: .sampleNow) }
            try await storage.recordIssue(.rateLimited, of: one.id, at: .sampleNow)
            try await storage.resolveIssues(of: one.id, areas: [.rate], at: .sampleNow)
            let viewer = try await fixture.signIn("viewer")
            func codes(_ query: String) async throws -> [String] {
                try await viewer.call("GET", "/issues" + query).json["issues"]?.elements.compactMap { $0["code"]?.string } ?? []
            }
            #expect(try await codes("") == ["network.timeout", "network.timeout"])
            #expect(try await codes("?connection=\(one.id)") == ["network.timeout"])
            #expect(try await codes("?connection=\(one.id)&state=all") == ["network.timeout", "rate.limited"])
            #expect(try await viewer.call("GET", "/issues?state=old").status == 422)
            #expect(try await viewer.call("GET", "/issues?since=1").status == 422)
            #expect(try await viewer.call("GET", "/issues?connection=" + String(repeating: "a", count: 41)).status == 422)
            #expect(try await viewer.call("GET", "/issues?connection=nobody").status == 404)
        }
    }
}

@Suite("Kept tests of connections")
struct ConnectionTestReportTests {
    @Test func aTestLeadsToItsReportWhichCanBeReloadedAndShared() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect("broken", mode: .refused)
            let browser = try await fixture.signIn()
            let answer = try await browser.post("/integrations/\(connection.id)/check")
            let address = try #require(answer.headers["Location"])
            #expect(answer.status == 303 && address == "/integrations/\(connection.id)/tests/1")
            let guidance = PSAError(.authInvalidClient, values: [.host: .verbatim("broken")]).guidance
            for reader in [browser, try await fixture.signIn("viewer")] {
                let page = try await reader.get(address)
                #expect(page.status == 200 && page.text.contains("<h2 id=\"test-problem-title\">\(guidance.title)</h2>"))
                for step in guidance.steps { #expect(page.text.contains(HTML(text: step).description), "\(step)") }
                #expect(page.text.contains("class=\"check failed\"") && page.text.contains("started by admin"))
            }
            let report = try await browser.call("GET", "/connections/\(connection.id)/tests/1").json
            #expect(report["report"]?["problem"]?["code"] == "auth.invalid_client" && report["startedBy"] == "admin")
            let list = try await browser.call("GET", "/connections/\(connection.id)/tests").json["tests"]?.elements
            #expect(list?.count == 1 && list?.first?["report"] == nil)
            let other = try await fixture.connect("other")
            #expect(try await browser.get("/integrations/\(other.id)/tests/1").status == 404, "A report belongs to its connection.")
        }
    }

    @Test func theFormLinksTheReportOfWhatIsSavedAndKeepsNoneOfOtherSettings() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let path = "/integrations/\(connection.id)/settings"
            let saved = try await browser.post(path, [("tenant", "acme"), ("mode", "works"), ("action", "test")])
            #expect(saved.text.contains("href=\"/integrations/\(connection.id)/tests/1\""))
            let changed = try await browser.post(path, [("tenant", "acme"), ("mode", "refused"), ("action", "test")])
            #expect(changed.status == 200 && !changed.text.contains("/tests/2"))
            #expect(try await fixture.services.storage.connectionTests(of: connection.id).count == 1)
        }
    }

    @Test func theLatestTwentyAreKept() async throws {
        let fixture = try await HostFixture()
        let (connection, other) = (try await fixture.saved(), try await fixture.saved(["server": "https://other.example.com"]))
        _ = try await fixture.storage.keepTest("{}", .connected, of: other.id, startedBy: "(system)", at: .sampleNow)
        var last: Int64?
        for number in 0..<25 {
            last = try await fixture.storage.keepTest(
                "{}", .limited, of: connection.id, startedBy: "(system)", at: .sampleNow + Double(number))
        }
        let kept = try await fixture.storage.connectionTests(of: connection.id)
        #expect(kept.count == ConnectionTestReport.maxReports && kept.first?.id == last && kept.first?.at == .sampleNow + 24)
        #expect(try await fixture.storage.connectionTests(of: other.id).count == 1)
        try await fixture.storage.removeConnection(connection.id, audit: .sample(.connectionRemoved))
        #expect(try await fixture.storage.connectionTests(of: connection.id).isEmpty)
        #expect(try await fixture.storage.keepTest("{}", .limited, of: connection.id, startedBy: "x", at: .sampleNow) == nil)
    }

    @Test func aHugeReportIsShortened() throws {
        let long = String(repeating: "long ", count: 400)
        var report = ConnectionReport.ending(.failed, .authInvalidClient)
        report.checks += (0..<100).map { _ in ConnectionCheck(.reachable, .passed, evidence: CoreMessage.nearestName(long)) }
        let stored = ConnectionTestReport.stored(report)
        #expect(stored.utf8.count <= ConnectionTestReport.maxReportBytes)
        let root = try JSONDocument(Array(stored.utf8)).root
        #expect(root["headline"]?.string == report.headline && root["problem"]?["code"]?.string == "auth.invalid_client")
    }
}

@Suite("Use of rate limits")
struct TenantUsageTests {
    @Test func whatSeveralProcessesSendIsAddedInQuartersOfAnHour() async throws {
        let storage = try await DatabaseStorage.empty()
        let time = ManualClock(movesBySleeping: false, random: 0.5)
        let processes = (0..<2).map { _ in TenantRateLimits(pace: RateLimit(500, per: .seconds(300))) }
        let recorders = processes.map { TenantUsageRecorder(tenants: $0, store: storage, time: time.source) }
        let limiters = processes.map { $0.budget(for: "acme", pace: nil, time: time.source) }
        for limiter in limiters { for _ in 0..<7 { try await limiter.acquire() } }
        await limiters[0].noteRefusal(nil)
        for recorder in recorders { await recorder.record() }
        for recorder in recorders { await recorder.record() }
        let start = TenantUsage.beginning(time.now)
        #expect(
            try await storage.usage(of: "acme", since: start) == [
                TenantUsage(beginsAt: start, usage: RequestUsage(requests: 14, refusals: 1))
            ])
        #expect(try await storage.usage(of: "other", since: .distantPast).isEmpty)
        await storage.close()
    }

    @Test func anIntervalIsRemovedAfterTwoDays() async throws {
        let storage = try await DatabaseStorage.empty()
        for hour in 0...60 {
            try await storage.addUsage(["acme": RequestUsage(requests: 1)], at: .sampleNow + Double(hour) * 3_600)
        }
        let kept = try await storage.usage(of: "acme", since: .distantPast)
        #expect(kept.count == 49 && kept.first?.beginsAt == TenantUsage.beginning(.sampleNow + 12 * 3_600))
        await storage.close()
    }

    @Test func whatCannotBeStoredIsStoredWithTheNextMinute() async throws {
        let storage = try await DatabaseStorage.empty()
        let tenants = TenantRateLimits(pace: nil)
        let time = ManualClock(movesBySleeping: false, random: 0.5)
        try await tenants.budget(for: "acme", pace: nil, time: time.source).acquire()
        await TenantUsageRecorder(tenants: tenants, store: FailingUsage(), time: time.source).record()
        await TenantUsageRecorder(tenants: tenants, store: storage, time: time.source).record()
        #expect(try await storage.usage(of: "acme", since: .distantPast).map(\.usage.requests) == [1])
        await storage.close()
    }

    @Test func whatIsNotStoredYetIsShownAndIsCountedOnce() async throws {
        let tenants = TenantRateLimits(pace: RateLimit(500, per: .seconds(300)))
        let time = ManualClock(movesBySleeping: false, random: 0.5)
        let limiter = tenants.budget(for: "acme", pace: nil, time: time.source)
        for _ in 0..<7 { try await limiter.acquire() }
        #expect(tenants.untakenUsage(of: "acme") == RequestUsage(requests: 7) && tenants.untakenUsage(of: "acme").requests == 7)
        #expect(tenants.untakenUsage(of: "other") == RequestUsage())
        #expect(tenants.takeUsage() == ["acme": RequestUsage(requests: 7)] && tenants.untakenUsage(of: "acme") == RequestUsage())
    }

    @Test func theOverviewShowsTheWindowAndTheHours() async throws {
        let fixture = try await HostFixture()
        let start = TenantUsage.beginning(fixture.time.now)
        let use = RateLimitUse(
            limit: RateLimit(500, per: .seconds(300)), used: 120,
            intervals: (0..<RateLimitUse.intervalCount).map {
                TenantUsage(
                    beginsAt: start + Double($0) * TenantUsage.interval, usage: RequestUsage(requests: 2, refusals: $0 == 0 ? 1 : 0))
            })
        #expect(use.hours.count == 24 && use.hours.allSatisfy { $0.usage.requests == 8 } && use.hours[0].usage.refusals == 1)
        #expect(use.total == RequestUsage(requests: 192, refusals: 1))
        #expect(use.json["used"] == 120 && use.json["windowSeconds"] == 300)
        let connection = try await fixture.saved()
        #expect(try await fixture.service.rateLimitUse(of: connection).limit == nil, "This connector has no rate limit.")
    }

    private struct FailingUsage: TenantUsageStore {
        func addUsage(_ usage: [String: RequestUsage], at time: Date) async throws { throw StorageFailure.full }
        func usage(of tenant: String, since time: Date) async throws -> [TenantUsage] { [] }
        func sharedWindow(of tenant: String) async throws -> SharedRateWindow? { nil }
    }
}

@Suite("Guidance of issues")
struct IssueGuidanceTests {
    @Test func thatOfTheLastOccurrenceIsKeptWhileTheIssueIsOpen() async throws {
        let fixture = try await HostFixture()
        let connection = try await fixture.saved()
        func problem() async throws -> String? {
            try await fixture.storage.issues(of: connection.id).first { $0.code == .networkTimeout }?.problem
        }
        for text in [#"{"title":"first"}"#, #"{"title":"second"}"#] {
            try await fixture.storage.recordIssue(.networkTimeout, problem: text, of: connection.id, at: .sampleNow)
            #expect(try await problem() == text)
        }
        try await fixture.storage.recordIssue(.networkTimeout, of: connection.id, at: .sampleNow)
        #expect(try await problem() == #"{"title":"second"}"#)
        try await fixture.storage.resolveIssues(of: connection.id, areas: .all, at: .sampleNow)
        try await fixture.storage.recordIssue(.networkTimeout, of: connection.id, at: .sampleNow)
        #expect(try await problem() == nil, "An issue that opens again starts without guidance.")
    }

    @Test func aLongOneIsShortenedAndStaysJSON() throws {
        var error = PSAError(.networkTimeout, values: [.host: .verbatim(String(repeating: "a", count: 200_000))])
        error.request = String(repeating: "b", count: 50_000)
        let stored = try #require(ConnectionIssue.stored(error.problem.encodedText))
        #expect(stored.utf8.count <= ConnectionIssue.maxProblemBytes)
        let root = try JSONDocument(Array(stored.utf8)).root
        #expect(root["code"]?.string == "network.timeout" && !(root["steps"]?.elements ?? []).isEmpty)
        #expect(ConnectionIssue.stored(String(repeating: "x", count: 20_000)) == nil, "What is not JSON is not kept.")
    }

    @Test func anIssueWithoutStoredGuidanceHasThatOfItsCode() throws {
        let issue = ConnectionIssue(
            connection: ConnectionID(), code: .syncStale, firstSeenAt: .sampleNow, lastSeenAt: .sampleNow, count: 1)
        let root = try JSONDocument(Array(issue.guidance(nil).utf8)).root
        #expect(root["title"]?.string == PSAError(.syncStale).guidance.title && root["correlationID"] == nil)
    }

    @Test func guidanceOfAnEarlierVersionIsReadInGermanAsFarAsItsCodeGoes() throws {
        var error = PSAError(.networkTimeout, values: [.host: .verbatim("acme.example.com")])
        error.vendor = VendorReply(status: 504, message: "Gateway time-out")
        // Earlier versions stored English alone.
        let issue = ConnectionIssue(
            connection: ConnectionID(), code: .networkTimeout, firstSeenAt: .sampleNow, lastSeenAt: .sampleNow, count: 1,
            problem: error.problem.encodedText)
        let german = PSAError(.networkTimeout).guidance(in: TextRenderer(.german))
        let read = try #require(TranslatedJSON.read(issue.guidance(nil), in: .german))
        #expect(read["title"]?.string == german.title && german.title != error.guidance.title)
        #expect(read["steps"]?.elements.first?.string == german.everyStep.first)
        #expect(read["causes"]?.elements.compactMap { $0["text"]?.string }.sorted() == german.causes.map(\.text).sorted())
        #expect(read["detail"]?.string == error.guidance.detail && read["vendor"]?["message"]?.string == "Gateway time-out")
        let english = try #require(TranslatedJSON.read(issue.guidance(nil)))
        #expect(
            JSONValue(english) == JSONValue(try JSONDocument(error.problem.encoded).root), "The English words stay as they were stored.")
        // What has translations is read as it is stored, and what is no JSON is not touched.
        for text in [error.storedProblem, "no JSON", "[]"] {
            let kept = ConnectionIssue(
                connection: ConnectionID(), code: .networkTimeout, firstSeenAt: .sampleNow, lastSeenAt: .sampleNow, count: 1, problem: text)
            #expect(kept.guidance(nil) == text)
        }
    }

    @Test func aCauseThatItsCodeHasNotAnyMoreStaysInEnglish() throws {
        let stored =
            #"{"title":"Old","causes":[{"id":"gone","text":"An old cause.","steps":["Do the old thing."]}],"steps":["Do the old thing."]}"#
        let issue = ConnectionIssue(
            connection: ConnectionID(), code: .networkTimeout, firstSeenAt: .sampleNow, lastSeenAt: .sampleNow, count: 1, problem: stored)
        let read = try #require(TranslatedJSON.read(issue.guidance(nil), in: .german))
        #expect(read["title"]?.string == PSAError(.networkTimeout).guidance(in: TextRenderer(.german)).title)
        #expect(read["causes"]?.elements.first?["text"]?.string == "An old cause.")
        #expect(read["steps"]?.elements.compactMap(\.string) == ["Do the old thing."])
    }
}

@Suite("Diagnostics for support")
struct ConnectionDiagnosticsTests {
    @Test func tellWhatIsKnownAndNoSecret() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect("broken", mode: .refused)
            let browser = try await fixture.signIn()
            _ = try await browser.post("/integrations/\(connection.id)/check")
            // What reached a log line or a report in spite of all.
            let secret = ConfigurableConnector.secret
            var error = PSAError(.authInvalidClient, values: [.host: .verbatim(secret)])
            error.request = "GET /token?secret=\(PercentEncoding.component(secret))"
            try await fixture.services.storage.recordIssue(
                .authInvalidClient, problem: error.problem.encodedText, of: connection.id, at: fixture.time.now)
            fixture.services.log.record(
                .warning, "leak", [("connection", .string(connection.id.rawValue)), ("detail", .string("the secret is \(secret)"))])
            fixture.services.log.record(.info, "other", [("connection", .string("another"))])
            let file = try await browser.get("/integrations/\(connection.id)/diagnostics")
            #expect(file.status == 200 && file.headers["Content-Disposition"]?.hasPrefix("attachment;") == true)
            let answer = try await browser.call("GET", "/connections/\(connection.id)/diagnostics")
            for text in [file.text, answer.text] {
                #expect(!text.contains(secret) && !text.contains(PercentEncoding.component(secret)))
            }
            let json = answer.json
            #expect(json["connection"]?["storedSecrets"] == ["password"] && json["connection"]?["settings"]?["mode"] == "refused")
            #expect(json["overview"]?["state"]?["kind"] == "needs_attention" && json["tests"]?.elements.count == 1)
            #expect(json["versions"]?["database"]?.string?.isEmpty == false)
            let events = json["log"]?.elements.compactMap { $0["event"]?.string } ?? []
            #expect(events.contains("leak") && !events.contains("other"))
        }
    }

    @Test func theTextForSupportNamesWhatFindsTheFailure() throws {
        var error = PSAError(
            .authInvalidClient, request: "POST /auth/token", vendor: VendorReply(status: 401, code: "invalid_client"))
        error.connector = ConnectorID("halopsa")
        let root = try JSONDocument(error.problem.encoded).root
        let text = SupportText(problem: root, at: .sampleNow, versions: "API 1").text
        for line in [
            "Code: auth.invalid_client", "Title: \(error.guidance.title)", "Correlation id: \(error.correlationID)",
            "Request: POST /auth/token", "Status: HTTP 401", "Vendor code: invalid_client", "Connector: halopsa", "Versions: API 1",
            "Time: 2026-",
        ] {
            #expect(text.contains(line), "\(line)")
        }
        #expect(SupportText(problem: nil, at: nil, versions: "").text.isEmpty)
    }

    @Test func theLogOfTheProcessKeepsItsLatestLines() {
        let log = HostLog(sink: RecordingSink(), time: .system)
        for number in 0..<(RecentLogLines.maxLines + 20) { log.record(.info, "line\(number)") }
        let lines = log.recent.all
        #expect(lines.count == RecentLogLines.maxLines)
        #expect(lines.first?.contains("\"line20\"") == true && lines.last?.contains("\"line519\"") == true)
        log.record(.info, String(repeating: "x", count: 10_000))
        #expect(log.recent.all.last?.count == RecentLogLines.maxLineLength)
    }
}
