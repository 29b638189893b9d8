import PSACore

/// The checked settings by name and type.
struct HaloSettings: Sendable {
    let tenantURL: ServiceURL
    let credentials: ClientCredentialsGrant
    let tenant: String?
    let ticketType: TicketType.ID?
    let ticketStatus: TicketStatus.ID?
    let ticketPriority: TicketPriority.ID?
    let privateNoteOutcome: String
    let replyOutcome: String
    /// How many requests the tenant takes in five minutes.
    let rateLimit: RateLimit
    let policy: AddressPolicy

    /// Reads them; the schema has made sure that the required ones are there, so a gap is a defect of the connector.
    init(_ settings: ConnectorSettings) throws {
        guard let url = settings.serviceURL(.tenantURL), let id = settings.text(.clientID), let secret = settings.secret(.clientSecret),
            let scope = settings.text(.scope), let note = settings.text(.privateNoteOutcome), let reply = settings.text(.replyOutcome),
            let requests = settings.integer(.requestsPerFiveMinutes)
        else {
            throw PSAError(.connectorDefect, catalogue: HaloGuidance.catalogue, values: [.object: .phrase(CoreMessage.itsSettings)])
        }
        tenantURL = url
        credentials = ClientCredentialsGrant(clientID: id, clientSecret: secret, scope: scope)
        tenant = settings.text(.tenant)
        ticketType = settings.integer(.ticketTypeID).map { TicketType.ID($0) }
        ticketStatus = settings.integer(.ticketStatusID).map { TicketStatus.ID($0) }
        ticketPriority = settings.integer(.ticketPriorityID).map { TicketPriority.ID($0) }
        privateNoteOutcome = note
        replyOutcome = reply
        rateLimit = RateLimit(requests, per: .seconds(300))
        policy = settings.policy
    }

    /// A draft with the ticket defaults for what it leaves open.
    ///
    /// Defaults belong together: a status or priority chosen for one type may mean something else, or nothing, for another.
    func withDefaults(_ draft: TicketDraft) -> TicketDraft {
        var draft = draft
        draft.type = draft.type ?? ticketType
        guard draft.type == ticketType else { return draft }
        draft.status = draft.status ?? ticketStatus
        draft.priority = draft.priority ?? ticketPriority
        return draft
    }
}
