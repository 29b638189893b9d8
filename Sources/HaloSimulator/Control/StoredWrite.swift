extension HaloSimulator {
    /// A ticket or note that was created through the API, with what was sent for it whatever was made of that.
    public struct StoredWrite: Sendable, Hashable {
        /// The ticket that was created or got the note.
        public var ticketID: Int
        /// The note's number on its ticket; nil for a new ticket.
        public var actionID: Int?
        /// The customer whose ticket it was at that moment.
        public var clientID: Int
        /// Whether people see the ticket at that moment: it is open, not merged, not deleted, and not hidden.
        public var isSeen: Bool
        /// The subject, details and note as they were sent, one after the other.
        public var sent: String
    }

    /// Everything that was created through the API since the start or the last ``clearLog()``, oldest first.
    public func storedWrites() -> [StoredWrite] { writes }

    /// Notes what a request has created.
    func record(_ sent: [String: JSONValue], _ resource: Resource, saved: [UInt8]) {
        guard resource == .tickets || resource == .actions, (sent["id"]?.integer ?? 0) == 0 else { return }
        let ticket = resource == .actions ? sent["ticket_id"]?.integer : store.tickets.records.last?.id
        guard let ticket, let record = store.tickets[ticket] else { return }
        let action = resource == .actions ? store.actions.actions(of: record).last?.id : nil
        let isSeen = !record.isClosed && record.mergedInto == 0 && !record.isDeleted && !record.isHidden
        writes.append(
            StoredWrite(ticketID: ticket, actionID: action, clientID: record.clientID, isSeen: isSeen, sent: Self.text(of: sent)))
    }

    /// The words of a write, by which a fault can be told for which writes it is meant.
    static func text(of sent: [String: JSONValue]) -> String {
        ["summary", "details", "details_html", "note", "note_html"].compactMap { sent[$0]?.text }.joined(separator: "\n")
    }
}
