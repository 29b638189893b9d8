public import PSACore

/// Calls every operation of a session once, so that a claim about all of them can be checked.
///
/// Its list is compared with the session's source by a test: an operation added there must be added here.
public struct SessionSweep: Sendable {
    /// How one operation ended.
    public struct Answer: Sendable {
        /// The operation's name in the session, without argument labels.
        public let operation: String
        /// What it threw, or nil if it returned.
        public let error: (any Error)?
    }

    /// Every operation by name.
    public let operations: [(name: String, call: @Sendable (ConnectorSession) async throws -> Void)] = reading + writing

    /// Makes the sweep.
    public init() {}

    /// Calls each operation and collects how it ended; a list is asked for its first row.
    public func answers(of session: ConnectorSession) async -> [Answer] {
        var answers: [Answer] = []
        for operation in operations {
            do {
                try await operation.call(session)
                answers.append(Answer(operation: operation.name, error: nil))
            } catch {
                answers.append(Answer(operation: operation.name, error: error))
            }
        }
        return answers
    }

    private static let reading: [(name: String, call: @Sendable (ConnectorSession) async throws -> Void)] = [
        ("companies", { try await $0.companies().readFirstRow() }),
        ("contacts", { try await $0.contacts().readFirstRow() }),
        ("agents", { try await $0.agents().readFirstRow() }),
        ("tickets", { try await $0.tickets().readFirstRow() }),
        ("ticket", { _ = try await $0.ticket(RecordID(1)) }),
        ("notes", { try await $0.notes(of: RecordID(1)).readFirstRow() }),
        ("agreements", { try await $0.agreements().readFirstRow() }),
        ("recurringInvoices", { try await $0.recurringInvoices().readFirstRow() }),
        ("recurringInvoice", { _ = try await $0.recurringInvoice(RecordID(1)) }),
        ("ticketTypes", { _ = try await $0.ticketTypes() }),
        ("ticketStatuses", { _ = try await $0.ticketStatuses() }),
        ("ticketPriorities", { _ = try await $0.ticketPriorities() }),
    ]

    private static let writing: [(name: String, call: @Sendable (ConnectorSession) async throws -> Void)] = [
        ("ticketRequirements", { _ = try await $0.ticketRequirements() }),
        ("createTicket", { _ = try await $0.createTicket(TicketDraft(summary: "Printer on fire")) }),
        ("tickets", { _ = try await $0.tickets(externalReference: "vectis-1") }),
        ("search", { _ = try await $0.search(externalReference: "vectis-1") }),
        ("testTicketCreation", { _ = try await $0.testTicketCreation() }),
        ("addPrivateNote", { _ = try await $0.addPrivateNote("Seen.", to: RecordID(1)) }),
        ("reply", { _ = try await $0.reply("We are on it.", to: RecordID(1)) }),
        ("changeStatus", { _ = try await $0.changeStatus(of: RecordID(1), to: RecordID(2)) }),
    ]
}

extension PagedSequence {
    fileprivate func readFirstRow() async throws {
        var rows = makeAsyncIterator()
        _ = try await rows.next()
    }
}
