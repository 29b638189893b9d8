import Foundation
import HaloSimulator
import PSACore
import PSATesting
import TestSupport

extension FaultCase {
    private static let notUnderstood = ExpectedDiagnosis(
        code: .vendorUnexpectedResponse, cause: "The answer was cut off or changed on the way", step: "Try again in a minute",
        check: (.read(.readTickets), .failed))
    private static let down = ExpectedDiagnosis(
        code: .vendorUnavailable, cause: "HaloPSA is overloaded", step: "Wait a few minutes",
        check: (.read(.readTickets), .failed))

    static let answers: [FaultCase] =
        [
            ("truncated-body", notUnderstood), ("garbage-json", notUnderstood), ("server-error", down), ("unavailable", down),
            ("gateway-timeout", down), ("html-502", down),
        ].map { FaultCase(name: "the API behind a good token: \($0.0)", peer: .simulator([$0.0]), expected: $0.1) }
        + [
            FaultCase(
                name: "a web page in place of tickets, behind a good token", peer: .simulator(["html-200"]),
                expected: .elsewhere(
                    .proxyHTMLInsteadOfJSON, "A proxy, a firewall or a sign-in page answered", "Ask whoever runs the proxy or firewall"
                ).by(.read(.readTickets), .failed)),
            FaultCase(
                name: "a firewall's page with 403, behind a good token", peer: .signingIn { _ in FaultPeer.html("403 Forbidden") },
                expected: .elsewhere(
                    .proxyBlocked, "A firewall refuses this request", "Ask whoever runs a firewall or proxy"
                ).by(.read(.readTickets), .failed)),
            FaultCase(
                name: "a redirect to a login page, behind a good token", peer: .simulator(["redirect-login"]),
                expected: .elsewhere(.proxyLoginRedirect, "A single sign-on page or access proxy stands in front", "Ask for an exception")
                    .by(.read(.readTickets), .failed)),
            FaultCase(
                name: "empty answers behind a good token", peer: .signingIn { _ in RawConnection.response() },
                expected: notUnderstood),
            FaultCase(
                name: "a JSON text in place of a list", peer: .signingIn { _ in FaultPeer.json(#""maintenance""#) }, expected: notUnderstood
            ),
            FaultCase(
                name: "an API that is not where it should be, behind a good token",
                peer: .signingIn { _ in RawConnection.response("404 Not Found") },
                expected: ExpectedDiagnosis(
                    code: .requestNotFound, cause: "This HaloPSA has no /api/", step: "Compare the Resource Server",
                    check: (.read(.readTickets), .failed))),
        ]
        + ["wrong-content-type", "bom", "slow-body:1", "null-lists", "list-as-array", "no-record-count", "id-as-double", "ids-as-text"]
        .map { fault in
            // Lists without rows are a warning of their own; here only the failure counts.
            FaultCase(name: "a quirk that does no harm: \(fault)", peer: .simulator([fault]), expected: nil)
        }
}

extension FaultCase {
    private static let role = "The role of the agent the application logs in as has no access to "
    private static let applications = "In HaloPSA open Config"

    private static func denied(
        _ fault: String, _ object: String, _ subject: ConnectionCheck.Subject, _ outcome: ConnectionCheck.Outcome = .failed,
        settings: [SettingKey: String] = [:]
    ) -> FaultCase {
        FaultCase(
            name: "\(fault): only \(object) are refused", peer: .simulator([fault]), settings: settings,
            expected: ExpectedDiagnosis(
                code: .permissionRoleDenied, cause: role + object, confidence: .likely, step: "Give that agent's role access to \(object)",
                check: (subject, outcome),
                detail: object))
    }

    static let permissions: [FaultCase] =
        [
            denied("deny:Client", "companies", .read(.readCompanies)),
            denied("deny:Users", "contacts", .read(.readContacts)),
            denied("deny:Tickets", "tickets", .read(.readTickets)),
            denied("deny:TicketType", "ticket types", .read(.readPicklists)),
            denied("deny:ClientContract", "agreements", .read(.readAgreements)),
            denied("deny:RecurringInvoice", "recurring invoices", .read(.readRecurringInvoices), .warning),
            denied("deny:Agent", "agents", .read(.readAgents), .warning),
            denied("deny:Status", "statuses", .ticketDefaults, .warning, settings: ["ticketStatusID": "1"]),
            denied("deny:Priority", "priorities", .ticketDefaults, .warning, settings: ["ticketPriorityID": "3"]),
            denied("deny:Outcome", "outcomes", .ticketDefaults, .warning),
            denied("deny-401:ClientContract", "agreements", .read(.readAgreements)),
            denied("deny-401:Tickets", "tickets", .read(.readTickets)),
        ]
        + ["deny", "deny-401"].map { fault in
            FaultCase(
                name: "\(fault): every resource is refused",
                peer: .simulator(
                    ["Client", "Users", "Tickets", "TicketType", "ClientContract", "RecurringInvoice", "Agent"].map { "\(fault):\($0)" }),
                expected: ExpectedDiagnosis(
                    code: .permissionRoleDenied, cause: "The application's login type is not Agent", confidence: .likely,
                    step: applications, check: (.read(.readTickets), .failed)))
        }

    static let refusals: [FaultCase] = [
        FaultCase(
            name: "an application without the permission for agreements",
            peer: .simulator { $0.applicationScopes = ["read:tickets", "edit:tickets", "read:customers", "read:invoices"] },
            expected: ExpectedDiagnosis(
                code: .permissionScopeMissing, cause: "The application's permissions do not include read:contracts",
                confidence: .certain, step: applications, check: (.read(.readAgreements), .failed), detail: "read:contracts")),
        FaultCase(
            name: "an application without the permission for recurring invoices",
            peer: .simulator { $0.applicationScopes = ["read:tickets", "edit:tickets", "read:customers", "read:contracts"] },
            expected: ExpectedDiagnosis(
                code: .permissionScopeMissing, cause: "The application's permissions do not include read:invoices",
                confidence: .certain, step: applications, check: (.read(.readRecurringInvoices), .warning), detail: "read:invoices")),
        FaultCase(
            name: "a scope setting that asks for less than the application has", peer: .simulator([]),
            settings: ["scope": "read:tickets edit:tickets read:contracts"],
            expected: ExpectedDiagnosis(
                code: .permissionScopeMissing, cause: "The scope setting asks for less than what is needed", confidence: .certain,
                step: "Leave the scope setting empty", field: "scope", check: (.read(.readCompanies), .failed), detail: "read:customers")),
        FaultCase(
            name: "an application that may read tickets and not create them",
            peer: .simulator { $0.applicationScopes = ["read:tickets", "read:customers", "read:contracts", "read:invoices"] },
            operation: .createTicket(type: nil),
            expected: ExpectedDiagnosis(
                code: .permissionScopeMissing, cause: "The application's permissions do not include edit:tickets", confidence: .certain,
                step: applications, detail: "edit:tickets")),
        FaultCase(
            name: "a login agent who sees one company only", peer: .simulator(["restricted-rows"]),
            expected: ExpectedDiagnosis(
                code: .permissionNothingVisible, cause: "The teams, departments or customers of the agent hide the rows",
                confidence: .likely, step: "Log in to HaloPSA as that agent", check: (.read(.readCompanies), .warning))),
        visible("Client", .readCompanies), visible("Users", .readContacts), visible("Tickets", .readTickets),
        visible("ClientContract", .readAgreements),
        FaultCase(
            name: "no recurring invoices at all are nothing to worry about", peer: .simulator(["empty:RecurringInvoice"]), expected: nil),
    ]

    private static func visible(_ resource: String, _ capability: Capability) -> FaultCase {
        FaultCase(
            name: "an empty list of \(resource)", peer: .simulator(["empty:\(resource)"]),
            expected: ExpectedDiagnosis(
                code: .permissionNothingVisible, cause: "The teams, departments or customers of the agent hide the rows",
                confidence: .likely, step: "Log in to HaloPSA as that agent", check: (.read(capability), .warning)))
    }
}

extension FaultCase {
    /// A 429 behind a good token, with this `Retry-After`.
    private static func throttled(
        _ name: String, _ header: @escaping @Sendable () -> String?, seconds: ClosedRange<Int>, step: String = "Wait a few minutes"
    ) -> FaultCase {
        FaultCase(
            name: "429 with Retry-After \(name)",
            peer: .signingIn { _ in
                header().map { RawConnection.response("429 Too Many Requests", "Retry-After: \($0)") }
                    ?? RawConnection.response("429 Too Many Requests")
            },
            expected: ExpectedDiagnosis(
                code: .rateLimited, cause: "All integrations of this HaloPSA together", step: step, retry: seconds,
                check: (.read(.readTickets), .failed)))
    }

    static let throttling: [FaultCase] = [
        throttled("of no seconds", { "0" }, seconds: 1...1),
        throttled("of 5 seconds", { "5" }, seconds: 5...5),
        throttled("of 2 minutes", { "120" }, seconds: 120...120),
        throttled("of an hour", { "3600" }, seconds: 3_600...3_600, step: "Wait 60 minutes"),
        throttled("that is a date", { httpDate(secondsFromNow: 90) }, seconds: 1...91),
        throttled("that makes no sense", { "soon" }, seconds: 300...300),
        throttled("below zero", { "-5" }, seconds: 300...300),
        throttled("that is missing", { nil }, seconds: 300...300),
        throttled("of more seconds than there are", { "99999999999999999999" }, seconds: 300...300),
        FaultCase(
            name: "429 when a token is requested", peer: .simulator(["token-rate-limited:45"]),
            expected: ExpectedDiagnosis(
                code: .rateLimited, cause: "All integrations of this HaloPSA together", step: "Wait a few minutes", retry: 45...45,
                check: (.credentials, .failed))),
        FaultCase(
            name: "503 with Retry-After", peer: .simulator(["unavailable:77"]),
            expected: ExpectedDiagnosis(
                code: .vendorUnavailable, cause: "HaloPSA is overloaded", step: "Wait a few minutes", retry: 77...77,
                check: (.read(.readTickets), .failed))),
    ]

    private static func httpDate(secondsFromNow seconds: Double) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: Date(timeIntervalSinceNow: seconds))
    }
}

