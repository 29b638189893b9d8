/// The tickets that take no notes any more.
///
/// HaloPSA fact: an agent without the right to edit closed tickets is refused; others are not.
enum RefusedNotes: String, Sendable, CaseIterable {
    case closed
    case merged
    case locked
    case all

    func concerns(_ ticket: TicketRecord) -> Bool {
        switch self {
        case .closed: ticket.isClosed
        case .merged: ticket.mergedInto != 0
        case .locked: ticket.isLocked
        case .all: ticket.isClosed || ticket.mergedInto != 0 || ticket.isLocked
        }
    }
}
