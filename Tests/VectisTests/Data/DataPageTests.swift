import Foundation
import PSACore
import PSATesting
import Testing
import WebServer
@testable import PSAEngine
@testable import VectisCore
@testable import VectisWeb

@Suite("The data page")
struct DataPageTests {
    private func path(_ connection: StoredConnection) -> String { "/connections/\(connection.id)/data" }

    @Test func beforeTheFirstRunThePageSaysThatItBeginsByItself() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let admin = try await fixture.signIn()
            let words = "Nothing was read yet. The first run begins by itself."
            for isPrepared in [false, true] {
                if isPrepared { try await fixture.prepareCopy(of: connection) }
                let page = try await admin.get(path(connection)).text
                #expect(page.contains(words) && page.contains("Sync now</button>"))
                // What is prepared is due in an hour here; otherwise the page waits for the first run.
                #expect(page.contains("http-equiv=\"refresh\"") != isPrepared && page.contains("data-refresh") != isPrepared)
                let viewed = try await fixture.signIn("viewer").get(path(connection)).text
                #expect(viewed.contains(words) && !viewed.contains("Sync now"))
            }
        }
    }

    @Test func aHostThatReadsNoCopiesSaysSo() async throws {
        var options = WebFixture.Options()
        options.isSyncing = false
        try await WebFixture.with(.inProcess, options) { fixture in
            let connection = try await fixture.connect()
            let page = try await fixture.signIn("viewer").get(path(connection)).text
            #expect(page.contains("<code>--no-sync</code>") && !page.contains("begins by itself") && !page.contains("data-refresh"))
        }
    }

    @Test func theTableShowsRecordsFreshnessAndTheLatestRun() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.prepareCopy(of: connection)
            let rows = try (1...1_200).map { try SyncRow.company(String($0), "Company \($0)") }
            try await fixture.store(rows, of: .companies, in: connection)
            try await fixture.store(
                [.ticket("1", "a", company: "1"), .ticket("2", "b", company: "1", state: .closed)], of: .tickets, in: connection)
            let next = fixture.time.now + 900
            try await fixture.progress(of: .companies, in: connection, nextRunAt: next) { progress in
                progress.lastRun = SyncRunSummary(
                    kind: .full, startedAt: fixture.time.now - 60, endedAt: fixture.time.now - 18, pages: 12, rows: 1_205, added: 1_200,
                    changed: 0, missing: 3, unreadable: 5, hasGap: false)
            }
            let page = try await fixture.signIn().get(path(connection)).text
            #expect(page.contains("<strong>1,200</strong>"))
            #expect(page.contains("<strong>1</strong> open") && page.contains("data/tickets?state=closed\">1 closed</a>"))
            #expect(page.contains("1,205 rows, 1,200 new, 0 changed, 3 missing, 5 unreadable, in 42 s"))
            #expect(page.contains("datetime=\"\(next.formatted(.iso8601))\""))
            #expect(page.contains("data/companies\">Companies</a>"))
            #expect(!page.contains("<span class=\"state\">Stale</span>"))
        }
    }

    @Test func aRunUnderWayHasAProgressBarThatUpdatesWithoutScripts() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.prepareCopy(of: connection)
            try await fixture.progress(of: .tickets, in: connection, nextRunAt: fixture.time.now) { progress in
                progress.run = SyncRun(.full, startedAt: fixture.time.now)
                progress.run?.rows = 4_200
                progress.run?.total = 10_000
            }
            let admin = try await fixture.signIn()
            var page = try await admin.get(path(connection)).text
            #expect(page.contains("<progress aria-label=\"Tickets\" max=\"10000\" value=\"4200\"></progress>"))
            #expect(page.contains("Reading the whole list: 4,200 of 10,000 rows"))
            #expect(
                page.contains("<noscript><meta http-equiv=\"refresh\" content=\"3\"></noscript>") && page.contains("data-refresh=\"3\""))
            // Without a total the bar shows only that something goes on.
            try await fixture.progress(of: .tickets, in: connection) { $0.run = SyncRun(.changes, startedAt: fixture.time.now) }
            page = try await admin.get(path(connection)).text
            #expect(page.contains("Reading changes: 0 rows<progress aria-label=\"Tickets\"></progress>"))
            // A run that waits for its next try does not move.
            try await fixture.progress(of: .tickets, in: connection, nextRunAt: fixture.time.now + 60) { progress in
                progress.run = SyncRun(.full, startedAt: fixture.time.now)
            }
            page = try await admin.get(path(connection)).text
            #expect(page.contains("Interrupted") && !page.contains("data-refresh"))
        }
    }

    @Test func staleDataIsMarked() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.prepareCopy(of: connection)
            try await fixture.progress(of: .companies, in: connection) { $0.freshAt = fixture.time.now - 30 * 86_400 }
            let page = try await fixture.signIn("viewer").get(path(connection)).text
            #expect(page.contains("<span class=\"state\">Stale</span> <a href=\"/errors/sync.stale\">What to do</a>"))
        }
    }

    @Test func aFailureIsShownWithItsWholeGuidanceOncePerText() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.prepareCopy(of: connection)
            let error = PSAError(.networkTimeout, vendor: VendorReply(message: "<script>alert(1)</script>"))
            for resource in [SyncResource.companies, .contacts] {
                try await fixture.progress(of: resource, in: connection) { progress in
                    progress.failure = SyncFailure(code: error.code, problem: error.problem.encodedText, at: fixture.time.now, count: 3)
                }
            }
            let page = try await fixture.signIn("viewer").get(path(connection)).text
            let guidance = error.guidance
            #expect(page.contains("<h2 id=\"failure-companies-title\">\(guidance.title.escapedForHTML())</h2>"))
            // The text for support repeats the detail.
            let explained = page.replacing(/<details class="support">[\s\S]*?<\/details>/, with: "")
            for text in [guidance.detail] + guidance.everyStep + guidance.causes.map(\.text) {
                #expect(explained.matches(of: try Regex(verbatim: text.escapedForHTML())).count == 1, "\(text)")
            }
            #expect(page.contains("Concerns: companies, contacts. It happened 3 times in a row"))
            #expect(page.matches(of: /Failed 3 times<\/span> <a href="#failure-companies">/).count == 2)
            #expect(page.contains("&lt;script&gt;") && !page.contains("<script>alert"))
        }
    }

    @Test func manyMissingRecordsAreAcceptedOnlyAfterAConfirmation() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.prepareCopy(of: connection)
            try await fixture.progress(of: .companies, in: connection) {
                $0.missing = SyncMissing(missing: 412, rows: 500, at: fixture.time.now)
            }
            let admin = try await fixture.signIn()
            let page = try await admin.get(path(connection)).text
            #expect(page.contains("412 of 500 companies are missing from the last full reading. Nothing was removed."))
            let guidance = PSAError(.syncTooManyMissing).guidance
            for cause in guidance.causes { #expect(page.contains(cause.text.escapedForHTML())) }
            #expect(page.contains("href=\"\(path(connection))/companies/missing\">Accept that they are gone"))
            let viewed = try await fixture.signIn("viewer").get(path(connection)).text
            #expect(viewed.contains("412 of 500") && !viewed.contains("Accept that they are gone"))

            let question = try await admin.get(path(connection) + "/companies/missing").text
            #expect(question.contains("Accept that 412 companies are gone?") && question.contains("name=\"seen\" value=\"412/500\""))
            for seen in ["", "400/500"] {
                #expect(try await admin.post(path(connection) + "/companies/missing", [("seen", seen)]).status == 409)
            }
            #expect(try await fixture.status(of: .companies, in: connection).request == nil)
            let answer = try await admin.post(path(connection) + "/companies/missing", [("seen", "412/500")])
            #expect(answer.status == 303 && answer.headers["Location"] == path(connection) + "?notice=missing-accepted")
            #expect(try await fixture.status(of: .companies, in: connection).request == .acceptMissing)
            let entry = try #require(try await fixture.audit().first)
            #expect(entry.action == .missingRecordsAccepted && entry.detail == "412 of 500 companies.")
            #expect(try await admin.get(path(connection) + "/contacts/missing").text.contains("Nothing to accept"))
        }
    }

    @Test func unreadableRowsAreListedAndTheOthersCounted() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.prepareCopy(of: connection)
            try await fixture.progress(of: .contacts, in: connection) { progress in
                progress.unreadable = [SyncUnreadableRow(page: 3, position: 41, member: "<b>emailaddress</b>")]
                progress.lastRun = SyncRunSummary(
                    kind: .full, startedAt: fixture.time.now, endedAt: fixture.time.now, pages: 3, rows: 100, added: 0, changed: 0,
                    missing: 0, unreadable: 7, hasGap: false)
            }
            let page = try await fixture.signIn("viewer").get(path(connection)).text
            #expect(page.contains("Contacts: 7 rows could not be read") && page.contains("6 more are not listed."))
            for cell in [">3</td>", ">42</td>", "><code>&lt;b&gt;emailaddress&lt;/b&gt;</code></td>"] { #expect(page.contains(cell)) }
        }
    }

    @Test func theButtonsRequestPauseAndResume() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.addCopy(of: connection)
            try await fixture.progress(of: .companies, in: connection)
            let admin = try await fixture.signIn()
            func post(_ action: String, _ fields: [(String, String)]) async throws {
                let answer = try await admin.post("/connections/\(connection.id)/" + action, fields)
                #expect(answer.status == 303)
                let page = try await admin.get(try #require(answer.headers["Location"]))
                #expect(page.status == 200 && page.text.contains("<div class=\"notice done\""))
            }
            try await post("sync", [("resource", "companies"), ("kind", "now")])
            #expect(try await fixture.status(of: .companies, in: connection).request == .now)
            #expect(try await fixture.status(of: .contacts, in: connection).request == nil)
            #expect(try await admin.get(path(connection)).text.contains("Requested; it begins shortly."))
            try await post("sync", [("kind", "full")])
            for status in try await fixture.services.sync.statuses(of: connection.id) {
                #expect(status.request == (status.resource.isList ? .full : nil))
            }
            try await post("sync-pause", [("resource", "tickets"), ("paused", "1")])
            #expect(try await fixture.services.sync.statuses(of: connection.id).filter(\.isPaused).map(\.resource) == [.tickets])
            var page = try await admin.get(path(connection)).text
            #expect(page.contains("<span class=\"state\">Paused</span>") && page.contains("Resume<span class=\"hidden\"> tickets</span>"))
            try await post("sync-pause", [("paused", "1")])
            page = try await admin.get(path(connection)).text
            #expect(page.contains("Resume all") && !page.contains("Sync now") && !page.contains("data-refresh"))
            try await post("sync-pause", [("paused", "0")])
            #expect(try await fixture.services.sync.statuses(of: connection.id).allSatisfy { !$0.isPaused })
            #expect(try await admin.post("/connections/\(connection.id)/sync", [("resource", "nonsense")]).status == 404)
            #expect(try await admin.get(path(connection) + "/nonsense").status == 404)
        }
    }

    @Test func aViewerSeesNoButton() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.addCopy(of: connection)
            try await fixture.progress(of: .companies, in: connection)
            let viewer = try await fixture.signIn("viewer")
            for page in ["", "/companies", "/tickets/records/100", "/companies/records/1"].map({ path(connection) + $0 }) {
                let html = try await viewer.get(page).text
                let main = try #require(html.split(separator: "<main").last)
                #expect(!main.contains("method=\"post\""), "\(page)")
            }
            #expect(try await viewer.get("/integrations").text.contains("href=\"\(path(connection))\">Data"))
        }
    }
}

