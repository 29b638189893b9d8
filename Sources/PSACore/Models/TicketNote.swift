public import FoundationEssentials

/// An entry in a ticket's history.
public struct TicketNote: Sendable, Identifiable {
    /// The vendor's id for a note; unique across tickets even where the vendor's own is not.
    public typealias ID = RecordID<TicketNote>

    /// Who can read a note.
    ///
    /// There is no default: showing an internal note to a customer can't be undone.
    @nonexhaustive
    public enum Visibility: Sendable, Hashable {
        /// Staff only.
        case staffOnly
        /// The contact as well.
        case contact
        /// The vendor says something this model does not know.
        case unknown(String)
    }

    /// Who wrote a note.
    @nonexhaustive
    public enum Author: Sendable, Hashable {
        case agent(Reference<Agent>)
        case contact(name: String)
        case system(name: String)
        case unknown(name: String?)
    }

    /// The id.
    public var id: ID
    /// The ticket it belongs to.
    public var ticket: Ticket.ID
    /// What was done, in the vendor's words: “Internal Note”, “Email User”.
    public var kind: String?
    /// Who wrote it.
    public var author: Author
    /// The text; vendors are known to send markup here too.
    public var text: String
    /// The text as HTML, unchecked: never show it without cleaning.
    public var html: String?
    /// Who can read it.
    public var visibility: Visibility
    /// When it was written.
    public var createdAt: Date?
    /// Time spent, if the note carries a time entry.
    public var timeSpent: Duration?
    /// The vendor's row.
    public var native: NativeRecord

    /// Makes a note; connectors do.
    public init(
        id: ID, ticket: Ticket.ID, kind: String? = nil, author: Author, text: String, html: String? = nil, visibility: Visibility,
        createdAt: Date? = nil, timeSpent: Duration? = nil, native: NativeRecord
    ) {
        self.id = id
        self.ticket = ticket
        self.kind = kind
        self.author = author
        self.text = text
        self.html = html
        self.visibility = visibility
        self.createdAt = createdAt
        self.timeSpent = timeSpent
        self.native = native
    }
}