extension FaultCase {
    private static let noSuchID = "The id is not one of this HaloPSA"
    private static let notForType = "The status or priority exists, but not for this ticket type"
    private static let notCreatable = "The application's agent may not create tickets of this type"
    private static let allowIt = "Allow the type for the agent in HaloPSA"
    private static let listThem = "Choose "

    private static func defaults(_ name: String, _ settings: [SettingKey: String], cause: String, field: SettingKey) -> FaultCase {
        FaultCase(
            name: name, peer: .simulator([]), settings: settings,
            expected: ExpectedDiagnosis(
                code: .ticketDefaultInvalid, cause: cause, confidence: .certain, step: cause == notCreatable ? allowIt : listThem,
                field: field,
                check: (.ticketDefaults, .failed)))
    }

    static let ticketDefaults: [FaultCase] = [
        defaults("a default type that does not exist", ["ticketTypeID": "999"], cause: noSuchID, field: "ticketTypeID"),
        defaults(
            "a default type of which the agent may not create tickets", ["ticketTypeID": "29"], cause: notCreatable, field: "ticketTypeID"),
        defaults("a default status that does not exist", ["ticketStatusID": "999"], cause: noSuchID, field: "ticketStatusID"),
        defaults(
            "a default priority of another SLA", ["ticketTypeID": "4", "ticketPriorityID": "1"], cause: notForType,
            field: "ticketPriorityID"),
        FaultCase(
            name: "defaults that fit together", peer: .simulator([]),
            settings: ["ticketTypeID": "4", "ticketStatusID": "2", "ticketPriorityID": "2"], expected: nil),
        FaultCase(
            name: "an outcome for private notes that does not exist", peer: .simulator([]), settings: ["privateNoteOutcome": "Whisper"],
            expected: ExpectedDiagnosis(
                code: .configInvalidField, cause: "HaloPSA has no action with exactly that outcome name",
                step: "Enter one of the outcome names that HaloPSA has: Outcome of private notes",
                field: "privateNoteOutcome", check: (.ticketDefaults, .warning), detail: "Internal Note")),
    ]