@Suite("Records of the copy on pages")
struct RecordPageTests {
    private func path(_ connection: StoredConnection) -> String { "/connections/\(connection.id)/data" }

    @Test func recordsAreSearchedFilteredAndReadPageByPage() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.prepareCopy(of: connection)
            try await fixture.store((1...120).map { try .company(String($0), "Company \($0)") }, of: .companies, in: connection)
            try await fixture.store(
                [
                    .ticket("1", "Printer", company: "7"), .ticket("2", "Scanner", company: "8", state: .closed),
                    .ticket("3", "Printer again", company: "7", state: .deleted),
                ], of: .tickets, in: connection)
            let viewer = try await fixture.signIn("viewer")
            var (next, seen, pages) = ("/companies", [String](), 0)
            while true {
                let html = try await viewer.get(path(connection) + next).text
                seen += html.matches(of: /data\/companies\/records\/(\d+)"/).map { String($0.1) }
                pages += 1
                guard let link = html.firstMatch(of: /href="[^"]*(\/companies\?[^"]*after=[^"]*)"/) else { break }
                next = String(link.1).replacing("&amp;", with: "&")
            }
            #expect(pages == 3 && seen.count == 120 && Set(seen).count == 120)

            func tickets(_ query: String) async throws -> [String] {
                try await viewer.get(path(connection) + "/tickets?" + query).text.matches(of: /data\/tickets\/records\/(\d+)"/)
                    .map { String($0.1) }.sorted()
            }
            #expect(try await tickets("") == ["1", "2"])
            #expect(try await tickets("state=closed") == ["2"])
            #expect(try await tickets("state=deleted") == ["3"])
            #expect(try await tickets("state=all") == ["1", "2", "3"])
            #expect(try await tickets("state=all&search=PRINTER") == ["1", "3"])
            #expect(try await tickets("company=7") == ["1"])
            #expect(try await tickets("company=Company+8") == ["2"])
            #expect(try await tickets("company=Company+9").isEmpty)
            let several = try await viewer.get(path(connection) + "/tickets?company=company")
            #expect(several.status == 200 && several.text.contains("Several companies match “company”"))
            let unknown = try await viewer.get(path(connection) + "/tickets?company=nowhere")
            #expect(unknown.status == 422 && unknown.text.contains("The copy has no company “nowhere”."))
            #expect(try await viewer.get(path(connection) + "/tickets?search=nothing").text.contains("Nothing matches."))
            #expect(try await viewer.get(path(connection) + "/companies?after=nonsense%0A%22").status == 200)
        }
    }

