#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

extension ConformanceRule {
    /// The history of a ticket.
    static let notePages: [ConformanceRule] = [
        ConformanceRule(
            "paging.notes", .gold,
            "The notes of a ticket come whole and in their order, are its own, and bear the time at which they were written",
            because: "A person would read half of a history, or another customer's.",
            needs: [.connection, .writing, .capability(.createTickets), .capability(.addNotes), .capability(.readNotes)], check: notes)
    ]

    private static func notes(_ subject: ConformanceSubject) async throws -> [Violation] {
        let session = try ConformanceStage(subject).session()
        let mark = Marker()
        let ticket = try await session.createTicket(mark.draft(subject)).id
        let other = try await session.createTicket(Marker().draft(subject)).id
        let foreign = Marker()
        _ = try await session.addPrivateNote("A note of another ticket, \(foreign.text)", to: other)
        var written: [TicketNote.ID] = []
        let enoughNotes = max(1, subject.noteCount)
        for number in 1...enoughNotes {
            written.append(try await session.addPrivateNote("Note \(number) of \(enoughNotes), \(mark.text)", to: ticket).id)
        }
        var notes: [TicketNote] = []
        for try await note in session.notes(of: ticket).prefix(1_000) { notes.append(note) }
        let own = Set(written)
        let order = notes.map(\.id).filter(own.contains)
        var others: Set<EntryKey> = []
        for try await note in session.notes(of: other).prefix(100) { others.insert(EntryKey(note)) }
        if subject.can(.readTickets) {
            for try await listed in session.tickets().prefix(3) where listed.id != ticket {
                for try await note in session.notes(of: listed.id).prefix(100) { others.insert(EntryKey(note)) }
            }
        }
        let shared = notes.count { $0.text.contains(foreign.text) || others.contains(EntryKey($0)) }
        let shift = notes.lazy.filter { own.contains($0.id) }.compactMap { $0.createdAt?.quartersFromNow }.first
        return Violations.unless(
            own.isSubset(of: order), "Of \(enoughNotes) notes of ticket \(ticket), \(own.subtracting(order).count) are missing.")
            + .unless(order.count == Set(order).count, "Notes of ticket \(ticket) come twice.")
            + .unless(
                !own.isSubset(of: order) || order.count != written.count || order == written || order == written.reversed(),
                "The notes of ticket \(ticket) come in no order of time.")
            + .unless(shared == 0, "\(shared) notes of other tickets are among those of ticket \(ticket).")
            + .unless(notes.allSatisfy { $0.ticket == ticket }, "Notes of ticket \(ticket) are said to belong to another one.")
            + (shift.map { [Violation("A note written now bears a time that is off by \($0 * 15) minutes.")] } ?? [])
    }

    /// Notes that a change of the status carries.
    static let statusNotes: [ConformanceRule] = [
        ConformanceRule(
            "writing.status-note", .gold, "A note given with a status stands once and whole in the ticket's history, for staff only",
            because: "What was done to close a ticket would be lost, or a customer would read what was meant for staff.",
            needs: [
                .connection, .writing, .capability(.createTickets), .capability(.changeStatus), .capability(.readPicklists),
                .capability(.readNotes),
            ], check: statusNote)
    ]

    private static func statusNote(_ subject: ConformanceSubject) async throws -> [Violation] {
        let session = try ConformanceStage(subject).session()
        let ticket = try await session.createTicket(Marker().draft(subject))
        let statuses = try await session.ticketStatuses(for: ticket.type?.id)
        let open = statuses.first { $0.id != ticket.status?.id && $0.phase != .closed }
        let closing = statuses.first { $0.id != ticket.status?.id && $0.phase == .closed }
        let changes = [("new", open), ("closing", closing)].compactMap { name, status in status.map { (name, $0) } }
        guard !changes.isEmpty else { throw InconclusiveError("The ticket's type has no second status.") }
        var violations: [Violation] = []
        var refused: ErrorCode?
        var isSeen = false
        for (name, status) in changes {
            let mark = Marker()
            let text = StoredText.hard(mark)
            let refusal = try await failure { _ = try await session.changeStatus(of: ticket.id, StatusChange(to: status.id, note: text)) }
            if let refusal {
                guard [.connector, .ticket, .request].contains(refusal.code.area), !refusal.mayHaveBeenExecuted else { throw refusal }
                refused = refusal.code
                continue
            }
            isSeen = true
            var entries: [TicketNote] = []
            for try await note in session.notes(of: ticket.id) where note.text.contains(mark.text) { entries.append(note) }
            violations += Self.violations(of: entries, StoredText(text), "the note of the \(name) status")
        }
        if !isSeen, let refused { throw InconclusiveError("A status with a note is refused: \(refused).") }
        return violations
    }

    /// What speaks against the entries of a history that carry the mark of a note.
    private static func violations(of entries: [TicketNote], _ given: StoredText, _ name: String) -> [Violation] {
        guard let entry = entries.first else { return [Violation("The history lacks \(name).")] }
        let found = StoredText.reading(entry.text, against: given)
        return Violations.unless(
            found.contains(given), "Of \(name), “\(found.firstMissing(of: given) ?? "the order of lines")” is missing.")
            + .unless(entries.count == 1, "The history has \(name) \(entries.count) times.")
            + .unless(entry.visibility == .staffOnly, "The visibility of \(name) is \(entry.visibility).")
    }
}

/// What tells entries of histories apart, also where a vendor numbers those of each ticket from one.
private struct EntryKey: Hashable {
    let id: TicketNote.ID
    let text: String

    init(_ note: TicketNote) {
        id = note.id
        text = note.text
    }
}

extension Date {
    /// By how many quarters of an hour it differs from now, if that is what a wrong time zone does; nil if not.
    ///
    /// The vendor's clock may be wrong by some minutes; a zone is a whole number of quarters of an hour.
    fileprivate var quartersFromNow: Int? {
        let quarters = timeIntervalSince(TimeSource.system.now()) / 900
        guard (1...56).contains(abs(quarters.rounded())), abs(quarters - quarters.rounded()) < 0.15 else { return nil }
        return Int(quarters.rounded())
    }
}
