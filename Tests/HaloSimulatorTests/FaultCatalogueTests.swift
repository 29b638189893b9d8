import PSATesting
import Testing
import WebServer
@testable import HaloSimulator

@Suite("Fault catalogue")
struct FaultCatalogueTests {
    @Test func everyFaultHasAOneLineSummary() {
        #expect(HaloFault.catalogue.map(\.name).sorted() == HaloFault.Kind.allCases.map(\.rawValue).sorted())
        for line in HaloFault.catalogue {
            #expect(line.summary.hasSuffix(".") && line.summary.count < 110 && !line.summary.contains("\n"), "\(line.name)")
            #expect(line.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" })
        }
    }

    @Test(arguments: [
        "server-error", "deny:contracts", "latency:500", "rate-limit", "rate-limit:30", "error-shape:html", "create-lost-reply:actions",
    ])
    func aFaultIsParsedFromItsText(_ text: String) throws {
        #expect(try HaloFault(parsing: text).description == text)
    }

    @Test(arguments: [
        ("nonsense", "There is no fault named 'nonsense'"), ("", "There is no fault named ''"), ("deny", "needs the name of a resource"),
        ("deny:sheep", "does not know the resource 'sheep'"), ("latency", "needs a number"), ("latency:soon", "not 'soon'"),
        ("flaky:-1", "not '-1'"), ("server-error:5", "takes no argument"), ("error-shape:round", "needs one of string"),
    ])
    func anInvalidFaultIsRejectedWithAMessage(_ text: String, _ sentence: String) {
        let error = #expect(throws: HaloFaultError.self) { try HaloFault(parsing: text) }
        #expect(error?.message.contains(sentence) == true)
    }

    @Test func aResourceNameIsARouteAScopeOrAPlural() {
        #expect(Resource.named("tickets") == [.tickets])
        #expect(Resource.named("Contracts") == [.clientContract])
        #expect(Resource.named("customers") == [.client, .site, .users])
        #expect(Resource.named("recurring-invoices") == [.recurringInvoice])
        #expect(Resource.named("sheep").isEmpty)
    }
}

@Suite("Stored texts and times")
struct StoredTextTests {
    @Test(
        arguments: [
            ("cut5", "Disk full on SRV", "Disk "), ("append-00a0", "full", "full\u{A0}"), ("append-3000", "full", "full\u{3000}"),
            ("append-2028", "full", "full\u{2028}"), ("prepend-20", "full", " full"), ("spaces-2003", "a b", "a\u{2003}b"),
            ("trimmed", "\u{A0} full\u{3000}\u{2028}", "full"), ("squeezed", " a  b\u{A0}\tc ", "a b c"),
            ("html-escaped", "R&D <b> \"it's\"", "R&amp;D &lt;b&gt; &quot;it&#39;s&quot;"),
            ("html-unescaped", "R&amp;D &amp;lt;", "R&D &lt;"), ("emoji-question", "disk 💾 ü", "disk ? ü"),
            ("ascii-question", "disk 💾 ü", "disk ? ?"), ("upper", "Disk ß", "DISK SS"), ("lower", "DISK", "disk"), ("dropped", "x", ""),
            ("curly-quotes", "it's", "it\u{2019}s"), ("straight-quotes", "it\u{2019}s", "it's"),
        ])
    func aTextIsTransformed(_ change: String, _ sent: String, _ stored: String) throws {
        let result = try #require(TextTransform(change)).applied(to: sent)
        #expect(Array(result.unicodeScalars) == Array(stored.unicodeScalars))
    }

    @Test func normalizationChangesOnlyTheBytes() throws {
        let (composed, decomposed) = ("Z\u{FC}rich", "Zu\u{308}rich")
        #expect(try Array(#require(TextTransform("nfd")).applied(to: composed).utf8) == Array(decomposed.utf8))
        #expect(try Array(#require(TextTransform("nfc")).applied(to: decomposed).utf8) == Array(composed.utf8))
        #expect(try #require(TextTransform("nfkc")).applied(to: "ﬁ\u{A0}") == "fi ")
    }

