import Testing
import WebServer
@testable import HaloSimulator

@Suite("API faults")
struct APIFaultTests {
    @Test(
        arguments: [
            (.html200, 200, true), (.html502, 502, true), (.redirectLogin, 302, false), (.serverError, 500, false),
            (.unavailable, 503, false), (.gatewayTimeout, 504, true), (.rateLimit, 429, false), (.rateLimitNoHeader, 429, false),
        ] as [(HaloFault.Kind, Int, Bool)])
    func everyCallGetsTheSameResponse(_ kind: HaloFault.Kind, _ status: Int, _ isPage: Bool) async {
        let client = await SimulatorClient.connected(faults: [HaloFault(kind)])
        let answers = [await client.get("Tickets"), await client.post("Tickets", "[]"), await client.send("GET", "/api/InstanceInfo")]
        for answer in answers {
            #expect(answer.status == status)
            #expect(answer.text.contains("<html") == isPage)
        }
        #expect(await client.requestToken().status == 200)
    }

    @Test func retryAfterIsSentIfTheFaultHasOne() async {
        for (fault, seconds) in [
            (HaloFault(.unavailable, "9"), "9"), (HaloFault(.rateLimit, "3"), "3"), (HaloFault(.rateLimit), "30"),
            (HaloFault(.unavailable), "5"), (HaloFault(.rateLimitNoHeader), nil),
        ] { #expect(await SimulatorClient.connected(faults: [fault]).get("Status").headers["Retry-After"] == seconds) }
    }

    @Test func theRedirectLeadsToALoginPage() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.redirectLogin)])
        #expect(await client.get("Status").headers["Location"]?.hasPrefix("/auth/login") == true)
        #expect(await client.send("GET", "/auth/login").text.contains("<form"))
    }

    @Test func aResourceIsDenied() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.deny, "contracts")])
        let answer = await client.get("ClientContract")
        #expect(answer.status == 403)
        #expect(answer.bytes.isEmpty)
        #expect(await client.get("Invoice").status == 200)
        #expect(await SimulatorClient.connected(faults: [HaloFault(.deny401, "contracts")]).get("ClientContract/300").status == 401)
    }

    @Test func aResourceIsEmpty() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.empty, "tickets"), HaloFault(.empty, "status")])
        let answer = await client.get("Tickets")
        #expect(answer["record_count"] == 0)
        #expect(answer["tickets"] == [])
        #expect(await client.get("Status").json == [])
        #expect(!(await client.get("Client")).rows("clients").isEmpty)
    }

    @Test func aRestrictedAgentSeesOnlyOneCustomer() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.restrictedRows)])
        #expect(await client.get("Client", ["count": "1000"]).ids("clients") == [1])
        let tickets = await client.get("Tickets", ["count": "1000"]).rows("tickets")
        #expect(!tickets.isEmpty && tickets.count < 30 && tickets.allSatisfy { $0["client_id"] == 1 })
        #expect(await client.get("RecurringInvoice").rows("invoices").isEmpty)
        #expect(await client.get("Client/12").status == 404)
    }

    @Test func theFirstCallsAreThrottled() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.rateLimitTimes, "2")])
        var statuses: [Int] = []
        for _ in 0..<3 { statuses.append(await client.get("Status").status) }
        #expect(statuses == [429, 429, 200])
    }

    @Test func theFirstReadsFailAndWritesSucceed() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.flaky, "1")])
        #expect(await client.post("Tickets", #"[{"summary":"x"}]"#).status == 201)
        #expect(await client.get("Status").status == 503)
        #expect(await client.get("Status").status == 200)
    }

    @Test func everyResponseIsDelayed() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.latency, "86400000")])
        let call = Task { await client.get("Status") }
        call.cancel()
        #expect(await call.value.hangsUp)
        await client.simulator.setFaults([HaloFault(.latency, "1")])
        #expect(await client.get("Status").status == 200)
    }

    @Test func silentRequestsAreHeldUntilTheyAreCancelledOrReleased() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.silent)])
        let cancelled = Task { await client.get("Status") }
        cancelled.cancel()
        #expect(await cancelled.value.hangsUp)
        let waiting = Task { await client.get("Status") }
        while client.simulator.heldRequests.count == 0 { await Task.yield() }
        client.simulator.releaseHeldRequests()
        #expect(await waiting.value.hangsUp)
    }

    @Test func theConnectionIsClosedWithoutAResponse() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.hangUp)])
        #expect(await client.get("Status").hangsUp)
    }

    @Test func aPagePastTheEndRepeatsTheLast() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.repeatLastPage)])
        let last = await client.get("Tickets", ["pageinate": "true", "page_size": "100", "page_no": "3"])["tickets"]
        #expect(await client.get("Tickets", ["pageinate": "true", "page_size": "100", "page_no": "4"])["tickets"] == last)
        let sites = await client.get("Site", ["pageinate": "true", "page_size": "100", "page_no": "9"])
        #expect(!sites.rows("sites").isEmpty)
    }

    @Test func pagesAreSmallerThanRequested() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.pageCap, "7")])
        let answer = await client.get("Tickets", ["pageinate": "true", "page_size": "100", "page_no": "2", "order": "id"])
        #expect(answer.ids() == Array(1008...1014))
        #expect(answer["record_count"] == 250)
        #expect(answer["page_size"] == 100)
    }
}

