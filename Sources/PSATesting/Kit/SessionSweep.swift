package import PSACore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Calls every operation of a session once, so that a claim about all of them can be checked.
///
/// Its list is compared with the session's source by a test: an operation added there must be added here.
package struct SessionSweep: Sendable {
    /// How one operation ended.
    package struct Outcome: Sendable {
        /// The operation's name in ``ConnectorSession``, without argument labels.
        package let operation: String
        /// What it threw, or nil if it returned.
        package let error: (any Error)?
    }

    /// Every operation by name.
    package let operations: [(name: String, call: @Sendable (ConnectorSession) async throws -> Void)] = reading + writing

    /// Makes a sweep of all operations.
    package init() {}

    /// Calls each operation and collects its outcome; a list is read up to its first row.
    ///
    /// - Parameter session: The session.
    /// - Returns: The outcomes in the order of ``operations``.
    package func outcomes(of session: ConnectorSession) async -> [Outcome] {
        var outcomes: [Outcome] = []
        for operation in operations {
            do {
                try await operation.call(session)
                outcomes.append(Outcome(operation: operation.name, error: nil))
            } catch {
                outcomes.append(Outcome(operation: operation.name, error: error))
            }
        }
        return outcomes
    }

    private static let reading: [(name: String, call: @Sendable (ConnectorSession) async throws -> Void)] = [
        ("companies", { try await $0.companies().readFirstRow() }),
        ("companies", { try await $0.companies(changedSince: Date(timeIntervalSince1970: 0)).readFirstRow() }),
        ("company", { _ = try await $0.company(RecordID(1)) }),
        ("contacts", { try await $0.contacts().readFirstRow() }),
        ("contacts", { try await $0.contacts(changedSince: Date(timeIntervalSince1970: 0)).readFirstRow() }),
        ("contacts", { _ = try await $0.contacts(withEmail: "erika@acme.example.com") }),
        ("agents", { try await $0.agents().readFirstRow() }),
        ("tickets", { try await $0.tickets().readFirstRow() }),
        ("tickets", { try await $0.tickets(matching: TicketQuery(company: RecordID(1))).readFirstRow() }),
        (
            "ticketPages",
            {
                var pages = $0.ticketPages().makeAsyncIterator()
                _ = try await pages.next()
            }
        ),
        ("deletedTickets", { try await $0.deletedTickets().readFirstRow() }),
        ("ticket", { _ = try await $0.ticket(RecordID(1)) }),
        ("notes", { try await $0.notes(of: RecordID(1)).readFirstRow() }),
        ("agreements", { try await $0.agreements().readFirstRow() }),
        ("recurringInvoices", { try await $0.recurringInvoices().readFirstRow() }),
        ("recurringInvoice", { _ = try await $0.recurringInvoice(RecordID(1)) }),
        ("ticketTypes", { _ = try await $0.ticketTypes() }),
        ("ticketStatuses", { _ = try await $0.ticketStatuses() }),
        ("ticketPriorities", { _ = try await $0.ticketPriorities() }),
        ("attachments", { _ = try await $0.attachments(of: RecordID(1)) }),
        ("content", { _ = try await $0.content(of: RecordID(1), of: RecordID(1)) }),
    ]

    private static let writing: [(name: String, call: @Sendable (ConnectorSession) async throws -> Void)] = [
        ("ticketFields", { _ = try await $0.ticketFields() }),
        ("choices", { _ = try await $0.choices(of: .priority) }),
        ("check", { try await $0.check(TicketDraft(summary: "Printer on fire")) }),
        ("createTicket", { _ = try await $0.createTicket(TicketDraft(summary: "Printer on fire")) }),
        ("tickets", { _ = try await $0.tickets(externalReference: "vectis-1") }),
        ("search", { _ = try await $0.search(externalReference: "vectis-1") }),
        ("testTicketCreation", { _ = try await $0.testTicketCreation() }),
        ("addPrivateNote", { _ = try await $0.addPrivateNote("Seen.", to: RecordID(1)) }),
        ("addPrivateNote", { _ = try await $0.addPrivateNote(NoteDraft("Seen."), to: RecordID(1)) }),
        ("reply", { _ = try await $0.reply("We are on it.", to: RecordID(1)) }),
        ("reply", { _ = try await $0.reply(NoteDraft("We are on it."), to: RecordID(1)) }),
        ("changeStatus", { _ = try await $0.changeStatus(of: RecordID(1), to: RecordID(2)) }),
        ("changeStatus", { _ = try await $0.changeStatus(of: RecordID(1), StatusChange(to: RecordID(2))) }),
        ("vendorRequest", { _ = try await $0.vendorRequest(.get, path: "/tickets") }),
        ("upload", { _ = try await $0.upload(AttachmentFile(name: "report.txt", bytes: Array("Report".utf8))) }),
        (
            "discard",
            {
                try await $0.discard(UploadedAttachment(id: RecordID(1), name: "report.txt", mediaType: "text/plain", byteCount: 6))
            }
        ),
    ]
}

extension PagedSequence {
    fileprivate func readFirstRow() async throws {
        var rows = makeAsyncIterator()
        _ = try await rows.next()
    }
}