    @Test func aListOfTicketsNamesStatusesByTheCopyAndLeavesOutNamesThatDiffer() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.addCopy(of: connection)
            func choice(_ place: String, _ id: String, _ name: String) throws -> SyncRow {
                try .sample(place, SyncFacts(name: name), ["id": .string(id), "name": .string(name)])
            }
            try await fixture.store([choice("2", "2", "In progress")], of: .ticketStatuses, in: connection)
            try await fixture.store([choice("a/4", "4", "Low"), choice("b/4", "4", "Planned")], of: .ticketPriorities, in: connection)
            let more: [(String, JSONValue)] = [("status", ["id": "2"]), ("priority", ["id": "4"])]
            try await fixture.store([.ticket("5", "x", company: "1", more: more)], of: .tickets, in: connection)
            let viewer = try await fixture.signIn("viewer")
            let list = try await viewer.get(path(connection) + "/tickets?search=x").text
            #expect(list.contains(">In progress</td>") && list.contains(">4</td>"))
            #expect(try await viewer.get(path(connection) + "/tickets/records/5").text.contains("<dt>Status</dt><dd>In progress</dd>"))
        }
    }

    @Test func aTicketShowsItsFieldsNotesInOrderAndItsRow() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.addCopy(of: connection)
            let ticket = try SyncRow.ticket(
                "5", "Server down", company: "1",
                more: [
                    ("details", "First line\nSecond line"), ("webAddress", "https://acme.example.com/ticket?id=5"),
                    ("customFields", [["id": "9", "name": "CFSeverity", "label": "Severity", "value": 3, "display": "Three"]]),
                    ("createdAt", "2026-11-02T09:30:00Z"),
                ], native: ["id": 5, "secret_of_vendor": ["a": [1, 2]]])
            try await fixture.store([ticket], of: .tickets, in: connection)
            try await fixture.store(
                [
                    .note("3", of: "5", "the later one", visibility: "contact", at: Date(timeIntervalSince1970: 2_000)),
                    .note("4", of: "5", "the earlier one", at: Date(timeIntervalSince1970: 1_000)),
                    .note("9", of: "6", "of another ticket"),
                ], of: .notes, in: connection)
            let admin = try await fixture.signIn()
            let page = try await admin.get(path(connection) + "/tickets/records/5").text
            #expect(page.contains("<p class=\"vendor-text\">First line\nSecond line</p>"))
            #expect(page.contains("href=\"https://acme.example.com/ticket?id=5\" rel=\"noreferrer noopener\""))
            #expect(page.contains("data-label=\"Field\">Severity</td>") && page.contains("data-label=\"Value\">Three</td>"))
            #expect(page.contains("<a href=\"\(path(connection))/companies/records/1\">Tarnholt Logistics</a>"))
            #expect(page.contains("<dt>Created</dt><dd><time datetime=\"2026-11-02T09:30:00Z\""))
            let earlier = try #require(page.firstRange(of: "the earlier one")), later = try #require(page.firstRange(of: "the later one"))
            #expect(earlier.lowerBound < later.lowerBound && !page.contains("of another ticket"))
            #expect(page.contains("<span class=\"state\">Visible to the contact</span>"))
            #expect(page.contains("&quot;secret_of_vendor&quot;: {\n"))

            let answer = try await admin.post(path(connection) + "/tickets/records/5/read-again")
            #expect(answer.status == 303)
            let due = try await fixture.services.sync.store.rereads(of: connection.id, now: fixture.time.now, limit: 10)
            #expect(due.map(\.ticket.rawValue) == ["5"])
            #expect(try await fixture.audit().first?.action == .ticketReadAgain)
            #expect(try await admin.post(path(connection) + "/companies/records/1/read-again").status == 404)
            #expect(try await admin.get(path(connection) + "/tickets/records/99").status == 404)
        }
    }

    @Test(
        "a state is explained in words",
        arguments: [
            (SyncRecord.State.closed, "It is closed in the PSA."), (.merged, "It was merged into <a href="),
            (.deleted, "The PSA says that it is deleted."), (.unreachable, "does not say why"),
        ])
    func states(state: SyncRecord.State, words: String) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.prepareCopy(of: connection)
            try await fixture.store(
                [.ticket("5", "x", company: "1", state: state, more: state == .merged ? [("mergedInto", "4")] : [])], of: .tickets,
                in: connection)
            let page = try await fixture.signIn().get(path(connection) + "/tickets/records/5").text
            #expect(page.contains(words))
            if state == .merged { #expect(page.contains("/tickets/records/4\">ticket 4</a>")) }
        }
    }

    @Test func nothingThatTheVendorWroteBecomesMarkupOrAScriptLink() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.prepareCopy(of: connection)
            let evil = "<img src=x onerror=alert(1)>\"'&"
            let id = "a/../<b>?#\"%"
            let field: JSONValue = ["id": .string(evil), "name": .string(evil), "label": .string(evil), "value": .string(evil)]
            let more: [(String, JSONValue)] = [
                ("webAddress", "javascript:alert(1)"), ("details", .string(evil)), ("number", .string(evil)), ("mergedInto", .string(evil)),
                ("status", ["id": .string(evil), "name": .string(evil)]), ("customFields", [field]), (evil, .string(evil)),
                ("createdAt", .string(evil)),
            ]
            try await fixture.store([.ticket(id, evil, company: evil, state: .merged, more: more)], of: .tickets, in: connection)
            try await fixture.store([.note("1", of: id, evil)], of: .notes, in: connection)
            try await fixture.store(
                [.company(evil, evil, more: [("website", .string("javascript:alert(1)"))])], of: .companies, in: connection)
            let admin = try await fixture.signIn()
            let list = try await admin.get(path(connection) + "/tickets?state=all&search=" + PercentEncoding.component("<img"))
            let address = try #require(list.text.firstMatch(of: /href="([^"]*\/tickets\/records\/[^"]*)"/)).1
            var pages = [list.text]
            for target in [
                String(address), path(connection) + "/notes?state=all", path(connection) + "/companies",
                path(connection) + "/companies/records/" + PercentEncoding.component(evil), path(connection) + "/notes/records/1",
            ] {
                let answer = try await admin.get(target)
                #expect(answer.status == 200, "\(target)")
                pages.append(answer.text)
            }
            for page in pages { #expect(!page.contains("<img") && !page.contains("href=\"javascript:") && !page.contains("<b>")) }
            #expect(pages[1].contains("&lt;img src=x onerror=alert(1)&gt;"))
        }
    }

    @Test func aCompanyLeadsToWhatBelongsToIt() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.addCopy(of: connection)
            let page = try await fixture.signIn("viewer").get(path(connection) + "/companies/records/1").text
            for resource in ["contacts", "tickets", "agreements", "recurring-invoices"] {
                #expect(page.contains("href=\"\(path(connection))/\(resource)?company=1\""))
            }
        }
    }
}

