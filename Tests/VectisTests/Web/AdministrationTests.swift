import FoundationEssentials
import PSACore
import PSATesting
import Testing
import WebServer

@testable import PSAEngine
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("What pages say to an administrator") struct AdministrationTests {
    private static func rule(_ connection: StoredConnection, _ fixture: WebFixture) async throws -> Rule {
        let rule = Rule.sample(.sample(connection: connection.id), mode: .active)
        try await fixture.services.storage.add(rule, audit: .sample(.ruleCreated))
        return rule
    }

    private static func add(_ state: TicketJob.State, _ id: String, _ rule: Rule, _ fixture: WebFixture) async throws -> TicketJob.ID {
        let event = HostEvent.sample(senderID: id, receivedAt: fixture.time.now)
        _ = try await fixture.services.storage.accept(event, from: nil) { event, _, _ in [RuleEngine.decision(event, rule, state)] }
        return try #require(try await fixture.services.storage.engine.latestJob())
    }

    // MARK: Another tenant

    @Test func jobsOnHoldAreCountedBeforeAConnectionLeadsToAnotherTenantAndSayWhereTheyGoAfterwards() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let rule = try await Self.rule(connection, fixture)
            let job = try await Self.add(.needsReview(.rateLimited), "1", rule, fixture)
            _ = try await Self.add(.needsReview(.outcomeUnknown), "2", rule, fixture)
            let browser = try await fixture.signIn()
            #expect(try await !browser.get("/jobs/\(job.rawValue)").text.contains("led to another tenant"))
            let settings: JSONValue = ["tenant": "other", "password": "another"]
            let path = "/connections/\(connection.id)"
            let asked = try await browser.call("PUT", path, ["revision": 1, "settings": settings, "acceptUntested": true])
            #expect(asked.status == 409 && asked.json["openJobs"] == 2)
            let moved = try await browser.call(
                "PUT", path, ["revision": 1, "settings": settings, "acceptUntested": true, "acceptOtherTenant": true])
            #expect(moved.status == 200)
            let sentence = "It was made while the connection led to another tenant. Sent now, it goes to other."
            for page in ["/jobs/\(job.rawValue)", "/jobs", "/rules/\(rule.id)"] {
                #expect(try await browser.get(page).text.contains(sentence), "\(page)")
            }
            let release = try await browser.get("/rules/\(rule.id)/confirm?action=release").text
            #expect(release.contains("1 of them was made while “Acme” led to another tenant. It goes to other."))
            let bulk = try await browser.post("/jobs/bulk", [("do", "resend-all")]).text
            #expect(bulk.contains("1 of them was made while “Acme” led to another tenant. It goes to other."))
        }
    }

    // MARK: A removed connection

    @Test func theRemovalOfAConnectionNamesJobsOfUnknownOutcomeAndOnHold() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let rule = try await Self.rule(connection, fixture)
            _ = try await Self.add(.needsReview(.rateLimited), "1", rule, fixture)
            _ = try await Self.add(.needsReview(.outcomeUnknown), "2", rule, fixture)
            _ = try await Self.add(.unknown, "3", rule, fixture)
            let page = try await fixture.signIn().get("/integrations/\(connection.id)/remove").text
            #expect(page.contains("The outcome of 2 jobs is unknown. Vectis can’t search for them any more."))
            #expect(page.contains("1 job is on hold. It can’t be sent any more, only discarded."))
            #expect(page.contains("1 rule uses it.") && page.contains("is active now. It is paused until"))
        }
    }

    @Test(arguments: ["send", "adopt"]) func aJobOfARemovedConnectionIsOnlyDiscarded(_ choice: String) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let rule = try await Self.rule(connection, fixture)
            let job = try await Self.add(.needsReview(.outcomeUnknown), "1", rule, fixture)
            try await fixture.services.connections.remove(connection, audit: .sample(.connectionRemoved))
            let browser = try await fixture.signIn()
            let page = try await browser.get("/jobs/\(job.rawValue)").text
            #expect(page.contains("Its connection was removed, so Vectis can’t search for it."))
            #expect(page.contains("value=\"drop\"") && !page.contains("value=\"send\"") && !page.contains("value=\"adopt\""))
            let path = "/jobs/\(job.rawValue)/decide"
            let refused = try await browser.post(path, [("choice", choice), ("ticket", "1"), ("seen", "outcome_unknown")])
            #expect(refused.status == 409 && refused.text.contains("The connection of this job was removed"))
            let discarded = try await browser.post(path, [("choice", "drop"), ("seen", "outcome_unknown")])
            #expect(discarded.status == 303)
            #expect(try await fixture.services.storage.job(job)?.state == .dropped)
        }
    }

    @Test func aJobThatDidNotFailIsNotSaidToHaveBeenChangedByAnother() async throws {
        try await WebFixture.with { fixture in
            let rule = try await Self.rule(try await fixture.connect(), fixture)
            let job = try await Self.add(.needsReview(.rateLimited), "1", rule, fixture)
            let answer = try await fixture.signIn().get("/jobs/\(job.rawValue)/correct")
            #expect(answer.status == 409 && answer.text.contains("Only a job that failed can be corrected"))
        }
    }

    // MARK: Days

    @Test func filtersMeanDaysOfTheZoneInWhichTimesAreShown() async throws {
        try await WebFixture.with { fixture in
            // At 10:30 UTC it is the next day in Kiritimati, UTC+14.
            let zone = try #require(TimeZone(identifier: "Pacific/Kiritimati"))
            let rule = try await Self.rule(try await fixture.connect(), fixture)
            let midnight = fixture.time.now.timeIntervalSince1970.truncatingRemainder(dividingBy: 86_400)
            fixture.time.advance(by: 86_400 - midnight + 10.5 * 3_600)
            let today = FilterDay.text(fixture.time.now, in: .gmt)
            let tomorrow = FilterDay.text(fixture.time.now.addingTimeInterval(86_400), in: .gmt)
            _ = try await Self.add(.waiting, "1", rule, fixture)
            let browser = try await fixture.signIn()
            try await fixture.services.storage.append(.sample(.ruleChanged, at: fixture.time.now))
            let local = [("Cookie", "\(browser.cookie); vectis_zone=\(zone.identifier)")]
            for path in ["/events", "/jobs", "/audit"] {
                func answer(_ day: String, _ headers: [(String, String)]) async throws -> String {
                    try await fixture.send("GET", "\(path)?from=\(day)&to=\(day)", headers).text
                }
                #expect(try await !answer(tomorrow, local).contains("Widen the dates"), "\(path)")
                #expect(try await answer(tomorrow, [("Cookie", browser.cookie)]).contains("Widen the dates"), "\(path)")
                #expect(try await !answer(today, [("Cookie", browser.cookie)]).contains("Widen the dates"), "\(path)")
            }
            #expect(try await browser.call("GET", "/jobs?from=\(today)&to=\(today)").json["jobs"]?.elements.count == 1)
        }
    }

    @Test func aDayWithAChangeOfClocksHasAnotherLength() throws {
        let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
        let day = try #require(FilterDay("2026-10-25", in: berlin))
        #expect(day.end.timeIntervalSince(day.start) == 25 * 3_600)
        #expect(FilterDay("2026-02-30", in: berlin) == nil && FilterDay("foo", in: berlin) == nil)
        #expect(FilterDay.text(day.start, in: berlin) == "2026-10-25")
    }

    @Test(arguments: ["/events?from=foo&device=SRV", "/jobs?from=foo&device=SRV", "/audit?from=foo&target=SRV"])
    func aWrongFilterKeepsWhatWasTypedAndSaysTheProblemAtItsField(_ path: String) async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let answer = try await browser.get(path)
            #expect(answer.status == 422 && answer.text.contains("value=\"SRV\"") && answer.text.contains("value=\"foo\""))
            #expect(answer.text.contains("id=\"filter-from\" name=\"from\" aria-invalid=\"true\" aria-describedby=\"filter-from-problem\""))
            #expect(answer.text.contains("href=\"#filter-from\">From</a>: This is no date such as 2026-11-24."))
            let german = try await browser.get(path, [("Accept-Language", "de")]).text
            #expect(german.contains("Das ist kein Datum wie 2026-11-24.") && !german.contains("has to be"))
        }
    }

    // MARK: Connections

    @Test func aConnectionThatOnlyGetsAnotherNameStaysTestedAndKeepsTheTimeOfItsState() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            #expect(try await browser.post("/integrations/\(connection.id)/check").status == 303)
            fixture.time.advance(by: 600)
            let path = "/connections/\(connection.id)"
            let before = try await browser.call("GET", path).json
            let renamed = try await browser.call("PUT", path, ["revision": 1, "name": "Other name"])
            #expect(renamed.status == 200 && renamed.json["name"] == "Other name", "\(renamed.text)")
            #expect(renamed.json["state"] == before["state"] && before["state"]?["kind"] == "connected")
        }
    }

    @Test func aNameThatIsTooLongIsRefusedAndNotCut() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let long = String(repeating: "N", count: 81)
            let refused = try await browser.call(
                "PUT", "/connections/\(connection.id)", ["revision": 1, "name": .string(long), "acceptUntested": true])
            #expect(refused.status == 422 && refused.text.contains("A name has at most 80 characters."))
            let page = try await browser.post(
                "/integrations/\(connection.id)/settings",
                [("connection-name", long), ("revision", "1"), ("tenant", "acme"), ("action", "save"), ("accept-untested", "on")])
            #expect(page.status == 422 && page.text.contains("href=\"#field-connection-name\"") && page.text.contains(long))
            #expect(try await fixture.services.storage.connection(connection.id)?.name == "Acme")
        }
    }

    // MARK: Links and words

    @Test func anEventCallsARuleThatWaitsPaused() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            _ = try await Self.rule(connection, fixture)
            let event = try await fixture.services.events.accept(.sample(senderID: "1", receivedAt: fixture.time.now)).event
            let browser = try await fixture.signIn()
            #expect(try await browser.get("/events/\(event.rawValue)").text.contains("<p class=\"help\">Active"))
            try await fixture.services.connections.remove(connection, audit: .sample(.connectionRemoved))
            let page = try await browser.get("/events/\(event.rawValue)").text
            #expect(page.contains("<p class=\"help\">Paused") && !page.contains("<p class=\"help\">Active"))
        }
    }

    @Test func theTitleOfAnErrorsPageNamesTheError() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            func title(_ code: String) async throws -> Substring {
                let text = try await browser.get("/errors/\(code)").text
                return try #require(text.split(separator: "<title>").dropFirst().first?.prefix { $0 != "<" })
            }
            let titles = [try await title("config.missing_field"), try await title("usage.invalid")]
            #expect(titles[0] != titles[1] && titles.allSatisfy { $0.contains("Error reference") })
        }
    }

    // MARK: Forms

    @Test func aTypedSecretOfAContactPointIsKeptWhileOtherFieldsAreCorrected() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let fields = [
                ("kind", "email"), ("name", "Mail"), ("server", "smtp.example.com"), ("port", "587"), ("security", "starttls"),
                ("user", "vectis"), ("sender", "vectis@example.com"), ("kinds", ConditionKind.allCases[0].rawValue),
                ("allConnections", "on"), ("groupingMinutes", "10"), ("enabled", "on"),
            ]
            let wrong = try await browser.post("/notifications/new", fields + [("password", "s3cret-word"), ("recipients", "nobody")])
            #expect(wrong.status == 422 && !wrong.text.contains("s3cret-word"))
            #expect(wrong.text.contains("The value you entered is kept for this form."))
            let kept = try #require(wrong.text.firstMatch(of: /name="carried\.password" value="([^"]+)"/)).1
            let saved = try await browser.post(
                "/notifications/new", fields + [("password", ""), ("carried.password", String(kept)), ("recipients", "a@example.com")])
            #expect(saved.status == 303, "\(saved.text)")
            let point = try #require(try await fixture.services.storage.contactPoints().first?.point)
            #expect(point.password != nil)
        }
    }

    @Test func theResultOfATestTicketHasAnAddressAndASecondUseOfTheFormCreatesNothing() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let path = "/integrations/\(connection.id)/ticket-defaults"
            let number = try #require(try await browser.get(path).text.firstMatch(of: /name="once" value="([^"]+)"/)).1
            let first = try await browser.post(path + "/test-ticket", [("once", String(number))])
            let second = try await browser.post(path + "/test-ticket", [("once", String(number))])
            let location = try #require(first.headers["Location"])
            #expect(first.status == 303 && second.headers["Location"] == location && location.hasSuffix("#test-ticket-result"))
            #expect(try await fixture.audit().count { $0.action == .testTicketCreated } == 1)
            let result = try await browser.get(String(location.prefix { $0 != "#" })).text
            #expect(result.contains("id=\"test-ticket-result\" tabindex=\"-1\" autofocus"))
            let other = try await fixture.signIn().get(String(location.prefix { $0 != "#" })).text
            #expect(!other.contains("test-ticket-result"))
        }
    }

    @Test func aSecondUseOfTheFormForAnAPIKeyMakesNoSecondKey() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let number = try #require(try await browser.get("/api-keys").text.firstMatch(of: /name="once" value="([^"]+)"/)).1
            let fields = [("name", "Monitor"), ("scope", "events:send"), ("once", String(number))]
            let first = try await browser.post("/api-keys", fields)
            let second = try await browser.post("/api-keys", fields)
            let location = try #require(first.headers["Location"])
            #expect(first.status == 303 && second.headers["Location"] == location)
            #expect(try await fixture.services.storage.tokens().count == 1)
            #expect(try await browser.get(location).text.contains("<code id=\"token\">vectis_"))
            #expect(try await !fixture.signIn().get(location).text.contains("<code id=\"token\">"))
        }
    }

    @Test func aSecondUseOfTheFormSendsNoSecondTestEvent() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let made = try await browser.post("/api-keys", [("name", "Monitor"), ("scope", "events:send")])
            let path = try #require(made.text.firstMatch(of: /action="(\/api-keys\/[^"\/]+)\/test-event"/)).1
            let form = try await browser.get(String(path)).text
            let number = try #require(form.firstMatch(of: /name="once" value="([^"]+)"/)).1
            let first = try await browser.post("\(path)/test-event", [("once", String(number))])
            let second = try await browser.post("\(path)/test-event", [("once", String(number))])
            #expect(first.status == 303 && second.headers["Location"] == first.headers["Location"])
            #expect(try await fixture.services.storage.events(before: nil, limit: 5).count == 1)
        }
    }

    @Test func thePreviewOfARuleNamesOnlyConditionsAsToBeCorrected() async throws {
        try await WebFixture.with { fixture in
            let rule = try await Self.rule(try await fixture.connect(), fixture)
            _ = try await Self.add(.waiting, "1", rule, fixture)
            let browser = try await fixture.signIn()
            let sentence = "A condition has to be corrected first; until then it matches nothing."
            #expect(try await !browser.get("/rules/new").text.contains("has to be corrected first"))
            #expect(
                try await browser.post(
                    "/rules/preview",
                    [
                        ("groups", "1"), ("group0.test0.field", "hour"), ("group0.test0.comparison", "between_hours"),
                        ("group0.test0.value", "x"),
                    ]
                ).text.contains(sentence))
        }
    }

    @Test func aMissingTicketIDAndAnEmptySelectionAreSaidWhereTheyWereMade() async throws {
        try await WebFixture.with { fixture in
            let rule = try await Self.rule(try await fixture.connect(), fixture)
            let job = try await Self.add(.needsReview(.outcomeUnknown), "1", rule, fixture)
            let browser = try await fixture.signIn()
            let answer = try await browser.post("/jobs/\(job.rawValue)/decide", [("choice", "adopt"), ("seen", "outcome_unknown")])
            #expect(answer.status == 422 && answer.text.contains("id=\"ticket-\(job.rawValue)-problem\""))
            #expect(answer.text.contains("aria-describedby=\"ticket-\(job.rawValue)-problem\" autofocus"))
            let none = try await browser.post("/jobs/bulk", [("do", "resend-selected"), ("device", "SRV"), ("before", "9")])
            #expect(none.status == 422 && none.text.contains("Select 1 to 200 jobs first.") && none.text.contains("value=\"SRV\""))
        }
    }

    @Test func aPageThatDoesNotExistHasTheMenuAndAnAddressOfAFormLeadsToItsPage() async throws {
        try await WebFixture.with { fixture in
            let rule = try await Self.rule(try await fixture.connect(), fixture)
            let browser = try await fixture.signIn()
            let missing = try await browser.get("/nonexistent")
            #expect(
                missing.status == 404 && missing.text.contains("The menu leads to every page") && missing.text.contains("href=\"/rules\""))
            let stranger = try await fixture.send("GET", "/nonexistent")
            #expect(stranger.status == 404 && !stranger.text.contains("The menu") && !stranger.text.contains("href=\"/rules\""))
            let pages = [
                ("/rules/\(rule.id)/replay", "/rules/\(rule.id)"), ("/jobs/bulk", "/jobs"), ("/jobs/bulk/confirmed", "/jobs"),
                ("/account/preferences", "/account"),
            ]
            for (address, page) in pages {
                let answer = try await browser.get(address)
                #expect(answer.status == 303 && answer.headers["Location"] == page, "\(address)")
            }
            #expect(try await browser.post("/events").status == 405)
        }
    }

    @Test func aHostThatDoesNotSyncSaysThatARequestedSyncWaits() async throws {
        try await WebFixture.with(.inProcess, .init(isSyncing: false)) { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let answer = try await browser.post("/connections/\(connection.id)/sync", [("kind", "now")])
            let page = try await browser.get(try #require(answer.headers["Location"])).text
            #expect(page.contains("It waits until Vectis is started without --no-sync.") && !page.contains("begins within seconds"))
        }
    }

    @Test func anAccountIsMadeAnAdministratorOnlyAfterAQuestion() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let name = try #require(AccountName("viewer"))
            let asked = try await browser.post("/accounts/viewer/role", [("role", "admin")])
            #expect(asked.status == 200 && asked.text.contains("Make “viewer” an administrator?"))
            #expect(try await fixture.services.storage.account(name)?.role == .viewer)
            #expect(try await browser.post("/accounts/viewer/role", [("role", "admin"), ("confirmed", "yes")]).status == 303)
            #expect(try await fixture.services.storage.account(name)?.role == .admin)
        }
    }

    @Test func aSignedInPageHoldsTheSentenceForASessionThatHasEnded() async throws {
        try await WebFixture.with { fixture in
            let account = try await fixture.signIn().get("/account").text
            let signIn = try await fixture.send("GET", "/sign-in").text
            #expect(account.contains("<template id=\"signed-out\">") && !signIn.contains("signed-out"))
        }
    }
}
