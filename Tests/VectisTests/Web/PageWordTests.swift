import FoundationEssentials
import PSACore
import PSATesting
import Testing
import WebServer
@testable import PSAEngine
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisWeb

/// Pages say one thing about one state, and lead to what can be done about it.
@Suite("What pages say of a state") struct PageWordTests {
    private static func add(_ state: TicketJob.State, company: String = "", _ rule: Rule, _ fixture: WebFixture) async throws
        -> TicketJob.ID
    {
        var event = HostEvent.sample(senderID: "\(state.name)", receivedAt: fixture.time.now)
        event.company = company
        _ = try await fixture.services.storage.accept(event, from: nil) { event, _, _ in [RuleEngine.decision(event, rule, state)] }
        return try #require(try await fixture.services.storage.engine.latestJob())
    }

    private static func title(_ page: String) -> String? { page.firstMatch(of: /<title>([^<]*)<\/title>/).map { String($0.1) } }

    // MARK: Rules

    @Test func aRuleThatMatchedInDryRunHasFired() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let empty = try await browser.get("/rules").text
            #expect(
                empty.contains("There is no rule yet.") && !empty.contains("No rule has fired yet."), "A page without rules says so once.")
            let connection = try await fixture.connect()
            #expect(try await browser.get("/rules").text.contains("<a class=\"button primary\" href=\"#new-rule\">"))
            let rule = Rule.sample(.sample(connection: connection.id), mode: .dryRun)
            try await fixture.services.storage.add(rule, audit: .sample(.ruleCreated))
            #expect(try await browser.get("/rules").text.contains("No rule has fired yet."))
            _ = try await Self.add(.wouldCreate, rule, fixture)
            let fired = try await browser.get("/rules").text
            #expect(fired.contains("Would create: 1") && !fired.contains("No rule has fired yet."))
        }
    }

    @Test func aPausedRuleSaysWhyBesideItsStateAndLeadsToItsConnection() {
        let connection = ConnectionID()
        let line = RuleStateLine(rule: Rule.sample(.sample(connection: connection), pause: .refused(.authInvalidClient))).html.description
        #expect(line.contains("<span class=\"state\">Paused</span> because the PSA rejected a ticket"))
        #expect(line.contains("href=\"/integrations/\(connection)\">To the connection"))
    }

    @Test func aPageThatAsksBeforeItActsIsCalledByItsQuestion() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let rule = Rule.sample(.sample(connection: connection.id), mode: .dryRun)
            try await fixture.services.storage.add(rule, audit: .sample(.ruleCreated))
            let browser = try await fixture.signIn()
            for (action, verb) in [("active", "Promote"), ("remove", "Remove")] {
                let page = try await browser.get("/rules/\(rule.id)/confirm?action=\(action)").text
                #expect(Self.title(page) == "\(verb) “Backup failed”? · Vectis")
            }
        }
    }

    @Test(arguments: [("en", "“Critical”", "“SRV-1”"), ("de", "„Kritisch“", "„SRV-1“")])
    func aConditionNamesSeveritiesAsPagesDoAndQuotesAsTheLanguageDoes(language: String, severity: String, device: String) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let tests = [
                Condition(field: .severity, comparison: .atLeast, value: "critical"),
                Condition(field: .device, comparison: .equals, value: "SRV-1"),
            ]
            let rule = Rule.sample(.sample(connection: connection.id, groups: [ConditionGroup(tests: tests)]))
            try await fixture.services.storage.add(rule, audit: .sample(.ruleCreated))
            let page = try await fixture.signIn().get("/rules/\(rule.id)", [("Accept-Language", language)]).text
            #expect(page.contains(severity) && page.contains(device))
        }
    }

    // MARK: Jobs

    @Test func aCompanyThatWasNotFoundLeadsOperatorsToWhereItIsMapped() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let rule = Rule.sample(.sample(connection: connection.id))
            try await fixture.services.storage.add(rule, audit: .sample(.ruleCreated))
            let id = try await Self.add(.waiting, company: "Boreal Dental", rule, fixture)
            let storage = fixture.services.storage
            let holder = ProcessID()
            _ = try await storage.engine.leaseNext(for: connection.id, by: holder, now: fixture.time.now, lease: .seconds(60))
            #expect(try await storage.engine.recordIntent(id, on: nil, for: .unresolved(.notFound), by: holder, now: fixture.time.now))
            let link = "<a href=\"/rules/companies\">Say which one it is</a>"
            #expect(try await fixture.signIn().get("/jobs/\(id.rawValue)").text.contains(link))
            let viewer = try await fixture.signIn("viewer").get("/jobs/\(id.rawValue)").text
            #expect(viewer.contains("The ticket names it in its text.") && !viewer.contains("/rules/companies"))
        }
    }

    @Test func anEventLeadsToItsTicket() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let rule = Rule.sample(.sample(connection: connection.id))
            try await fixture.services.storage.add(rule, audit: .sample(.ruleCreated))
            let ticket = PostedTicket(id: "7", number: "T-7", webAddress: "https://psa.example.com/7", company: nil)
            let id = try await Self.add(.waiting, rule, fixture)
            let engine = fixture.services.storage.engine
            let holder = ProcessID()
            _ = try await engine.leaseNext(for: connection.id, by: holder, now: fixture.time.now, lease: .seconds(60))
            let outcome = JobOutcome(state: .created(ticket), attempts: 1, dueAt: fixture.time.now)
            #expect(try await engine.complete(id, by: holder, outcome, at: fixture.time.now))
            let page = try await fixture.signIn().get("/events/1").text
            #expect(page.contains("· Ticket <a href=\"https://psa.example.com/7\""))
        }
    }

    @Test func aDryRunDoesNotPromiseToLookACompanyUp() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let rule = Rule.sample(.sample(connection: connection.id), mode: .dryRun)
            try await fixture.services.storage.add(rule, audit: .sample(.ruleCreated))
            let id = try await Self.add(.wouldCreate, company: "Boreal Dental", rule, fixture)
            let page = try await fixture.signIn().get("/jobs/\(id.rawValue)").text
            #expect(page.contains("A dry run does not look it up.") && !page.contains("It is looked up when"))
        }
    }

    @Test func removedRulesAndConnectionsAreCountedTogether() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let kept = Rule.sample(.sample(connection: connection.id))
            try await fixture.services.storage.add(kept, audit: .sample(.ruleCreated))
            let gone = (1...5).map { _ in (source: RuleID().source, connection: ConnectionID()) }
            let candidates = ([(source: kept.id.source, connection: connection.id)] + gone).enumerated().map { number, owner in
                JobCandidate(
                    id: TicketJob.ID(rawValue: Int64(number + 1)), state: .failed, isOutcomeUnknown: false, source: owner.source,
                    connection: owner.connection, operation: .createTicket)
            }
            let preview = JobBulkPreview(candidates, limit: 100, connections: [connection])
            let words = JobBulkWords(preview: preview, rules: [kept], connections: [connection]).consequences(of: .discard).map(
                \.description)
            #expect(words.contains("By rule – Backup failed: 1, removed rules: 5."))
            #expect(words.contains("By connection – Acme: 1, removed connections: 5."))
        }
    }

    @Test func aTicketWithoutDetailsHasNoEmptyBox() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            var definition = RuleDefinition.sample(connection: connection.id)
            let rule = Rule.sample(definition)
            definition.action.details = TextTemplate("")
            let bare = Rule.sample(definition)
            for (rule, hasDetails) in [(rule, true), (bare, false)] {
                try await fixture.services.storage.add(rule, audit: .sample(.ruleCreated))
                let id = try await Self.add(hasDetails ? .waiting : .wouldCreate, rule, fixture)
                #expect(try await fixture.signIn().get("/jobs/\(id.rawValue)").text.contains("<h3>Details</h3>") == hasDetails)
            }
        }
    }

    // MARK: Connections

    @Test func anIssueLeadsToTheSettingsToChangeForThoseWhoMayChangeThem() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            for (code, key) in [(ErrorCode.authInvalidClient, "password"), (.ticketDefaultInvalid, "typeID")] {
                var error = PSAError(code)
                error.concernedFields = [SettingKey(key)]
                try await fixture.services.storage.recordIssue(
                    code, problem: error.storedProblem, of: connection.id, at: fixture.time.now)
            }
            let links = [
                "href=\"/integrations/\(connection.id)/settings#field-password\">",
                "href=\"/integrations/\(connection.id)/ticket-defaults#field-type\">",
            ]
            let admin = try await fixture.signIn()
            let viewer = try await fixture.signIn("viewer")
            for path in ["/integrations", "/integrations/\(connection.id)"] {
                let page = try await admin.get(path).text
                for link in links { #expect(page.contains(link), "\(path) \(link)") }
                #expect(try await !viewer.get(path).text.contains("/settings#field-"))
            }
            #expect(try await admin.get("/integrations/\(connection.id)/settings").text.contains("id=\"field-password\""))
            #expect(try await admin.get("/integrations/\(connection.id)/ticket-defaults").text.contains("id=\"field-type\""))
        }
    }

    @Test func aConnectionThatWasTestedInItsFormIsNotSaidToBeUntested() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let untested = try await fixture.connect()
            let before = try await browser.get("/integrations/\(untested.id)").text
            #expect(before.contains("It was not tested since it was saved."))
            _ = try await browser.post("/integrations/\(untested.id)/check")
            let after = try await browser.get("/integrations/\(untested.id)").text
            #expect(!after.contains("It was not tested") && after.contains("Last test"))
        }
    }

    @Test(
        arguments: [
            (0.0, "less than a second"), (59, "59 s"), (60, "1 min"), (205, "3 min 25 s"), (7_200, "2 h"), (7_260, "2 h 1 min"),
            (64_800, "18 h"), (172_799, "47 h 59 min"), (172_800, "2 days"), (259_200, "3 days"),
        ])
    func durationsAreAsShortAsTheyCanBe(seconds: Double, words: String) {
        #expect(DataPage.duration(seconds) == HTML(text: words))
    }

    @Test func theAccountOfAMailServerIsAskedForWithoutOpeningAnything() async throws {
        try await WebFixture.with { fixture in
            let page = try await fixture.signIn().get("/notifications/new?kind=email").text
            let advanced = try #require(page.firstRange(of: "<details class=\"advanced\">"))
            for field in ["user", "password"] {
                let place = try #require(page.firstRange(of: "id=\"field-\(field)\""))
                #expect(place.lowerBound < advanced.lowerBound, "\(field)")
            }
        }
    }

    @Test func aChartEndsNow() {
        let chart = BarChart(id: "x", title: "X", intervals: [.distantPast, .sampleNow], series: [.init("Y", values: [1, 2])]).html
            .description
        #expect(chart.contains("<span>now</span></p>"))
    }

    // MARK: Ticket defaults

    @Test func fieldsAreShownOnceATypeIsChosen() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let path = "/integrations/\(connection.id)/ticket-defaults"
            let before = try await browser.get(path).text
            #expect(before.contains("They are shown once the type is chosen.") && !before.contains("has no further fields"))
            let saved = try await browser.post(path, [("action", "save"), ("revision", "1"), ("type", "1"), ("lists", "yes")])
            #expect(saved.status == 303)
            let after = try await browser.get(path).text
            #expect(after.contains("This ticket type has no further fields.") && !after.contains("once the type is chosen"))
        }
    }

    @Test func theNameOfADefaultIsThatOfThePSA() throws {
        func descriptor(_ label: String) -> ConnectorDescriptor {
            ConnectorDescriptor(
                id: ConnectorID("queues"), displayName: "Queues", tier: .complete,
                settings: SettingsSchema([
                    SettingField(
                        "queue", label: label, help: "Help.", example: "1", purpose: .ticketDefault(.type),
                        guideAnchor: GuideAnchor("Docs/ConnectHaloPSA.md", ""))
                ]), capabilities: [], guidance: .shared, guide: "Docs/ConnectHaloPSA.md")
        }
        for (label, own, shown) in [
            ("Queue ID", "Queue", "Queue"), ("Board", "Board", "Board"), ("Ticket Type ID", nil, "Ticket type"),
            ("Ticket type", nil, "Ticket type"),
        ] as [(String, String?, String)] {
            #expect(descriptor(label).ownName(of: .type) == own)
            #expect(descriptor(label).name(of: .type) == HTML(text: shown))
        }
        #expect(descriptor("Queue ID").name(of: .status) == HTML(text: "Status"), "A default without a setting has the usual name.")
    }

    @Test func formsUseTheWordOfThePSA() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let defaults = try await browser.get("/integrations/\(connection.id)/ticket-defaults").text
            #expect(defaults.contains(">Label of typeID <") && !defaults.contains("ticket type starts with"))
            let form = [("name", "A"), ("connection", connection.id.rawValue), ("summary", "S"), ("action", "reload")]
            #expect(try await browser.post("/rules/new", form).text.contains(">Label of typeID id <"))
        }
    }

    // MARK: The error reference

    @Test(arguments: ["en", "de"]) func theIndexOfErrorsShowsNoSentenceThatLacksItsValues(language: String) async throws {
        try await WebFixture.with { fixture in
            let page = try await fixture.signIn().get("/errors", [("Accept-Language", language)]).text
            for words in ["Eine weitere Erklärung fehlt", "der angegebene Name", "die angefragten Daten", "{"] {
                #expect(!page.contains(words), "\(words)")
            }
            #expect(page.contains("<span class=\"help\">"), "Whole sentences are shown.")
        }
    }
}
