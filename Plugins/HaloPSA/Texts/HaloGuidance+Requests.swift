import PSACore

extension HaloGuidance {
    static let requests: [ErrorCode: GuidanceTemplate] = [
        .requestRejected: GuidanceTemplate(
            title: "HaloPSA rejected the request",
            detail: "HaloPSA at {host} did not accept {object}: {message}",
            causes: [
                Cause("A value does not fit, or the ticket type demands a field that was not sent.", .likely),
                Cause("HaloPSA names one problem at a time; another may follow.", .possible),
            ],
            steps: [
                "Read what HaloPSA said and correct that value.",
                "If it asks for a field, make it optional for this ticket type under Config → Tickets → Ticket Types, or choose another type.",
                "Try again.",
            ],
            actor: .you, guide: guide("400-on-a-new-ticket")),
        .ticketDefaultInvalid: GuidanceTemplate(
            title: "A ticket default is not valid in HaloPSA",
            detail: "HaloPSA at {host} did not accept {field} of {object}: {message}",
            causes: [
                Cause("The id is not one of this HaloPSA, or was deleted there.", .likely, id: "no_such_id"),
                Cause(
                    "The status or priority exists, but not for this ticket type: priorities belong to the type's SLA.", .possible,
                    id: "not_for_type"),
                Cause("The application's agent may not create tickets of this type.", .possible, id: "not_creatable"),
            ],
            steps: [
                "List what there is: vectis list ticket-types, statuses or priorities.",
                "Find the ids in HaloPSA under Config → Tickets → Ticket Types.", "Correct {field}.", "Try again.",
            ],
            fields: [.ticketTypeID, .ticketStatusID, .ticketPriorityID], actor: .you, guide: guide("8-ticket-defaults")),
        .rateLimited: GuidanceTemplate(
            title: "HaloPSA asks for a pause",
            detail: "HaloPSA at {host} had too many requests when asked for {object}.",
            causes: [
                Cause(
                    "All integrations of this HaloPSA together exceed its limit, which is a few hundred requests in five minutes.", .likely)
            ],
            steps: ["Wait a few minutes.", "Look which other integrations poll HaloPSA, and slow them down.", "Try again."],
            actor: .vendor, retry: .afterDelay(.seconds(300)), guide: guide("10-request-limits")),
        .vendorUnavailable: GuidanceTemplate(
            title: "HaloPSA is not available",
            detail: "HaloPSA at {host} reported a fault of its own when asked for {object}.",
            causes: [
                Cause("HaloPSA is overloaded, under maintenance or broken.", .likely),
                Cause(
                    "The tenant part of the tenant URL is misspelt: HaloPSA answers some unknown tenants with a server error.", .possible),
            ],
            steps: [
                "Open {host} in a browser: if HaloPSA shows its sign-in page there, the address is right.",
                "Look at the vendor's status page.", "Wait a few minutes.", testAgain,
            ],
            actor: .vendor, retry: .afterDelay(.seconds(120)), guide: guide("5-find-the-tenant-url")),
        .writeOutcomeUnknown: GuidanceTemplate(
            title: "It is not known whether HaloPSA made the change",
            detail: "The request to {host} for {object} was sent, but no usable answer came back.",
            causes: [
                Cause("HaloPSA or a gateway in front of it failed after the request had left; the change may have been made.", .likely)
            ],
            steps: [
                "Look in HaloPSA whether the change is there; a ticket is found by its external reference.", "Repeat it only if it is not.",
            ],
            actor: .you, retry: .unknownOutcome, guide: guide("it-is-not-known-whether-a-ticket-was-created")),
    ]
}