@Suite("Body faults")
struct BodyFaultTests {
    private func answer(_ kind: HaloFault.Kind, _ argument: String? = nil, _ path: String = "Tickets") async -> ClientResponse {
        await SimulatorClient.connected(faults: [HaloFault(kind, argument)]).get(path)
    }

    @Test func theJSONIsTruncated() async {
        let whole = await SimulatorClient.connected().get("Tickets").bytes
        let cut = await answer(.truncatedBody)
        #expect(cut.status == 200)
        #expect(cut.bytes == Array(whole.prefix(whole.count / 2)))
    }

    @Test func theConnectionIsClosedAfterHalfTheBody() async {
        let whole = await SimulatorClient.connected().get("Tickets").bytes
        guard case .truncated(let sent, let declared) = await answer(.truncatedHalfway).response.body else {
            Issue.record("The body is complete")
            return
        }
        #expect(declared == whole.count)
        #expect(sent.count == whole.count / 2)
    }

    @Test func contentTypeOrContentEncodingIsWrong() async {
        let mislabelled = await answer(.wrongContentType)
        #expect(mislabelled.headers["Content-Type"] == "text/plain; charset=utf-8")
        #expect(mislabelled.ids().count == 50)
        let flagged = await answer(.gzipFlagPlain)
        #expect(flagged.headers["Content-Encoding"] == "gzip")
        #expect(flagged.ids().count == 50)
    }

    @Test func aByteOrderMarkComesFirst() async {
        #expect(await answer(.bom).bytes.prefix(4) == [0xEF, 0xBB, 0xBF, UInt8(ascii: "{")])
    }

    @Test func theBodyIsHuge() async {
        guard case .stream(let stream) = await answer(.hugeBody, "3").response.body else {
            Issue.record("The body is no stream")
            return
        }
        var total = 0
        for await piece in stream { total += piece.count }
        #expect(total > 3 * 1_048_576 && total < 3 * 1_048_576 + 100)
    }

    @Test func theBodyArrivesSlowlyAndCompletely() async {
        let whole = await SimulatorClient.connected().get("Status").bytes
        guard case .stream(let stream) = await answer(.slowBody, "1", "Status").response.body else {
            Issue.record("The body is no stream")
            return
        }
        var pieces: [[UInt8]] = []
        for await piece in stream { pieces.append(piece) }
        #expect(pieces.count > 10)
        #expect(Array(pieces.joined()) == whole)
    }

    @Test func theBodyIsInvalidJSON() async {
        let invalidJSON = await answer(.garbageJSON)
        #expect(invalidJSON.json == .null)
        #expect(invalidJSON.headers["Content-Type"] == "application/json; charset=utf-8")
    }

    @Test func listsLoseTheirRowsTheirEnvelopeOrTheirCount() async {
        let empty = await answer(.nullLists)
        #expect(empty.json.has("tickets") && empty["tickets"] == .null)
        #expect(await answer(.listAsArray).rows().count == 50)
        let uncounted = await answer(.noRecordCount)
        #expect(!uncounted.json.has("record_count"))
        #expect(uncounted.ids().count == 50)
    }

    @Test func aReplyToAPostIsWrappedInAnArray() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.oneElementArrayReplies)])
        #expect(await client.post("Tickets", #"[{"summary":"x"}]"#).rows().map { $0["id"] } == [1251])
        #expect(await client.get("Tickets/1251")["id"] == 1251)
    }

    @Test func idsAreSentAsDoublesOrStrings() async {
        #expect(await answer(.idAsDouble).text.contains(#"{"id":1250.0,"#))
        #expect(await answer(.idAsDouble, nil, "Client/12").text.contains(#""main_site_id":18.0"#))
        let texts = await answer(.idsAsText)
        #expect(texts.rows("tickets")[0]["id"] == "1250")
        #expect(texts.rows("tickets")[0]["client_id"].text != nil)
        #expect(texts["record_count"] == 50)
    }
}
