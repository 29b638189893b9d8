import Testing
import WebServer

@testable import HaloSimulator

@Suite("Faults of bodies")
struct BodyFaultTests {
    private func answer(_ kind: HaloFault.Kind, _ argument: String? = nil, _ path: String = "Tickets") async -> Answer {
        await TenantClient.connected(faults: [HaloFault(kind, argument)]).get(path)
    }

    @Test func theJSONStopsInTheMiddle() async {
        let whole = await TenantClient.connected().get("Tickets").bytes
        let cut = await answer(.truncatedBody)
        #expect(cut.status == 200)
        #expect(cut.bytes == Array(whole.prefix(whole.count / 2)))
    }

    @Test func theConnectionBreaksHalfway() async {
        let whole = await TenantClient.connected().get("Tickets").bytes
        guard case .cutOff(let sent, let declared) = await answer(.truncatedHalfway).response.body else {
            Issue.record("The body is whole")
            return
        }
        #expect(declared == whole.count)
        #expect(sent.count == whole.count / 2)
    }

    @Test func theLabelIsWrong() async {
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

    @Test func theBodyDripsAndIsWholeInTheEnd() async {
        let whole = await TenantClient.connected().get("Status").bytes
        guard case .stream(let stream) = await answer(.slowBody, "1", "Status").response.body else {
            Issue.record("The body is no stream")
            return
        }
        var pieces: [[UInt8]] = []
        for await piece in stream { pieces.append(piece) }
        #expect(pieces.count > 10)
        #expect(Array(pieces.joined()) == whole)
    }

    @Test func theBodyIsNoJSON() async {
        let garbage = await answer(.garbageJSON)
        #expect(garbage.json == .null)
        #expect(garbage.headers["Content-Type"] == "application/json; charset=utf-8")
    }

    @Test func listsLoseTheirRowsTheirEnvelopeOrTheirCount() async {
        let empty = await answer(.nullLists)
        #expect(empty.json.has("tickets") && empty["tickets"] == .null)
        #expect(await answer(.listAsArray).rows().count == 50)
        let uncounted = await answer(.noRecordCount)
        #expect(!uncounted.json.has("record_count"))
        #expect(uncounted.ids().count == 50)
    }

    @Test func aReplyToAPostIsWrapped() async {
        let client = await TenantClient.connected(faults: [HaloFault(.oneElementArrayReplies)])
        #expect(await client.post("Tickets", #"[{"summary":"x"}]"#).rows().map { $0["id"] } == [1251])
        #expect(await client.get("Tickets/1251")["id"] == 1251)
    }

    @Test func idsAreSpeltOtherwise() async {
        #expect(await answer(.idAsDouble).text.contains(#"{"id":1250.0,"#))
        #expect(await answer(.idAsDouble, nil, "Client/12").text.contains(#""main_site_id":18.0"#))
        let texts = await answer(.idsAsText)
        #expect(texts.rows("tickets")[0]["id"] == "1250")
        #expect(texts.rows("tickets")[0]["client_id"].text != nil)
        #expect(texts["record_count"] == 50)
    }
}