@Suite("Exports of the copy")
struct SyncExportTests {
    @Test(arguments: WebFixture.Mode.allCases)
    func exportsHaveEachMatchingRecordOnceAndAreAudited(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let connection = try await fixture.connect()
            try await fixture.prepareCopy(of: connection)
            let rows = try (1...1_203).map {
                try SyncRow.ticket(String($0), "=Printer \($0)\"\u{301}", company: $0.isMultiple(of: 3) ? "8" : "7")
            }
            try await fixture.store(rows, of: .tickets, in: connection)
            try await fixture.store([.company("7", "Seven"), .company("8", "Eight")], of: .companies, in: connection)
            let viewer = try await fixture.signIn("viewer")
            let path = "/connections/\(connection.id)/data/tickets/export"
            let lines = try await viewer.get(path + ".jsonl")
            #expect(lines.headers["Content-Type"] == "application/jsonl; charset=utf-8")
            #expect(lines.headers["Content-Disposition"] == "attachment; filename=\"vectis-tickets.jsonl\"")
            let objects = try lines.text.split(separator: "\n").map { JSONValue(try JSONDocument(Array($0.utf8)).root) }
            #expect(Set(objects.compactMap { $0["id"]?.string }).count == 1_203 && objects.count == 1_203)
            #expect(objects.allSatisfy { $0["sequence"]?.integer != nil && $0["deleted"] == false && $0["state"] == "present" })
            let csv = try await viewer.get(path + ".csv?company=8&search=printer")
            #expect(csv.headers["Content-Type"] == "text/csv; charset=utf-8")
            let table = csv.text.unicodeScalars.split(separator: "\n").map { String($0) }
            #expect(table.count == 402 && table[0].hasPrefix("sequence,state,id,number,summary,company,companyName,"))
            #expect(table.dropFirst().allSatisfy { $0.unicodeScalars.starts(with: "\"".unicodeScalars) && $0.contains("\"'=Printer ") })
            let entries = try await fixture.audit().filter { $0.action == .dataExported }
            #expect(
                entries.map(\.detail) == [
                    "Tickets as csv. Filter: search=printer&company=8.", "Tickets as jsonl. No filter.",
                ])
            #expect(entries.allSatisfy { $0.target == "Acme" && $0.actor.text == "viewer" })
            #expect(try await viewer.get(path + ".csv?company=nowhere").status == 422)
        }
    }

    @Test(arguments: SyncResource.allCases) func everyResourceHasAFileWithItsHeader(resource: SyncResource) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let csv = try await browser.get("/connections/\(connection.id)/data/\(resource)/export.csv")
            #expect(csv.status == 200 && csv.text.hasPrefix("sequence,state,id,") && csv.text.hasSuffix(",firstSeenAt,changedAt\r\n"))
            let lines = try await browser.get("/connections/\(connection.id)/data/\(resource)/export.jsonl")
            #expect(lines.status == 200 && lines.body.isEmpty)
        }
    }

    @Test func anExportIsReadAsItIsTaken() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.prepareCopy(of: connection)
            try await fixture.store((1...50).map { try .company(String($0), "Company \($0)") }, of: .companies, in: connection)
            let export = SyncExport(
                sync: fixture.services.sync, connection: connection.id, query: SyncQuery(.companies), format: .jsonl, batch: 10)
            var pieces: [Int] = []
            for await piece in export.pieces { pieces.append(piece.split(separator: UInt8(ascii: "\n")).count) }
            #expect(pieces == [10, 10, 10, 10, 10])
        }
    }
}

