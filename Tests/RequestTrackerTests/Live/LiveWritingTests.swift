import Foundation
import PSACore
import PSATesting
import TestSupport
import Testing

@Suite("Writing to a real Request Tracker", .enabled(if: LiveServer.isGiven), .serialized)
struct LiveWritingTests {
    private let live = LiveServer()

    @Test func aTicketIsCreatedFoundNotedAnsweredAndClosed() async throws {
        let session = try live.session()
        let reference = "O'Neil \\ \(UUID().uuidString)"
        let support = try #require(try await session.ticketTypes().first { $0.name == "Support" })
        let draft = TicketDraft(
            summary: "Kein Ton – „Lautsprecher“ & Co", details: "Zeile 1\nZeile 2 <b>fett</b>", company: RecordID("Miller & Sons"),
            contact: RecordID("person1@example.com"), type: support.id, status: RecordID("open"), priority: RecordID(40),
            externalReference: reference)
        let ticket = try await session.createTicket(draft)
        #expect(ticket.summary == draft.summary && ticket.details == draft.details)
        #expect(ticket.company?.id == draft.company && ticket.contact?.id == draft.contact)
        #expect(ticket.type?.id == draft.type && ticket.status?.id == draft.status && ticket.priority?.id == draft.priority)
        #expect(ticket.externalReference == reference)
        #expect(try await session.tickets(externalReference: reference).map(\.id) == [ticket.id])
        #expect(try await session.tickets(externalReference: reference + "x").isEmpty)

        let note = try await session.addPrivateNote("Nur für uns\nzweite Zeile", to: ticket.id)
        #expect(note.text == "Nur für uns\nzweite Zeile" && note.visibility == .staffOnly)
        let reply = try await session.reply("Wir sind dran.", to: ticket.id)
        #expect(reply.note.visibility == .contact && reply.notification == .decidedByTenant)
        let notes = try await session.notes(of: ticket.id).collect()
        #expect(notes.map(\.id) == [note.id, reply.note.id])
        #expect(notes.map(\.text) == ["Nur für uns\nzweite Zeile", "Wir sind dran."])
        #expect(
            notes.allSatisfy {
                $0.author == .agent(Reference(RecordID<Agent>("psa-connector") ?? RecordID(0), label: "psa-connector"))
            })

        let closed = try await session.changeStatus(of: ticket.id, to: try #require(TicketStatus.ID("resolved")))
        #expect(closed.status?.id.rawValue == "resolved" && closed.phase == .closed && closed.closedAt != nil)
        print("live: created, found, noted, answered and closed with \(live.transport.requests.count) requests")
    }

    @Test func theRequestorIsMailedTheReplyAndNotTheComment() async throws {
        let folder = try #require(ProcessInfo.processInfo.environment["RT_TEST_FOLDER"])
        let session = try live.session()
        let ticket = try await session.createTicket(
            TicketDraft(summary: "Mail", contact: RecordID("person2@example.com")))
        let marker = UUID().uuidString
        _ = try await session.addPrivateNote("private \(marker)", to: ticket.id)
        _ = try await session.reply("public \(marker)", to: ticket.id)
        let boxes = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".mbox") }
        let mail = try boxes.map { try String(contentsOfFile: folder + "/" + $0, encoding: .utf8) }.joined()
        #expect(mail.contains("public \(marker)"))
        #expect(!mail.contains("private \(marker)"))
    }

    @Test func aStatusWithABlankInItsNameIsSet() async throws {
        let session = try live.session()
        let projects = try #require(try await session.ticketTypes().first { $0.name == "Projects" })
        let ticket = try await session.createTicket(TicketDraft(summary: "New office", type: projects.id))
        #expect(ticket.status?.id.rawValue == "planned")
        let status = try #require(TicketStatus.ID("in progress"))
        #expect(try await session.changeStatus(of: ticket.id, to: status).status?.id == status)
    }

    @Test func aRefusalThatLooksLikeASuccessIsAnError() async throws {
        let session = try live.session()
        let ticket = try await session.createTicket(TicketDraft(summary: "Keeps its status"))
        let status = try #require(TicketStatus.ID("planned"))
        let error = await failure { _ = try await session.changeStatus(of: ticket.id, to: status) }
        #expect(error?.code == .ticketDefaultInvalid)
        #expect(error?.guidance.detail.contains("isn't a valid status") == true)
        #expect(try await session.ticket(ticket.id).status?.id.rawValue == "new")
    }

    @Test func whatRTWouldDropWithoutAWordIsRefusedBefore() async throws {
        let session = try live.session()
        let before = try await session.tickets().collect().count
        let drafts = [
            TicketDraft(summary: "No such customer", company: RecordID("Nobody Ltd")),
            TicketDraft(summary: "No such contact", contact: RecordID("nobody@nowhere.example")),
            TicketDraft(summary: " "),
        ]
        for draft in drafts {
            #expect(await failure { _ = try await session.createTicket(draft) }?.code == .requestInvalid, "\(draft.summary)")
        }
        #expect(try await session.tickets().collect().count == before)
    }

    @Test func aQueueOrStatusThatIsNotThereIsNamed() async throws {
        let session = try live.session()
        let queue = await failure { _ = try await session.createTicket(TicketDraft(summary: "x", type: RecordID(9999))) }
        #expect(queue?.code == .permissionRoleDenied)
        let status = await failure {
            _ = try await session.createTicket(TicketDraft(summary: "x", status: RecordID("no such status")))
        }
        #expect(status?.code == .ticketDefaultInvalid)
        #expect(status?.vendor?.message?.contains("no such status") == true)
    }
}
