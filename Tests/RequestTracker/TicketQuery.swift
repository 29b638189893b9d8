/// Conditions of TicketSQL, RT's query language, with every value quoted.
struct TicketQuery: Sendable {
    /// The query as RT takes it.
    let text: String

    /// Every ticket.
    static let all = TicketQuery(text: "id > 0")

    /// Tickets whose field has a value; the field's name is ours or was checked.
    static func field(_ name: String, is value: String) -> TicketQuery { TicketQuery(text: "\(name) = \(quoted(value))") }

    /// Tickets that were changed at a time or later, as RT reads times.
    static func updated(since time: String) -> TicketQuery { TicketQuery(text: "LastUpdated >= \(quoted(time))") }

    /// Tickets whose custom field has a value.
    static func customField(_ name: String, is value: String) -> TicketQuery {
        TicketQuery(text: "\(quoted("CF.{\(name)}")) = \(quoted(value))")
    }

    /// Tickets that fit both.
    static func && (left: TicketQuery, right: TicketQuery) -> TicketQuery { TicketQuery(text: "\(left.text) AND \(right.text)") }

    private static func quoted(_ value: String) -> String {
        "'" + value.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}
