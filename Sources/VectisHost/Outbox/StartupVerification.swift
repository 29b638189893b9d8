import PSACore
import Synchronization

/// Tells what waited before this process started: it may have been sent by a process whose data folder was replaced by a backup.
///
/// Each of it is looked for once before its first send. Ids and not times are compared, because a clock can be set back.
final class StartupVerification: Sendable {
    /// The latest item when the process started; nil if there was none.
    private let latest: Firing.ID?
    private let verified = Mutex<Set<Firing.ID>>([])

    init(latest: Firing.ID?) { self.latest = latest }

    /// Whether an item has to be looked for before it is sent.
    ///
    /// What a person has released since it was held for not being verifiable is sent.
    func isNeeded(for firing: Firing) -> Bool {
        guard let latest, firing.id <= latest, !firing.isReleased else { return false }
        return !verified.withLock { $0.contains(firing.id) }
    }

    /// Notes that an item was looked for and is not in the PSA.
    func finish(_ firing: Firing) { verified.withLock { _ = $0.insert(firing.id) } }
}

/// The references of ours that opened tickets carry, so that no ticket is opened again for the next item that is looked for.
///
/// A reference is written when the ticket is created, so what was read once stays true.
final class OpenedTickets: Sendable {
    /// What a ticket said when it was opened.
    struct Ticket: Sendable {
        /// Whether it carries any external reference, ours or not.
        let isReferenced: Bool
        /// Our references in it.
        let markers: Set<String>
    }

    private static let limit = 50_000

    private let tickets = Mutex<[ConnectionID: [String: Ticket]]>([:])

    subscript(connection: ConnectionID, id: String) -> Ticket? { tickets.withLock { $0[connection]?[id] } }

    func note(_ ticket: PSACore.Ticket, of connection: ConnectionID) -> Ticket {
        let reference = ticket.externalReference ?? ""
        let opened = Ticket(
            isReferenced: !reference.isEmpty, markers: FiringMarker.all(in: reference).union(FiringMarker.all(in: ticket.details ?? "")))
        tickets.withLock { tickets in
            if tickets.values.reduce(0, { $0 + $1.count }) >= Self.limit { tickets = [:] }
            tickets[connection, default: [:]][ticket.id.rawValue] = opened
        }
        return opened
    }
}
