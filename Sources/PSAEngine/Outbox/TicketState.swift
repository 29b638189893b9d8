import PSACore

/// Why a ticket does not take a change.
enum TicketStateMessage: LocalizedMessage, Hashable {
    case closed
    case deleted
    case merged(into: String)
    /// The connection led to another tenant when the change was enqueued.
    case ofFormerTenant
    /// The status that the ticket has in place of the wanted one; empty if the PSA does not say.
    case hasStatus(String)
    case ticket(String)

    var values: [String: MessageValue] {
        switch self {
        case .closed, .deleted, .ofFormerTenant: [:]
        case .merged(let id), .hasStatus(let id), .ticket(let id): ["id": .verbatim(id)]
        }
    }

    func pattern(in language: Language) -> String {
        switch (language, self) {
        case (.english, .closed): "the ticket is closed, and was not changed"
        case (.english, .deleted): "the ticket is deleted, and was not changed"
        case (.english, .merged): "the ticket was merged into ticket {id}, and was not changed"
        case (.english, .ofFormerTenant): "the connection led to another tenant when this was enqueued, and nothing was sent"
        case (.english, .hasStatus("")): "the ticket has another status"
        case (.english, .hasStatus): "the ticket has the status {id}"
        case (.english, .ticket): "ticket {id}"
        case (.german, .closed): "das Ticket ist geschlossen und wurde nicht geändert"
        case (.german, .deleted): "das Ticket ist gelöscht und wurde nicht geändert"
        case (.german, .merged): "das Ticket wurde mit Ticket {id} zusammengeführt und nicht geändert"
        case (.german, .ofFormerTenant): "die Verbindung führte zu einem anderen Tenant, als dies eingereiht wurde; nichts wurde gesendet"
        case (.german, .hasStatus("")): "das Ticket hat einen anderen Status"
        case (.german, .hasStatus): "das Ticket hat den Status {id}"
        case (.german, .ticket): "Ticket {id}"
        }
    }

    /// The cause in the guidance of the code.
    private var cause: CauseID {
        switch self {
        case .closed: "closed"
        case .deleted: "deleted"
        case .merged: "merged"
        case .ofFormerTenant: "former_tenant"
        case .hasStatus, .ticket: "workflow"
        }
    }

    /// What showed it.
    private var probe: Probe { self == .ofFormerTenant ? .settings : .record }

    /// The error with which the change of a ticket fails.
    func error(_ code: ErrorCode, _ id: Ticket.ID, of connection: StoredConnection, _ session: ConnectorSession) -> PSAError {
        error(code, id, of: connection, session.descriptor)
    }

    /// The error with which the change of a ticket fails.
    func error(_ code: ErrorCode, _ id: Ticket.ID, of connection: StoredConnection, _ descriptor: ConnectorDescriptor) -> PSAError {
        var error = PSAError(
            code, catalogue: descriptor.guidance,
            values: [
                .host: .verbatim(connection.tenant.rawValue), .object: .phrase(TicketStateMessage.ticket(id.rawValue)),
                .message: .phrase(self),
            ])
        error.findings = [CauseEvidence(cause, by: probe, evidence: self)]
        error.connector = descriptor.id
        return error
    }
}