    @Test func aTicketIsStoredWithTheChangedTexts() async throws {
        let faults = ["subject:cut4", "subject:upper", "details:html-escaped", "third-party-dropped"]
        let client = await SimulatorClient.connected(faults: try faults.map(HaloFault.init(parsing:)))
        let id =
            await client.post(
                "Tickets", #"[{"summary":"Disk full","details":"a & b","third_party_id_string":"vectis:9"}]"#)["id"].integer ?? 0
        let read = await client.get("Tickets/\(id)")
        #expect(read["summary"] == "DISK")
        #expect(read["details"] == "a &amp; b")
        #expect(!read.json.has("third_party_id_string"))
        // The texts that were sent are still recorded.
        #expect(await client.simulator.storedWrites().map(\.sent) == ["Disk full\na & b"])
        _ = await client.post("Actions", #"[{"ticket_id":1001,"outcome_id":7,"note":"a & b"}]"#)
        #expect(await client.simulator.actions(ofTicket: 1001).last?.note == "a &amp; b")
    }

    @Test func rowsCanOmitDetailsAndReference() async throws {
        let client = await SimulatorClient.connected(faults: [HaloFault(.rowsThin)])
        let sent = #"[{"summary":"x","details":"y","third_party_id_string":"vectis:9"}]"#
        let id = await client.post("Tickets", sent)["id"].integer ?? 0
        let row = try #require(await client.get("Tickets", ["count": "1"]).rows("tickets").first)
        #expect(row["id"].integer == id)
        #expect(!row.has("details") && !row.has("third_party_id_string") && row.has("summary"))
        #expect(await client.get("Tickets/\(id)")["details"] == "y")
    }

    @Test(arguments: [("-26h", -93_600), ("+90m", 5_400), ("+30s", 30), ("0h", 0)])
    func theVendorsClockCanBeWrong(_ shift: String, _ seconds: Int) async throws {
        let client = await SimulatorClient.connected(faults: [HaloFault(.clock, shift)])
        let answer = await client.post("Tickets", #"[{"summary":"x"}]"#)
        let wanted = HaloTime(client.clock.now).adding(seconds: seconds)
        let id = answer["id"].integer ?? 0
        #expect(answer.headers["Date"] == wanted.httpDateText)
        #expect(await client.simulator.ticket(id)?.created == wanted.date)
        let since = { (time: HaloTime) in await client.get("Tickets", ["lastupdatefromdate": time.text()]).ids() }
        #expect(await since(wanted).contains(id))
        #expect(await !since(wanted.adding(seconds: 1)).contains(id))
    }

    @Test func onlyTheStoredDatesCanBeWrong() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.clockStored, "-26h")])
        let answer = await client.post("Tickets", #"[{"summary":"x"}]"#)
        #expect(answer.headers["Date"] == nil)
        #expect(await client.simulator.ticket(1251)?.created == HaloTime(client.clock.now).adding(seconds: -93_600).date)
    }

    @Test func dateFiltersCanBeReadAsLocalTime() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.dateFilterLocal, "+10h")])
        let now = HaloTime(client.clock.now)
        let id = await client.post("Tickets", #"[{"summary":"x"}]"#)["id"].integer ?? 0
        let since = { (time: HaloTime) in await client.get("Tickets", ["lastupdatefromdate": time.text()]).ids() }
        #expect(await since(now.adding(seconds: 36_000)).first == id)
        #expect(await since(now.adding(seconds: 36_001)).isEmpty)
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
        (1_794_000_000, "Fri, 06 Nov 2026 21:20:00 GMT"),
    ])
    func theDateHeaderHasTheHTTPFormat(_ seconds: Int, _ text: String) {
        #expect(HaloTime(ticks: 0).adding(seconds: seconds).httpDateText == text)
    }

    @Test func pagesOfDifferentSizesContainEachRowOnce() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.pageSizes, "100/99/51")])
        var sizes: [Int] = []
        var ids: Set<Int> = []
        for page in 1...4 {
            let answer = await client.get("Tickets", ["pageinate": "true", "page_size": "100", "page_no": "\(page)", "order": "id"])
            sizes.append(answer.ids().count)
            ids.formUnion(answer.ids())
            #expect(answer["record_count"] == 250)
        }
        #expect(sizes == [100, 99, 51, 0])
        #expect(ids.count == 250)
    }

    @Test func recordCountCanBeTooHigh() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.recordCountMore, "7")])
        let answer = await client.get("Tickets", ["pageinate": "true", "page_size": "100"])
        #expect(answer["record_count"] == 257)
        #expect(await client.get("Client", ["pageinate": "true"])["record_count"] == 30)
    }
}
