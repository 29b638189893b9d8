import PSACore

/// Why a ticket does not take a change, or is not as it was wanted.
enum TicketStateMessage: LocalizedMessage, Hashable {
    case closed
    case deleted
    case merged(into: String)
    /// The company of the ticket, and the one that the change names.
    case moved(to: String, wanted: String)
    /// The connection led to another tenant when the change was enqueued.
    case ofFormerTenant
    /// The status that the ticket has in place of the wanted one; empty if the PSA does not say.
    case hasStatus(String)
    /// The company of a new ticket, and the one that it was sent for.
    case isAtCompany(String, wanted: String)
    case ticket(String)

    var values: [String: MessageValue] {
        switch self {
        case .closed, .deleted, .ofFormerTenant: [:]
        case .merged(let id), .hasStatus(let id), .ticket(let id): ["id": .verbatim(id)]
        case .isAtCompany(let id, let wanted), .moved(let id, let wanted): ["id": .verbatim(id), "wanted": .verbatim(wanted)]
        }
    }

    func pattern(in language: Language) -> String {
        switch (language, self) {
        case (.english, .closed): "the ticket is closed, and was not changed"
        case (.english, .deleted): "the ticket is deleted, and was not changed"
        case (.english, .merged): "the ticket was merged into ticket {id}, and was not changed"
        case (.english, .moved): "the ticket belongs to company {id}, not to “{wanted}”, and was not changed"
        case (.english, .ofFormerTenant): "the connection led to another tenant when this was enqueued, and nothing was sent"
        case (.english, .hasStatus("")): "the ticket has another status"
        case (.english, .hasStatus): "the ticket has the status {id}"
        case (.english, .isAtCompany): "it is at company {id}, and was sent for company {wanted}"
        case (.english, .ticket): "ticket {id}"
        case (.german, .closed): "das Ticket ist geschlossen und wurde nicht geändert"
        case (.german, .deleted): "das Ticket ist gelöscht und wurde nicht geändert"
        case (.german, .merged): "das Ticket wurde mit Ticket {id} zusammengeführt und nicht geändert"
        case (.german, .moved): "das Ticket gehört zu Firma {id}, nicht zu „{wanted}“, und wurde nicht geändert"
        case (.german, .ofFormerTenant): "die Verbindung führte zu einem anderen Tenant, als dies eingereiht wurde; nichts wurde gesendet"
        case (.german, .hasStatus("")): "das Ticket hat einen anderen Status"
        case (.german, .hasStatus): "das Ticket hat den Status {id}"
        case (.german, .isAtCompany): "es liegt bei Firma {id} und wurde für Firma {wanted} gesendet"
        case (.german, .ticket): "Ticket {id}"
        }
    }

    /// The cause in the guidance of the code.
    private var cause: CauseID {
        switch self {
        case .closed: "closed"
        case .deleted: "deleted"
        case .merged: "merged"
        case .moved: "moved"
        case .ofFormerTenant: "former_tenant"
        case .isAtCompany: "moved_by_vendor"
        case .hasStatus, .ticket: "workflow"
        }
    }

    /// What showed it.
    private var probe: Probe { self == .ofFormerTenant ? .settings : .record }

    /// The error with which the change of a ticket fails.
    func error(_ code: ErrorCode, _ id: Ticket.ID, of connection: StoredConnection, _ session: ConnectorSession) -> PSAError {
        error(code, id.rawValue, of: connection, session.descriptor)
    }

    /// The error about a ticket, by its id or the number that people use.
    func error(_ code: ErrorCode, _ ticket: String, of connection: StoredConnection, _ descriptor: ConnectorDescriptor) -> PSAError {
        var error = PSAError(
            code, catalogue: descriptor.guidance,
            values: [
                .host: .verbatim(connection.tenant.rawValue), .object: .phrase(TicketStateMessage.ticket(ticket)),
                .message: .phrase(self),
            ])
        error.findings = [CauseEvidence(cause, by: probe, evidence: self)]
        error.connector = descriptor.id
        return error
    }
}
