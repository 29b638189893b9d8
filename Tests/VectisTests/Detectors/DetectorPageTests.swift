import Foundation
import PSACore
import PSATesting
import Testing
import WebServer

@testable import PSAEngine
@testable import VectisCore
@testable import VectisRules
@testable import VectisWeb

@Suite("The page and API of detectors") struct DetectorPageTests {
    /// Fills the copy of a connection: an agreement that ends in five days, and one that ended yesterday.
    private func fill(_ fixture: WebFixture, _ connection: StoredConnection) async throws {
        let copies = fixture.copies
        let holder = ProcessID()
        await copies.register(connection.id, connector: connection.connector, tenant: connection.tenant)
        await copies.prepare([.companies, .agreements, .tickets], of: connection.id, dueAt: fixture.time.now)
        _ = await copies.lease(connection.id, by: holder, now: fixture.time.now, until: .distantFuture)
        var ended = SyncRecord.agreement("a/6", endsAt: fixture.time.now - 86_400)
        ended.facts.name = "<Silver> & more"
        let records: [SyncResource: [SyncRecord]] = [
            .companies: [.company()], .agreements: [.agreement(endsAt: fixture.time.now + 5 * 86_400), ended],
            .tickets: [.ticket(quietSince: fixture.time.now - 10 * 86_400)],
        ]
        for (resource, records) in records {
            let rows = records.compactMap {
                SyncRow(
                    id: $0.id, state: $0.state, facts: $0.facts, content: $0.content,
                    native: NativeRecord(bytes: [], fetchedAt: fixture.time.now))
            }
            let progress = SyncStatus.fresh(resource, at: fixture.time.now).progress
            _ = await copies.apply(SyncPage(resource, rows: rows, progress: progress), of: connection.id, by: holder, at: fixture.time.now)
        }
    }

    @Test(arguments: WebFixture.Mode.allCases) func thePageShowsSettingsAndFindings(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let path = "/connections/\(connection.id)/detectors"
            let empty = try await browser.get(path)
            #expect(empty.status == 200 && empty.text.contains("There is no local copy of this connection yet."))
            try await fill(fixture, connection)
            var settings = DetectorSettings()
            settings[.agreementEnding].days = 7
            _ = try await fixture.services.storage.setDetectorSettings(
                settings, of: connection.id, revision: 0, audit: .sample(.detectorsChanged))
            let page = try await browser.get(path).text
            #expect(page.contains("The agreement “Gold support” of Acme Ltd ends on") && page.contains("&lt;Silver&gt; &amp; more"))
            let record = "/connections/\(connection.id)/data/agreements/records/"
            #expect(page.contains("href=\"\(record)5\""))
            #expect(page.contains("href=\"\(record)a%2F6\""))
            for address in ["\(record)5", "\(record)a%2F6"] { #expect(try await browser.get(address).status == 200, "\(address)") }
            #expect(page.contains("1 now; 2 would have been found new in the last 30 days."))
            #expect(page.contains("Agreements that were renewed") && page.contains("/rules/new?template=agreement-ending"))
            #expect(page.contains("The ticket T-9"))
            for address in ["/rules", "/integrations", "/integrations/\(connection.id)"] {
                #expect(try await browser.get(address).text.contains("href=\"\(path)\""), "\(address)")
            }
        }
    }

