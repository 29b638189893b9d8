extension SharedErrorCode {
    var requestTemplate: GuidanceTemplate {
        switch self {
        case .requestInvalid:
            GuidanceTemplate(
                title: "The request can't be sent like this",
                detail: "Nothing was sent to {vendor} about {object}. {message}",
                causes: [Cause("A value is missing, or can't be one of {vendor}.", .certain)],
                steps: ["Correct the value.", "Try again."], actor: .you)
        case .requestRejected:
            GuidanceTemplate(
                title: "The PSA rejected the request",
                detail: "{vendor} at {host} did not accept {object}: {message}",
                causes: [
                    Cause("A value does not fit what {vendor} expects.", .likely),
                    Cause("{vendor} demands a field that was not sent.", .possible),
                ],
                steps: ["Read what {vendor} said, and correct that value.", "Try again."], actor: .you)
        case .requestNotFound:
            GuidanceTemplate(
                title: "The record was not found",
                detail: "{vendor} at {host} has no such record: {object}.",
                causes: [
                    Cause("It was deleted, or its id is wrong.", .likely),
                    Cause("The user the application acts as may not see it.", .possible),
                ],
                steps: ["Check the id.", "Look for the record in {vendor} as that user.", "Try again."], actor: .you)
        case .requestConflict:
            GuidanceTemplate(
                title: "The change conflicts with another one",
                detail: "{vendor} at {host} refused {object}, because it conflicts with what is stored: {message}",
                causes: [
                    Cause("A record of that name exists already.", .possible),
                    Cause("Somebody else is changing the same record.", .possible),
                ],
                steps: ["Look at the record in {vendor}.", "Try again with what is stored there in mind."], actor: .you)
        case .ticketDefaultInvalid:
            GuidanceTemplate(
                title: "A ticket default is not valid",
                detail: "{vendor} at {host} did not accept {field} of {object}: {message}",
                causes: [
                    Cause("The chosen type, status or priority was deleted or renumbered.", .likely),
                    Cause("It exists, but not for tickets of this type.", .possible),
                ],
                steps: [
                    "Read the lists of types, statuses and priorities again.", "Choose {field} anew in the ticket defaults.", "Try again.",
                ],
                actor: .you)
        default:
            GuidanceTemplate(
                title: "The reading can't be resumed at this place",
                detail: "The mark at which reading {object} should go on is not from this connector or version.",
                causes: [Cause("The mark was stored by another version or connector, or was damaged.", .likely)],
                steps: ["Read from the beginning."], actor: .us)
        }
    }

    var vendorTemplate: GuidanceTemplate {
        switch self {
        case .rateLimited:
            GuidanceTemplate(
                title: "Too many requests",
                detail: "{vendor} at {host} asks for a pause before it answers about {object}.",
                causes: [
                    Cause("All integrations with this tenant together made more requests than it allows.", .likely)
                ],
                steps: ["Wait a few minutes.", "If it happens often, lower the request rate of the integrations."],
                actor: .vendor,
                retry: .afterDelay(.seconds(60)))
        case .vendorUnavailable:
            GuidanceTemplate(
                title: "The PSA is not available",
                detail: "{vendor} at {host} reported a fault of its own when asked for {object}.",
                causes: [Cause("{vendor} is overloaded, under maintenance or broken. The settings are not to blame.", .likely)],
                steps: ["Look at the vendor's status page.", "Wait a few minutes.", Self.testAgain], actor: .vendor,
                retry: .afterDelay(.seconds(120)))
        case .vendorUnexpectedResponse:
            GuidanceTemplate(
                title: "The answer was not understood",
                detail: "{host} answered the request for {object} in a form {vendor} is not known to use.",
                causes: [
                    Cause("The answer was cut off or changed on the way.", .possible),
                    Cause("A new version of {vendor} answers differently.", .possible),
                ],
                steps: ["Try again in a minute.", "If it stays, send us the correlation id and the details below."], actor: .us,
                retry: .afterDelay(.seconds(60)))
        default:
            GuidanceTemplate(
                title: "It is not known whether the change was made",
                detail: "The request to {host} for {object} was sent, but no usable answer came back.",
                causes: [Cause("The connection or {vendor} failed after the request had left.", .likely)],
                steps: ["Look in {vendor} whether the change is there.", "Repeat it only if it is not."], actor: .you,
                retry: .unknownOutcome)
        }
    }

    var connectorTemplate: GuidanceTemplate {
        switch self {
        case .connectorPlaceholder:
            GuidanceTemplate(
                title: "This connector is not available yet",
                detail: "The connector for {vendor} is a placeholder: its settings can be shown and checked, but it does not connect.",
                causes: [Cause("Nobody has built this connector yet.", .certain)],
                steps: ["Use a connector whose tier is “complete”.", "To build this one, start from the files in its plugin folder."],
                actor: .us,
                retry: .never)
        case .connectorUnsupported:
            GuidanceTemplate(
                title: "This connector can't do that",
                detail: "The connector for {vendor} does not offer {object}.",
                causes: [Cause("The ability is not among those the connector declares.", .certain)],
                steps: ["Ask for the connector's capabilities before offering an action.", "Choose another way."], actor: .us, retry: .never
            )
        default:
            GuidanceTemplate(
                title: "The connector has a fault",
                detail: "Something went wrong inside the connector for {vendor} while it dealt with {object}.",
                causes: [Cause("This is a mistake in the connector, not in your settings.", .likely)],
                steps: ["Send us the correlation id and the details below."], actor: .us, retry: .never)
        }
    }
}