@Suite("The page for messages about changes")
struct ChangeHookPageTests {
    @Test func theAddressIsShownOnceAndAcceptsMessagesUntilItIsTurnedOff() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let admin = try await fixture.signIn()
            let path = "/connections/\(connection.id)/hook"
            #expect(try await admin.get(path).text.contains("No address accepts messages."))
            let refused = try await admin.post(path, [("authentication", "basic"), ("user", ""), ("secret", "a-long-enough-secret")])
            #expect(refused.status == 422 && refused.text.contains("id=\"field-user-problem\""))
            #expect(!refused.text.contains("a-long-enough-secret"))
            let made = try await admin.post(path, [("authentication", "bearer"), ("secret", "a-long-enough-secret")])
            let address = try #require(made.text.firstMatch(of: /readonly value="http:\/\/vectis.test([^"]*)"/)).1
            #expect(made.status == 200 && made.text.contains("it is not shown again"))
            let shown = try await admin.get(path).text
            #expect(
                shown.contains("<span class=\"state\">On</span>") && !shown.contains(address) && !shown.contains("a-long-enough-secret"))
            let headers = [("Authorization", "Bearer a-long-enough-secret"), ("Content-Type", "application/json")]
            #expect(try await fixture.send("POST", String(address), headers, body: Array("{}".utf8)).status == 202)
            #expect(try await admin.post(path + "/disable").status == 303)
            #expect(try await fixture.send("POST", String(address), headers, body: Array("{}".utf8)).status == 404)
        }
    }
}

