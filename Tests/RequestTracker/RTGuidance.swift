import PSACore

/// RT's own texts, in the words of its menus (5.0).
enum RTGuidance {
    static let catalogue = GuidanceCatalogue(
        vendorName: "Request Tracker", addressField: .serverURL,
        overrides: [
            .urlNotVendor: notRT, .authTokenRejected: tokenRejected, .permissionRoleDenied: rightMissing,
            .permissionNothingVisible: nothingVisible, .ticketDefaultInvalid: choiceRefused,
        ])

    private static let notRT = GuidanceTemplate(
        title: "RT does not answer at this address", detail: "{host} answered, but not as {object} of RT does.",
        causes: [
            CauseTemplate(
                "web_path", .likely, english: "RT lies under a path of this server, such as /rt, and the web path is empty or another.",
                steps: [
                    "Log in to RT in the browser and look at the address bar.",
                    "If a path such as /rt stands before /Ticket or /index.html, enter it as web path.", .testAgain,
                ], fields: [.serverURL, .webPath], responsibleParty: .you),
            CauseTemplate(
                "other_server", .possible, english: "The address is that of another server.",
                steps: ["Log in to RT in the browser, and paste the part up to the host as server URL.", .testAgain],
                fields: [.serverURL], responsibleParty: .you),
            CauseTemplate(
                "older", .possible, english: "RT is older than 5.0.",
                steps: ["Look at the foot of a page of RT, which names its version.", .testAgain], responsibleParty: .psaAdministrator),
        ], guide: anchor("1-the-address"))

    private static let tokenRejected = GuidanceTemplate(
        title: "RT refused the authentication token", detail: "RT at {host} did not accept the token when asked for {object}.",
        causes: [
            CauseTemplate(
                "cut_off", .likely, english: "The token was cut off when it was copied, or belongs to another RT.",
                steps: [
                    "In RT open Logged in as … → Settings → Auth Tokens as the connector's user.",
                    "Create a token there and paste it: RT shows it once.", .testAgain,
                ], fields: [.token], responsibleParty: .you),
            CauseTemplate(
                "deleted", .possible, english: "The token was deleted, or its user was disabled.", evidence: [.history: .likely],
                steps: [
                    "Check that the token is listed under Settings → Auth Tokens, and that the user may log in.", .testAgain,
                ], fields: [.token], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "header_lost", .possible, english: "A proxy in front of RT takes the Authorization header away.",
                steps: ["Ask whoever runs the proxy to pass that header on.", .testAgain], responsibleParty: .psaAdministrator),
        ], guide: anchor("2-the-user-and-its-token"))

    private static let rightMissing = GuidanceTemplate(
        title: "A right is missing in RT", detail: "RT at {host} did not allow {object} to the user whose token is used.",
        causes: [
            CauseTemplate(
                "right", .likely, english: "The groups of that user have no right to {object}.", evidence: [.history: .likely],
                steps: [
                    "In RT open Admin → Global → Group Rights and the group of the connector's user.",
                    "Tick the rights that the guide lists.",
                    "Or grant them for single queues: Admin → Queues → Select → the queue → Group Rights.", .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "queue_disabled", .possible, english: "The queue is disabled.",
                steps: ["Look under Admin → Queues → Select whether the queue is enabled.", .testAgain], responsibleParty: .psaAdministrator
            ),
        ], guide: anchor("3-its-rights-and-the-staff-group"))

    private static let nothingVisible = GuidanceTemplate(
        title: "RT shows nothing of this", detail: "RT at {host} showed nothing when asked for {object}.",
        causes: [
            CauseTemplate(
                "right", .likely, english: "The user whose token is used has no right to see {object}.",
                steps: [
                    "Log in to RT as the connector's user and look whether {object} can be seen.",
                    "Grant what is missing: Admin → Global → Group Rights; for custom fields SeeCustomField.", .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "none", .possible, english: "There is none.",
                steps: [.check("Look in RT as an administrator whether there are any; if not, nothing is wrong.")], responsibleParty: .you),
            CauseTemplate(
                "other_name", .possible, english: "A custom field has another name than the one that is set.",
                steps: ["Compare names with Admin → Custom Fields → Select.", .testAgain], fields: [.customerField, .referenceField],
                responsibleParty: .you),
            CauseTemplate(
                "staff_group", .possible, english: "RT no longer shows its own group Privileged, or the staff group has another name.",
                steps: ["In RT open Admin → Groups → Select, and set a group there whose members are your staff.", .testAgain],
                fields: [.staffGroup], responsibleParty: .you),
        ], guide: anchor("4-the-two-custom-fields"))

    private static let choiceRefused = GuidanceTemplate(
        title: "RT refused a queue or status", detail: "RT at {host} refused {object} because of {field}: {message}",
        causes: [
            CauseTemplate(
                "lifecycle", .likely,
                english: "The lifecycle of the ticket's queue has no such status, or no step to it from where the ticket is.",
                steps: [
                    "Open a ticket of the queue in RT; its Actions menu and Basics page offer the statuses there are.",
                    "Choose one of them.", .tryAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "queue", .possible, english: "The queue is not there or disabled.", steps: ["Choose another queue.", .tryAgain],
                fields: [.queueID], responsibleParty: .you),
        ], guide: anchor("5-the-queue-of-new-tickets"))

    private static func anchor(_ heading: String) -> GuideAnchor { GuideAnchor(RequestTrackerConnector.guide, heading) }
}
