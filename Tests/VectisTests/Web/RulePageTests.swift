import Foundation
import PSACore
import PSATesting
import Testing
import WebServer
@testable import PSAEngine
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Pages about rules") struct RulePageTests {
    /// The fields of a form with one condition.
    private static func form(
        _ connection: StoredConnection, _ action: String, _ changes: [(String, String)] = [], _ conditions: [(String, String)] = device
    ) -> [(String, String)] {
        let defaults = [
            ("name", "Backup failed"), ("eventTypes", "backup.failed"), ("connection", connection.id.rawValue),
            ("summary", "{device} failed"),
            ("details", "{text}"), ("appendMinutes", "2 days"), ("limitCount", "30"), ("limitMinutes", "10 minutes"), ("action", action),
        ]
        return changes + conditions + defaults.filter { field in !changes.contains { $0.0 == field.0 } }
    }

    private static let device = [
        ("groups", "1"), ("group0.test0.field", "device"), ("group0.test0.comparison", "contains"), ("group0.test0.value", "SRV"),
    ]

    private static func send(_ fixture: WebFixture, _ count: Int, type: String = "backup.failed", device: String = "SRV-1") async throws {
        for number in 0..<count {
            _ = try await fixture.services.events.accept(
                .sample(senderID: "\(type)/\(device)/\(number)", type: type, device: device, receivedAt: fixture.time.now))
        }
    }

    @Test func conditionsAndGroupsAreAddedAndRemovedInTheirOwnGroup() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let two =
                Self.device + [
                    ("group1.test0.field", "severity"), ("group1.test0.comparison", "at_least"), ("group1.test0.value", "error"),
                ]
            func parts(_ action: String, _ more: [(String, String)] = [], _ conditions: [(String, String)] = Self.device) async throws
                -> String
            {
                let answer = try await browser.post("/rules/preview", Self.form(connection, action, more, conditions))
                #expect(answer.status == 200)
                return answer.text
            }
            let added = try await parts("add:1", [("group1.add", "hour.between_hours")], two)
            #expect(
                added.contains("name=\"group1.test1.from\" value=\"18:00\"") && added.contains("name=\"group1.test1.zone\" value=\"UTC\""))
            #expect(!added.contains("group0.test1"), "The other group stays as it is.")
            #expect(added.contains("autofocus"))
            let removed = try await parts("remove:0.0", [], two)
            #expect(!removed.contains("value=\"SRV\"") && removed.contains("group1.test0.value"))
            let grouped = try await parts("add-group")
            #expect(grouped.contains("id=\"groups-1\"") && grouped.contains("value=\"SRV\""))
            let single = try await parts("remove-group:0", [], two)
            #expect(!single.contains("id=\"groups-1\"") && !single.contains("value=\"SRV\""))
            // What is not there is neither added nor removed.
            for action in ["add:7", "add:x", "remove:0.9", "remove:-1.0", "remove:0", "remove-group:9", "add:0", "nonsense"] {
                let same = try await parts(action)
                #expect(same.contains("value=\"SRV\"") && !same.contains("group0.test1") && !same.contains("id=\"groups-1\""), "\(action)")
            }
        }
    }

    @Test func noMoreGroupsAndConditionsAreAddedThanARuleMayHave() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            var many: [(String, String)] = [("groups", "9999")]
            for test in 0..<25 {
                many += [
                    ("group0.test\(test).field", "text"), ("group0.test\(test).comparison", "equals"),
                    ("group0.test\(test).value", "v\(test)"),
                ]
            }
            let full = try await browser.post(
                "/rules/preview", Self.form(connection, "add:0", [("group0.add", "text.equals")], many)
            ).text
            #expect(full.contains("value=\"v19\"") && !full.contains("value=\"v20\"") && !full.contains("group0.test20"))
            #expect(full.contains("id=\"groups-19\"") && !full.contains("id=\"groups-20\""))
            let more = try await browser.post("/rules/preview", Self.form(connection, "add-group", [], many)).text
            #expect(!more.contains("id=\"groups-20\""))
        }
    }

    @Test func eachFieldHasAnEditorThatFits() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            for (kind, editor) in [
                ("severity.equals", "<option value=\"critical\""), ("severity.one_of", "type=\"checkbox\" name=\"group0.test1.value\""),
                ("psa_company_active.equals", "<option value=\"no\""), ("hour.between_hours", "type=\"time\""),
                ("hour.between_hours", "<option value=\"Europe/Berlin\">"), ("company.equals", "list=\"companies\""),
                ("device.equals", "name=\"group0.test1.value\""),
            ] {
                let added = try await browser.post("/rules/preview", Self.form(connection, "add:0", [("group0.add", kind)])).text
                #expect(added.contains(editor), "\(kind)")
            }
        }
    }

    @Test func aSavedRuleHasWhatItsEditorsSaid() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let conditions = [
                ("groups", "1"), ("group0.test0.field", "severity"), ("group0.test0.comparison", "one_of"), ("group0.test0.value", "error"),
                ("group0.test0.value", "critical"), ("group0.test1.field", "hour"), ("group0.test1.comparison", "between_hours"),
                ("group0.test1.from", "18:30"), ("group0.test1.to", "00:00"), ("group0.test1.zone", " Europe/Berlin "),
            ]
            let saved = try await browser.post("/rules/new", Self.form(connection, "save-unverified", [], conditions))
            #expect(saved.status == 303, "\(saved.text.prefix(2_000))")
            let definition = try #require(try await fixture.services.storage.rules().first).definition
            #expect(
                definition.groups == [
                    ConditionGroup(tests: [
                        Condition(field: .severity, comparison: .oneOf, value: "error, critical"),
                        Condition(
                            field: .hour, comparison: .betweenHours, value: "18:30-24:00", timeZone: TimeZoneID(rawValue: "Europe/Berlin")),
                    ])
                ])
            #expect(definition.action.appendMinutes == 2_880 && definition.limit == RuleRateLimit(count: 30, minutes: 10))
            let id = try #require(try await fixture.services.storage.rules().first).id
            let form = try await browser.get("/rules/\(id)/edit").text
            #expect(form.contains("value=\"2 days\"") && form.contains("value=\"18:30\"") && form.contains("value=\"Europe/Berlin\""))
            let page = try await browser.get("/rules/\(id)").text
            #expect(page.contains("Time of day is between 18:30 and 24:00 (Europe/Berlin)") && page.contains("30 in 10 minutes"))
        }
    }

    @Test(arguments: [
        ([("group0.test0.field", "hour"), ("group0.test0.comparison", "contains"), ("group0.test0.value", "7")], "can&#39;t be compared"),
        (
            [
                ("group0.test0.field", "hour"), ("group0.test0.comparison", "between_hours"), ("group0.test0.from", "7:00"),
                ("group0.test0.to", ""),
            ],
            "A time of day is compared"
        ),
        (
            [
                ("group0.test0.field", "hour"), ("group0.test0.comparison", "between_hours"), ("group0.test0.value", "7-9"),
                ("group0.test0.zone", "Mars/Olympus"),
            ],
            "There is no time zone"
        ),
        (
            [("group0.test0.field", "severity"), ("group0.test0.comparison", "equals"), ("group0.test0.value", "terrible")],
            "There is no severity"
        ),
        ([("group0.test0.field", "device"), ("group0.test0.comparison", "equals"), ("group0.test0.value", " ")], "needs a value"),
        (
            [
                ("group0.test0.field", "text"), ("group0.test0.comparison", "contains"),
                ("group0.test0.value", String(repeating: "x", count: 501)),
            ],
            "more than 500 characters"
        ),
        ([("limitMinutes", "soon")], "is not a duration"), ([("limitMinutes", "2 days")], "which is 1 day"),
        ([("appendMinutes", "8 days")], "which is 7 days"),
    ])
    func whatIsWrongIsSaidAtItsFieldAndInTheSummary(fields: [(String, String)], words: String) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let isCondition = fields.contains { $0.0.hasPrefix("group") }
            let answer = try await browser.post(
                "/rules/new", Self.form(connection, "save", isCondition ? [] : fields, isCondition ? fields : Self.device))
            #expect(answer.status == 422)
            let apostrophe = words.replacing("&#39;", with: "'")
            let count =
                max(
                    answer.text.components(separatedBy: words).count, answer.text.components(separatedBy: apostrophe).count) - 1
            #expect(count == 2, "Once in the summary, and once at the field: \(count)")
            #expect(answer.text.contains("tabindex=\"-1\" autofocus"))
            #expect(try await fixture.services.storage.rules().isEmpty)
        }
    }

    @Test func thePreviewCountsTheLatestEventsAndShowsTheTicket() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await Self.send(fixture, 3, device: "SRV-9")
            try await Self.send(fixture, 2, device: "PC-1")
            try await Self.send(fixture, 1, type: "other", device: "SRV-9")
            let before = try await fixture.services.storage.jobCounts(TicketJob.Filter())
            let page = try await browser.post("/rules/new", Self.form(connection, "preview"))
            #expect(page.status == 200 && page.text.contains("Would have matched 3 of the last 6 events."))
            #expect(page.text.contains("<strong>SRV-9 failed</strong>") && page.text.contains("The ticket for the event “backup.failed”"))
            let events = try await fixture.services.storage.events(before: nil, limit: 10)
            let other = try #require(events.first { $0.event.device == "PC-1" })
            let chosen = try await browser.post("/rules/preview", Self.form(connection, "preview", [("event", String(other.id.rawValue))]))
                .text
            #expect(chosen.contains("<strong>PC-1 failed</strong>") && chosen.contains("Does not hold"))
            let sample = try await browser.post("/rules/preview", Self.form(connection, "preview", [("event", "sample")])).text
            #expect(sample.contains("The ticket for a sample event:"))
            // An event that is gone by now is replaced.
            let gone = try await browser.post("/rules/preview", Self.form(connection, "preview", [("event", "99999")]))
            #expect(gone.status == 200 && gone.text.contains("SRV-9 failed"))
            #expect(try await fixture.services.storage.jobCounts(TicketJob.Filter()) == before)
            #expect(try await fixture.services.storage.rules().isEmpty)
        }
    }

    @Test func noMoreThanTheLatestEventsAreCounted() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await Self.send(fixture, 230)
            let definition = RuleDefinition.sample(connection: connection.id)
            #expect(try await fixture.services.rules.preview(definition).events == 200)
            let all = try await fixture.services.rules.preview(definition, of: 5_000)
            #expect(all.events == 230 && all.recent.count == RulePreview.maxRecent)
            let later = try await fixture.services.rules.preview(definition, since: fixture.time.now.addingTimeInterval(1))
            #expect(later.events == 0 && later.since == nil)
        }
    }

    @Test func aRuleIsMadeFromAnEvent() async throws {
        try await WebFixture.with { fixture in
            _ = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await Self.send(fixture, 1)
            let event = try #require(try await fixture.services.storage.events(before: nil, limit: 1).first)
            let page = try await browser.get("/rules/new?event=\(event.id.rawValue)").text
            #expect(page.contains("id=\"field-eventTypes\"") && page.contains("value=\"backup.failed\""))
            #expect(page.contains("value=\"Acme\"") && page.contains("Would have matched the only event there is."))
            #expect(try await browser.get("/rules/new?event=99").status == 404)
            #expect(try await browser.get("/rules/new?event=x").status == 200)
        }
    }

    @Test func promotionReleaseDiscardAndRemovalSayInNumbersWhatTheyDo() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await fixture.addRule(for: connection)
            let path = "/rules/\(connection.id)"
            try await Self.send(fixture, 14)
            try await Self.send(fixture, 2, type: "other")
            let promote = try await browser.get(path + "/confirm?action=active").text
            #expect(promote.contains("out of 17 events of the last 24 hours") && promote.contains("name=\"revision\" value=\"1\""))
            for (action, words) in [
                ("release", "0 jobs are sent"), ("drop", "0 jobs are discarded"), ("remove", "0 waiting jobs are discarded"),
            ] {
                let page = try await browser.get(path + "/confirm?action=\(action)")
                #expect(page.status == 200 && page.text.contains(words), "\(action)")
            }
            #expect(try await browser.get(path + "/confirm?action=explode").status == 422)
            #expect(try await browser.get("/rules/nothing/confirm").status == 404)
            let viewer = try await fixture.signIn("viewer")
            #expect(try await viewer.get(path + "/confirm?action=remove").status == 403)
        }
    }

    @Test func aChangeOfTheModeCanBeUndoneUnlessTheRuleWasChangedSince() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await fixture.addRule(for: connection)
            let path = "/rules/\(connection.id)"
            let changed = try await browser.post(path + "/mode", [("mode", "active"), ("revision", "1")])
            let place = try #require(changed.headers["Location"])
            #expect(place == path + "?notice=rule-mode&undo=dry_run.2")
            let page = try await browser.get(place).text
            #expect(page.contains("Undo: back to “Dry run”") && page.contains(">Active</span>"))
            let undone = try await browser.post(path + "/mode", [("mode", "dry_run"), ("revision", "2"), ("undo", "1")])
            #expect(undone.headers["Location"] == path + "?notice=rule-mode")
            #expect(try await fixture.services.storage.rules().first?.mode == .dryRun)
            #expect(try await browser.post(path + "/mode", [("mode", "off"), ("revision", "2")]).status == 409)
            #expect(try await browser.get(path + "?undo=nonsense").status == 200)
            // A link that is kept offers nothing once the rule was changed by someone else.
            #expect(try await !browser.get(place).text.contains("Undo: back"))
            for text in ["active", "active.", "active.2", "active.x"] {
                #expect(try await !browser.get(path + "?undo=\(text)").text.contains("Undo: back"), "\(text)")
            }
        }
    }

    @Test(arguments: ["reload", "add:0", "preview", "search:x", "save"])
    func aFormThatIsOlderThanTheRuleStaysSoWhateverIsPressed(action: String) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let rule = Rule.sample(.sample(connection: connection.id))
            try await fixture.services.storage.add(rule, audit: .sample(.ruleCreated))
            let path = "/rules/\(rule.id)/edit"
            #expect(try await browser.post(path, Self.form(connection, "save", [("revision", "1"), ("summary", "Theirs")])).status == 303)
            let shown = try await browser.post(path, Self.form(connection, action, [("revision", "1"), ("summary", "Mine")]))
            #expect(shown.status == 409 && shown.text.contains("This rule was changed after you opened it"))
            #expect(shown.text.contains("name=\"revision\" value=\"1\"") && shown.text.contains("value=\"Mine\""))
            #expect(try await browser.post(path, Self.form(connection, "save", [("revision", "1"), ("summary", "Mine")])).status == 409)
            #expect(try await fixture.services.storage.rule(rule.id)?.definition.action.summary.pattern == "Theirs")
        }
    }

    @Test func aSecondUseOfTheFormForARuleMakesNoSecondRule() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let number = try #require(try await browser.get("/rules/new").text.firstMatch(of: /name="once" value="([^"]+)"/)).1
            let form = Self.form(connection, "save", [("once", String(number))])
            async let first = browser.post("/rules/new", form)
            async let second = browser.post("/rules/new", form)
            let (one, other) = (try await first, try await second)
            #expect(one.status == 303 && other.headers["Location"] == one.headers["Location"])
            #expect(try await fixture.services.storage.rules().count == 1)
            let changed = form + [("details", "Another")]
            let next = try await browser.post("/rules/new", changed)
            #expect(next.status == 303 && next.headers["Location"] != one.headers["Location"], "Other values are another rule.")
            let unnumbered = try await browser.post("/rules/new", Self.form(connection, "save"))
            #expect(unnumbered.status == 303)
            #expect(try await fixture.services.storage.rules().count == 3)
        }
    }

    @Test func aCommaInAnEventTypeSeparatesNothingOnceItIsInQuotationMarks() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await Self.send(fixture, 1, type: "disk, full")
            let event = try #require(try await fixture.services.storage.events(before: nil, limit: 1).first)
            let typed = "&quot;disk, full&quot;"
            #expect(try await browser.get("/rules/new?event=\(event.id.rawValue)").text.contains("value=\"\(typed)\""))
            let form = Self.form(connection, "save", [("eventTypes", "\"disk, full\", other")])
            #expect(try await browser.post("/rules/new", form).status == 303)
            let rule = try #require(try await fixture.services.storage.rules().first)
            #expect(rule.definition.eventTypes == ["disk, full", "other"])
            #expect(try await browser.get("/rules/\(rule.id)/edit").text.contains("value=\"\(typed), other\""))
        }
    }

    @Test func promotionAndPreviewSayHowManyJobsTheLimitWouldPutOnHold() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let definition = RuleDefinition.sample(connection: connection.id, limit: RuleRateLimit(count: 5, minutes: 10))
            let rule = Rule.sample(definition, mode: .dryRun)
            try await fixture.services.storage.add(rule, audit: .sample(.ruleCreated))
            try await Self.send(fixture, 14)
            let words = "9 of them would have been on hold"
            #expect(try await browser.get("/rules/\(rule.id)/confirm?action=active").text.contains(words))
            #expect(try await browser.get("/rules/\(rule.id)/edit").text.contains(words))
            let preview = try await browser.call("POST", "/rules/preview", ["definition": definition.json])
            #expect(preview.json["matched"] == 14 && preview.json["onHold"] == 9)
        }
    }

    @Test(
        arguments: [
            ([0, 1, 2], 0), ([0, 1, 2, 3], 1), ([3, 2, 1, 0, 900], 2), ([0, 1, 599, 600], 0), ([0, 1, 599, 599.5, 2_000], 2), ([], 0),
        ] as [([Double], Int)])
    func aRuleIsOnHoldFromTheJobOnThatExceedsItsLimit(seconds: [Double], held: Int) {
        #expect(RuleRateLimit(count: 3, minutes: 10).held(of: seconds.map { .sampleNow + $0 }) == held)
    }

    @Test func aRuleThatWasChangedSinceTheQuestionIsNotRemoved() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await fixture.addRule(for: connection)
            let path = "/rules/\(connection.id)"
            #expect(try await browser.post(path + "/mode", [("mode", "off"), ("revision", "1")]).status == 303)
            #expect(try await browser.post(path + "/remove", [("revision", "1")]).status == 409)
            #expect(try await fixture.services.storage.rules().count == 1)
            #expect(try await browser.post(path + "/remove", [("revision", "2")]).status == 303)
            #expect(try await fixture.services.storage.rules().isEmpty)
        }
    }

    @Test func theFormSaysWhenSavingPutsARuleIntoDryRun() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await fixture.addRule(for: connection)
            let path = "/rules/\(connection.id)"
            let note = "If more than the name is changed, the rule is in dry run afterwards."
            #expect(try await browser.get("/rules/new").text.contains(">Save in dry run</button>"))
            #expect(try await !browser.get(path + "/edit").text.contains(note))
            #expect(try await browser.post(path + "/mode", [("mode", "active"), ("revision", "1")]).status == 303)
            let page = try await browser.get(path + "/edit").text
            #expect(page.contains(note) && page.contains(">Save</button>") && !page.contains("Save in dry run"))
        }
    }

    @Test func theListShowsHowOftenEachRuleFiredAndIsPaged() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            for number in 0..<103 {
                let rule = Rule(
                    id: RuleID(), name: "Rule \(1_000 + number)", revision: 1, mode: .dryRun,
                    definition: .sample(connection: connection.id, eventTypes: ["type.\(number)"]), createdAt: fixture.time.now,
                    changedAt: fixture.time.now)
                try await fixture.services.storage.add(rule, audit: .sample(.ruleCreated))
            }
            try await Self.send(fixture, 3, type: "type.0")
            let first = try await browser.get("/rules").text
            #expect(first.contains("Fired 3 times in the last 24 hours") && first.contains("Page 1 of 2, 103 rules"))
            #expect(first.contains("Rule 1099") && !first.contains("Rule 1100") && first.utf8.count < 100_000)
            let second = try await browser.get("/rules?page=2").text
            #expect(second.contains("Rule 1102") && !second.contains("Rule 1099"))
            for page in ["0", "-3", "x", "99999999999"] { #expect(try await browser.get("/rules?page=\(page)").status == 200) }
            fixture.time.advance(by: 25 * 3_600)
            #expect(try await !browser.get("/rules").text.contains("Fired 3 times"))
        }
    }

    @Test func thePageOfAnEventSaysWhichRulesItMatchesAndWhy() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.addRule(for: connection)
            let viewer = try await fixture.signIn("viewer")
            try await Self.send(fixture, 1)
            #expect(try await viewer.get("/rules").text.contains("href=\"/rules/match\""))
            let other = Rule.sample(.sample(connection: connection.id, eventTypes: ["other.type"]))
            try await fixture.services.storage.add(other, audit: .sample(.ruleCreated))
            let list = try await viewer.get("/rules/match").text
            #expect(list.contains("/rules/match?event="))
            let event = try #require(try await fixture.services.storage.events(before: nil, limit: 1).first)
            let matched = try await viewer.get("/rules/match?event=\(event.id.rawValue)").text
            #expect(matched.contains("1 rule matches") && !matched.contains("/rules/new?event"), "A viewer makes no rules.")
            let typed = try await viewer.get("/rules/match?type=nothing.of.that&severity=info").text
            #expect(typed.contains("1 rule matches") && typed.contains("does not listen to events of this type"))
            #expect(try await viewer.get("/rules/match?event=99").status == 404)
            #expect(try await viewer.get("/rules/match?event=x").status == 404)
            #expect(try await viewer.get("/rules/match?type=" + String(repeating: "x", count: 3_000)).status == 200)
            #expect(try await fixture.signIn().get("/rules/match?event=\(event.id.rawValue)").text.contains("/rules/new?event="))
        }
    }

    @Test func namesOfCompaniesComeFromTheLocalCopyForAdministratorsOnly() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let none = try await browser.get("/rules/company-names?connection=\(connection.id)&search=Acme")
            #expect(none.status == 200 && none.text.isEmpty, "There is no copy yet.")
            #expect(try await browser.get("/rules/company-names").text.isEmpty)
            #expect(try await browser.get("/rules/company-names?connection=///").text.isEmpty)
            #expect(try await fixture.signIn("viewer").get("/rules/company-names").status == 403)
            #expect(try await fixture.signIn("viewer").post("/rules/preview", []).status == 403)
        }
    }
}
