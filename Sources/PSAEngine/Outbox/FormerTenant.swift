package import PSACore

extension TicketWriter {
    /// The outcome of a job that was made before its connection led to its present tenant; nil for any other, and for a new ticket that a
    /// person has released since, which goes to the present tenant.
    ///
    /// Nothing is sent or searched for: in another tenant the number of a ticket means another ticket, and a write that is absent there
    /// proves nothing.
    func outcome(ofFormerTenant job: TicketJob, of connection: StoredConnection, _ descriptor: ConnectorDescriptor) -> JobOutcome? {
        guard connection.isOfFormerTenant(job.id) else { return nil }
        if job.state == .unknown, !job.isReleased { return outcome(job, .needsReview(.outcomeUnknown), remark: .sentToFormerTenant) }
        guard let ticket = job.payload.operation.ticket else { return job.isReleased ? nil : outcome(job, .needsReview(.tenantChanged)) }
        return outcome(ofUnsent: PSAError(ticketOfFormerTenant: ticket, of: connection, descriptor), job)
    }
}

extension PSAError {
    /// The error for a ticket of the tenant that a connection led to before.
    package init(ticketOfFormerTenant ticket: Ticket.ID, of connection: StoredConnection, _ descriptor: ConnectorDescriptor) {
        self = TicketStateMessage.ofFormerTenant.error(.ticketNotWritable, ticket.rawValue, of: connection, descriptor)
    }
}