    @Test func aFormIsSavedCorrectedAndRefused() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let path = "/connections/\(connection.id)/detectors"
            let form = [("revision", "0"), ("agreement.ending.on", "on"), ("agreement.ending.days", " 14 "), ("ticket.waiting.days", "7")]
            let wrong = try await browser.post(path, form.filter { $0.0 != "agreement.ending.days" } + [("agreement.ending.days", "soon")])
            #expect(
                wrong.status == 422 && wrong.text.contains("Enter a whole number from 1 to 365.") && wrong.text.contains("value=\"soon\""))
            #expect(try await fixture.services.storage.detectorSettings(of: connection.id).revision == 0)
            let saved = try await browser.post(path, form)
            #expect(saved.status == 303 && saved.headers["Location"] == path + "?notice=detectors")
            var expected = DetectorSettings()
            expected[.agreementEnding] = .init(isOn: true, days: 14)
            #expect(try await fixture.services.storage.detectorSettings(of: connection.id).settings == expected)
            let entry = try #require(try await fixture.audit().first)
            #expect(entry.action == .detectorsChanged && entry.target == "Acme" && entry.detail.hasPrefix("agreement.ending: on, 14 days;"))
            let stale = try await browser.post(path, form)
            #expect(stale.status == 409 && stale.text.contains("your changes are not saved"))
            let page = try await browser.get(path + "?notice=detectors").text
            #expect(page.contains("The detectors are saved.") && page.contains("name=\"agreement.ending.on\" checked"))
            let viewer = try await fixture.signIn("viewer")
            let shown = try await viewer.get(path)
            #expect(
                shown.status == 200 && !shown.text.contains("<form method=\"post\" action=\"\(path)\"")
                    && shown.text.contains("On, 14 days"))
            #expect(try await browser.get("/connections/unknown/detectors").status == 404)
        }
    }

    @Test func programsReadSetAndLookBack() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fill(fixture, connection)
            let (browser, viewer) = (try await fixture.signIn(), try await fixture.signIn("viewer"))
            let path = "/connections/\(connection.id)/detectors"
            let off = try await viewer.call("GET", path).json
            #expect(off["revision"] == 0 && off["detectors"]?["agreement.ending"] == ["on": false, "days": 30])
            #expect(off["detectors"]?["sync.stale"] == ["on": false])
            #expect(try await browser.call("PUT", path, off).json["revision"] == 1)
            let change: JSONValue = [
                "revision": 1, "detectors": ["ticket.waiting": ["on": true, "days": 3], "agreement.ending": ["on": false, "days": 7]],
            ]
            let on = try await browser.call("PUT", path, change).json
            #expect(on["detectors"]?["ticket.waiting"] == ["on": true, "days": 3] && on["revision"] == 2)
            #expect(try await browser.call("PUT", path, change).code == "stale")
            #expect(try await viewer.call("PUT", path, change).status == 403)
            let now = try await viewer.call("GET", path + "/agreement.ending/findings").json
            #expect(now["count"] == 1 && now["findings"]?.elements.first?["record"] == "5" && now["on"] == false)
            let lately = try await viewer.call("GET", path + "/agreement.ending/findings?days=30").json
            #expect(lately["count"] == 2 && Set(lately["findings"]?.elements.map { $0["current"] } ?? []) == [true, false])
            #expect(try await viewer.call("GET", path + "/ticket.waiting/findings").json["count"] == 1)
            #expect(try await viewer.call("GET", path + "/company.without_agreement/findings").json["count"] == 0)
            #expect(try await viewer.call("GET", path + "/backup.failed/findings").status == 404)
            for days in ["-1", "366", "many"] {
                #expect(try await viewer.call("GET", path + "/sync.stale/findings?days=\(days)").status == 422)
            }
        }
    }

    @Test(
        arguments: [
            (["detectors": [:]], ["revision"]), (["revision": 0], ["detectors"]), (["revision": 0, "detectors": []], ["detectors"]),
            (["revision": 0, "detectors": ["x": [:]]], ["detectors.x"]),
            (["revision": 0, "detectors": ["sync.stale": true]], ["detectors.sync.stale"]),
            (["revision": 0, "detectors": ["sync.stale": ["days": 3]]], ["detectors.sync.stale.days", "detectors.sync.stale.on"]),
            (
                ["revision": 0, "detectors": ["ticket.waiting": ["on": "yes", "days": 0, "more": 1]]],
                ["detectors.ticket.waiting.on", "detectors.ticket.waiting.days", "detectors.ticket.waiting.more"]
            ),
            (["revision": 0, "detectors": ["ticket.waiting": ["on": true, "days": "7"]]], ["detectors.ticket.waiting.days"]),
        ] as [(JSONValue, [String])])
    func invalidBodiesNameEachMember(body: JSONValue, members: [String]) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let path = "/api/v1/connections/\(connection.id)/detectors"
            let browser = try await fixture.signIn()
            let answer = try await fixture.send(
                "PUT", path, [("Cookie", browser.cookie), ("X-Form-Token", browser.formToken), ("Content-Type", "application/json")],
                body: body.encoded)
            #expect(
                answer.status == 422 && Set(answer.json["problems"]?.elements.compactMap { $0["member"]?.string } ?? []) == Set(members))
            #expect(try await fixture.services.storage.detectorSettings(of: connection.id).revision == 0)
        }
    }

    @Test func theFormOfARuleOffersDetectorsAndSaysWhichAreOff() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let page = try await browser.get("/rules/new?template=agreement-ending").text
            #expect(page.contains("value=\"agreement.ending\" checked") && !page.contains("value=\"ticket.waiting\" checked"))
            let hint = "<a href=\"/connections/\(connection.id)/detectors\">Switch it on"
            #expect(page.components(separatedBy: hint).count == 5)
            var settings = DetectorSettings()
            settings[.agreementEnding].isOn = true
            _ = try await fixture.services.storage.setDetectorSettings(
                settings, of: connection.id, revision: 0, audit: .sample(.detectorsChanged))
            #expect(try await browser.get("/rules/new?template=agreement-ending").text.components(separatedBy: hint).count == 4)
            let fields = [
                ("name", "All"), ("detector", "sync.stale"), ("detector", "agreement.ending"), ("detector", "no.such"),
                ("eventTypes", "Ticket.Waiting, backup.failed"), ("connection", connection.id.rawValue), ("summary", "{text}"),
                ("appendMinutes", "0"), ("limitCount", "30"), ("limitMinutes", "10"), ("action", "save-unverified"),
            ]
            let saved = try await browser.post("/rules/new", fields)
            #expect(saved.status == 303, "\(saved.text.prefix(3_000))")
            let rule = try #require(try await fixture.services.storage.rules().first)
            #expect(rule.definition.eventTypes == ["agreement.ending", "ticket.waiting", "sync.stale", "backup.failed"])
            let form = try await browser.get("/rules/\(rule.id)/edit").text
            #expect(form.contains("value=\"ticket.waiting\" checked") && form.contains("value=\"backup.failed\" autocomplete"))
        }
    }
}