    private static func refused(_ shape: String, says detail: String) -> FaultCase {
        FaultCase(
            name: "400 on a new ticket, \(shape)", peer: .simulator(["error-shape:\(shape)"]), operation: .createTicket(type: nil),
            expected: ExpectedDiagnosis(
                code: .ticketFieldRequired, cause: "This ticket type demands “Details”", confidence: .likely,
                step: "Give “Details” a value", detail: detail))
    }

    private static func refused(_ name: String, _ body: String, _ expected: ExpectedDiagnosis) -> FaultCase {
        FaultCase(
            name: "400 on a new ticket: \(name)", peer: .signingIn { _ in FaultPeer.json(body, status: "400 Bad Request") },
            operation: .createTicket(type: nil), expected: expected)
    }

    static let newTickets: [FaultCase] = [
        refused("string", says: "Details must be entered"), refused("exception", says: "Details must be entered"),
        refused("modelstate", says: "Details must be entered"), refused("older", says: "Details must be entered"),
        FaultCase(
            name: "400 on a new ticket, empty", peer: .simulator(["error-shape:empty"]), operation: .createTicket(type: nil),
            expected: ExpectedDiagnosis(
                code: .requestRejected, cause: "A value does not fit, or one is missing", step: "Read what HaloPSA said",
                detail: "a new ticket")),
        FaultCase(
            name: "400 on a new ticket, a web page", peer: .simulator(["error-shape:html"]), operation: .createTicket(type: nil),
            expected: .elsewhere(
                .proxyHTMLInsteadOfJSON, "A proxy, a firewall or a sign-in page answered", "Ask whoever runs the proxy or firewall")),
        refused(
            "the status in a model-state map", #"{"[0].status_id":["Could not convert string to integer: x."]}"#,
            ExpectedDiagnosis(code: .ticketDefaultInvalid, cause: noSuchID, step: listThem, field: "ticketStatusID", detail: "Status ID")),
        refused(
            "the priority in words", #""Invalid Priority""#,
            ExpectedDiagnosis(
                code: .ticketDefaultInvalid, cause: noSuchID, step: listThem, field: "ticketPriorityID", detail: "Priority ID")),
        refused(
            "a name that exists already", #"{"Message":"Name must be unique"}"#,
            ExpectedDiagnosis(code: .requestConflict, cause: "A record of that name exists already", step: "Look at the record")),
        FaultCase(
            name: "a new ticket of a type that does not exist", peer: .simulator([]), operation: .createTicket(type: 999),
            expected: ExpectedDiagnosis(
                code: .ticketDefaultInvalid, cause: noSuchID, step: "Choose ticket type 999 again", detail: "ticket type 999")),
        FaultCase(
            name: "a new ticket of a type that the agent may not create", peer: .simulator([]), operation: .createTicket(type: 29),
            expected: ExpectedDiagnosis(
                code: .ticketDefaultInvalid, cause: notCreatable, step: allowIt, detail: "permission")),
        FaultCase(
            name: "a new ticket without any type", peer: .simulator([]), settings: ["ticketTypeID": ""],
            operation: .createTicket(type: nil),
            expected: ExpectedDiagnosis(
                code: .configMissingField, cause: "Neither the ticket nor the connection names", step: "Enter Ticket Type ID",
                field: "ticketTypeID")),
        FaultCase(
            name: "a new ticket whose answer is lost", peer: .simulator(["create-lost-reply"]), operation: .createTicket(type: nil),
            expected: ExpectedDiagnosis(
                code: .writeOutcomeUnknown, cause: "HaloPSA or a gateway in front of it failed after", step: "Look in HaloPSA")),
        FaultCase(
            name: "a new ticket behind a gateway that gave up", peer: .simulator(["create-504-stored"]),
            operation: .createTicket(type: nil),
            expected: ExpectedDiagnosis(
                code: .writeOutcomeUnknown, cause: "HaloPSA or a gateway in front of it failed after", step: "Look in HaloPSA")),
    ]
}