@Suite("Mappings of companies on their page")
struct CompanyMappingsPageTests {
    @Test func eachMappingIsListedWithItsCompanyAndCanBeRemoved() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.addCopy(of: connection)
            for index in 1...130 {
                let mapping = NewCompanyMapping(
                    connection: connection.id, tenant: connection.tenant, sent: SentCompany(id: "", name: "Sender \(index)"),
                    company: try #require(Company.ID("1")), companyName: "Tarnholt", mappedBy: "admin", mappedAt: fixture.time.now)
                _ = try await fixture.services.storage.add(mapping, audit: .sample(.companyMapped))
            }
            let admin = try await fixture.signIn()
            let path = "/connections/\(connection.id)/company-mappings"
            let page = try await admin.get(path).text
            #expect(page.matches(of: /<strong>Sender \d+<\/strong>/).count == 100 && page.contains("start=100\">Next page</a>"))
            #expect(page.contains("/data/companies/records/1\">Tarnholt Logistics</a> <code>1</code>"))
            #expect(try await admin.get(path + "?start=100").text.matches(of: /<strong>Sender \d+<\/strong>/).count == 30)
            for start in ["-5", "9223372036854775807", "x"] { #expect(try await admin.get(path + "?start=" + start).status == 200) }
            let found = try await admin.get(path + "?search=sender+77").text
            #expect(found.matches(of: /<strong>Sender \d+<\/strong>/).count == 1)
            let id = try #require(found.firstMatch(of: /mappings\/(\d+)\/remove/)).1
            let answer = try await admin.post("/rules/companies/mappings/\(id)/remove", [("from", connection.id.rawValue)])
            #expect(answer.headers["Location"] == path + "?notice=company-mapping-removed")
            #expect(try await admin.get(path + "?search=sender+77").text.contains("No mapping matches."))
        }
    }
}

extension Regex where Output == AnyRegexOutput {
    /// Matches a text as it is.
    fileprivate init(verbatim text: String) throws { try self.init("\\Q" + text + "\\E") }
}
