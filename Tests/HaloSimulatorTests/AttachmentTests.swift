import PSATesting
import Testing
import WebServer

@testable import HaloSimulator

@Suite("Attachments")
struct AttachmentTests {
    @Test func anUploadBelongsToNoTicketUntilATicketRefersToIt() async throws {
        let client = await SimulatorClient.connected()
        let id = await client.upload()
        #expect(await client.simulator.orphanedAttachments().map(\.fileName) == ["report.pdf"])
        let ticket = await client.createHardwareRequest(["attachments": [["id": id, "filename": "Report.pdf", "showforusers": false]]])[
            "id"]
        #expect(await client.simulator.orphanedAttachments().count == 1)
        let stored = try #require(await client.simulator.attachments().first)
        #expect(stored.ticketID == ticket.integer && stored.actionID == nil && !stored.isVisibleToUsers)
        #expect(stored.fileName == "Report.pdf" && stored.contentType == "application/pdf" && stored.content == Array("hello".utf8))
        let list = await client.get("Attachment", ["ticket_id": "\(ticket.integer ?? 0)"])
        #expect(list.rows("attachments").map { $0["showforusers"] } == [false])
    }

    @Test func theContentIsADataURLOrPlainBase64() async {
        let client = await SimulatorClient.connected()
        for content in ["data:text/plain;base64,aGVsbG8=", "aGVsbG8="] {
            let id = await client.upload("a.txt", base64: content).integer ?? 0
            #expect(await client.get("Attachment/\(id)").text == "hello")
        }
        let invalid = await client.post("Attachment", #"[{"filename":"a.txt","data_base64":"data:text/plain;base64,%%%"}]"#)
        #expect(invalid.status == 400)
        #expect(await client.post("Attachment", #"[{"data_base64":"aGVsbG8="}]"#).status == 400)
        #expect(await client.upload("empty.txt", base64: "") != .null)
    }

    @Test func anUploadIsAnsweredWithTheNameUnderWhichItIsStored() async {
        let client = await SimulatorClient.connected()
        let reply = await client.post("Attachment", #"[{"filename":"a report.pdf","data_base64":"aGVsbG8=","_uploading":true}]"#)
        #expect(reply["filename"].text?.hasSuffix(".pdf") == true && reply["filename"] != "a report.pdf")
        #expect(reply["filesize"] == 5)
        let attached = await client.post("Attachment", #"[{"filename":"a.txt","data_base64":"aGVsbG8="}]"#, ["ticket_id": "1001"])
        #expect(attached["filename"] == "a.txt")
        #expect(await client.simulator.attachments().map(\.fileName) == ["a report.pdf", "a.txt"])
        #expect(await client.simulator.attachments().map(\.ticketID) == [nil, 1001])
    }

    @Test func aHostileFileNameDoesNotBreakTheHeader() async {
        let client = await SimulatorClient.connected()
        let id = await client.upload("../a\"b\r\nSet-Cookie: x\u{1}.txt").integer ?? 0
        let header = await client.get("Attachment/\(id)").headers["Content-Disposition"] ?? ""
        #expect(header.hasPrefix("attachment; filename=\"../a_b__Set-Cookie: x_.txt\"; filename*=UTF-8''..%2Fa%22b%0D%0A"))
    }

    @Test func aFileIsReadWithItsNameOrThroughALink() async {
        let client = await SimulatorClient.connected()
        let id = await client.upload("Bericht ü.pdf").integer ?? 0
        let file = await client.get("Attachment/\(id)")
        #expect(file.headers["Content-Disposition"] == "attachment; filename=\"Bericht _.pdf\"; filename*=UTF-8''Bericht%20%C3%BC.pdf")
        await client.simulator.setFaults([HaloFault(.attachmentLink)])
        let link = await client.get("Attachment/\(id)")["link"].text ?? ""
        let path = link.replacing("http://127.0.0.1:8181", with: "")
        #expect(path.hasPrefix("/attachment-content/"))
        #expect(await client.send("GET", path).text == "hello")
        #expect(await client.send("GET", "/attachment-content/unknown").status == 404)
    }

    @Test func theIdsCanBeTexts() async throws {
        let client = await SimulatorClient.connected(faults: [HaloFault(.uploadTokens)])
        let id = try #require(await client.upload().text)
        #expect(Int(id) == nil)
        let ticket = await client.createHardwareRequest(["attachments": [["id": .string(id)]]])
        #expect(ticket.status == 201)
        #expect(await client.get("Attachment/\(id)").text == "hello")
        #expect(await client.delete("Attachment/\(id)").status == 200)
        #expect(await client.get("Attachment/\(id)").status == 404)
    }

    @Test func anUnknownUploadIsRejectedAndNothingIsCreated() async {
        let client = await SimulatorClient.connected()
        for attachments: JSONValue in [[["id": 777]], [["filename": "a.txt"]], [["id": "no-such-token"]]] {
            let answer = await client.createHardwareRequest(["attachments": attachments])
            #expect(answer["Message"] == "The Attachment could not be found")
        }
        #expect(await client.simulator.ticketCount() == 250)
        #expect(await client.post("Actions", #"[{"ticket_id":1001,"outcome_id":7,"note":"x","attachments":[{"id":777}]}]"#).status == 400)
    }

    @Test func anUploadOfAnotherTicketIsRejected() async {
        let client = await SimulatorClient.connected()
        let id = await client.upload()
        #expect(await client.createHardwareRequest(["attachments": [["id": id]]]).status == 201)
        #expect(await client.createHardwareRequest(["attachments": [["id": id]]]).status == 400)
    }

    @Test func aTypeCanDemandAttachments() async {
        let client = await SimulatorClient.connected()
        #expect(await client.createHardwareRequest(["attachments": nil])["Message"] == "Attachment must be set for this Ticket Type")
        _ = await client.simulator.setMinimumAttachments(2, ofTicketType: 40)
        #expect(await client.createHardwareRequest().status == 400)
        _ = await client.simulator.setMinimumAttachments(1, ofTicketType: 3)
        #expect(await client.post("Tickets", #"[{"tickettype_id":3,"summary":"x"}]"#).status == 400)
        _ = await client.simulator.setMinimumAttachments(0, ofTicketType: 40)
        #expect(await client.createHardwareRequest(["attachments": nil]).status == 201)
    }

    @Test func aDeletedAttachmentIsGone() async {
        let client = await SimulatorClient.connected()
        let id = await client.upload().integer ?? 0
        #expect(await client.delete("Attachment/\(id)").status == 200)
        #expect(await client.simulator.attachments().isEmpty)
        #expect(await client.delete("Attachment/\(id)").status == 404)
        #expect(await client.get("Attachment/nonsense").status == 400)
    }

    @Test func attachmentsOfAnActionAreListedWithIt() async throws {
        let client = await SimulatorClient.connected()
        let id = await client.upload("log.txt")
        let action = await client.post(
            "Actions",
            SimulatorClient.body([
                "ticket_id": 1001, "outcome_id": 7, "note": "x", "attachments": [["id": id, "showforusers": false]],
            ]))
        #expect(action["attachment_count"] == 1)
        let number = action["id"].integer ?? 0
        let list = await client.get("Attachment", ["ticket_id": "1001", "action_id": "\(number)"])
        #expect(list.rows("attachments").map { $0["filename"] } == ["log.txt"])
        #expect(list.rows("attachments").map { $0["showforusers"] } == [false])
        // The action alone is not enough.
        #expect(await client.get("Attachment", ["action_id": "\(number)"]).rows("attachments").isEmpty)
        #expect(await client.get("Attachment", ["ticket_id": "1001", "action_id": "1"]).rows("attachments").isEmpty)
    }

    @Test func anUploadCanFail() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.uploadLimit, "4")])
        #expect(await client.post("Attachment", #"[{"filename":"a.txt","data_base64":"aGVsbG8="}]"#).status == 413)
        await client.simulator.setFaults([HaloFault(.createStatus, "507/attachments")])
        #expect(await client.post("Attachment", #"[{"filename":"a.txt","data_base64":"aGVsbG8="}]"#).status == 507)
        await client.simulator.setFaults([HaloFault(.createLostRequest, "attachments")])
        #expect(await client.post("Attachment", #"[{"filename":"a.txt","data_base64":"aGVsbG8="}]"#).hangsUp)
        #expect(await client.simulator.attachments().isEmpty)
        await client.simulator.setFaults([HaloFault(.createLostReply, "attachments")])
        #expect(await client.post("Attachment", #"[{"filename":"a.txt","data_base64":"aGVsbG8="}]"#).hangsUp)
        #expect(await client.simulator.orphanedAttachments().count == 1)
    }

    @Test func aCreationThatFailsLeavesItsUploadsWithoutATicket() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.createStatus, "500/tickets")])
        #expect(await client.createHardwareRequest().status == 500)
        await client.simulator.setFaults([])
        #expect(await client.createHardwareRequest(["category_1": nil]).status == 400)
        #expect(await client.simulator.orphanedAttachments().count == 2)
    }

    @Test func theFilesTogetherAreLimited() throws {
        var store = AttachmentStore()
        let megabyte = String(repeating: "AAAA", count: 350_000)
        var stored = 0
        while stored < 1000,
            (try? store.save(["filename": "a", "data_base64": .string(megabyte)], ticket: nil, limit: nil, now: .unset)) != nil
        {
            stored += 1
        }
        #expect(stored == AttachmentStore.capacity / 1_050_000)
        _ = store.remove(1)
        #expect(throws: Never.self) {
            try store.save(["filename": "a", "data_base64": .string(megabyte)], ticket: nil, limit: nil, now: .unset)
        }
    }
}
