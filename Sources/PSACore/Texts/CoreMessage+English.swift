extension CoreMessage {
    var english: String {
        switch self {
        case .capability(let capability): capability.english
        case .connectionTest: "the connection test"
        case .itsSettings: "its settings"
        case .nextPage: "the next page"
        case .unknown(let slot): slot.english
        case .answered(_, let shape, let code):
            switch shape {
            case .empty: "The answer was HTTP {status} with an empty body."
            case .html: "The answer was HTTP {status} with an HTML page."
            case .other: "The answer was HTTP {status} with a body that is not JSON."
            case .jsonObject, .jsonArray, .jsonScalar:
                code == nil ? "The answer was HTTP {status} with a JSON body." : "The answer was HTTP {status} with the code “{code}”."
            }
        case .unanswered(let kind): kind.english
        case .nearestName: "The nearest registered name is “{name}”."
        case .cancelledAfterSending: "The request had been sent when the caller gave up, and its answer did not arrive."
        case .workedUntil: "It worked until {moment}."
        case .quoting: "{detail} {vendor} said: “{words}”"
        case .notBuilt: "The capability is declared, but not built."
        case .escaped: "An error of type {type} escaped."
        case .unreadablePages: "{count} pages in a row held nothing readable."
        case .placeholderContactsNothing: "The connector is a placeholder; nothing was contacted."
        case .check(let subject): subject.english
        case .outcome(let outcome): outcome.rawValue
        case .confidence(let confidence): confidence.rawValue
        case .connected: "Connected to {host}"
        case .nothingTested: "Nothing was tested"
        case .responsibleParty(let responsibleParty): responsibleParty.english
        case .retry(let retry): retry.english
        }
    }
}

extension Capability {
    fileprivate var english: String {
        switch self {
        case .readCompanies: "companies"
        case .readContacts: "contacts"
        case .readAgents: "agents"
        case .readTickets: "tickets"
        case .readNotes: "notes of a ticket"
        case .readAgreements: "agreements"
        case .readRecurringInvoices: "recurring invoices"
        case .readPicklists: "ticket types"
        case .createTickets: "new tickets"
        case .addNotes: "private notes"
        case .replyToContacts: "replies to contacts"
        case .changeStatus: "changes of status"
        }
    }
}

extension GuidanceTemplate.Slot {
    fileprivate var english: String {
        switch self {
        case .vendor: "the PSA"
        case .host: "its server"
        case .object: "the requested data"
        case .scope: "the permission for it"
        case .field: "a field"
        case .name: "the given name"
        case .known: "none"
        case .message: "No further explanation was given."
        case .device: "a firewall or proxy"
        case .source: "the public address of this machine (whoever runs your network knows it)"
        case .reference: "the time of the request"
        }
    }
}

extension TransportError.Kind {
    fileprivate var english: String {
        switch self {
        case .nameNotFound: "No answer came: the host name could not be resolved."
        case .addressForbidden: "No answer came: the host's address is not allowed here."
        case .connectionRefused: "No answer came: the connection was refused."
        case .timedOut: "No answer came: the time allowed ran out."
        case .interrupted: "No answer came: the connection broke off."
        case .certificateUntrusted: "No answer came: the certificate is not trusted."
        case .certificateExpired: "No answer came: the certificate has expired."
        case .certificateNameMismatch: "No answer came: the certificate is for another name."
        case .certificateSelfSigned: "No answer came: the certificate is self-signed."
        case .certificateNotYetValid: "No answer came: the certificate is not valid yet."
        case .tlsNotSpoken: "No answer came: the server does not speak TLS on that port."
        case .proxyAuthenticationRequired: "No answer came: a proxy on the way demands a sign-in."
        case .proxyRefused: "No answer came: a proxy on the way let no connection to the host through."
        case .responseTooLarge: "The answer was larger than allowed."
        case .invalidResponse: "What came back was not valid HTTP."
        case .rateLimitExceeded: "It was not sent: the pace agreed for this tenant allows no request at present."
        case .unusableRequest: "No answer came: the request could not be made."
        }
    }
}

extension ConnectionCheck.Subject {
    fileprivate var english: String {
        switch self {
        case .address: "Address"
        case .nameResolution: "Host name"
        case .connection: "Connection"
        case .certificate: "Certificate"
        case .reachable: "Server"
        case .credentials: "Credentials"
        case .scope: "Permissions"
        case .read: "Read {object}"
        case .ticketDefaults: "Ticket defaults"
        case .write: "Test ticket"
        }
    }
}

extension ResponsibleParty {
    fileprivate var english: String {
        switch self {
        case .you: "you"
        case .psaAdministrator: "an administrator of the PSA"
        case .vendor: "the vendor of the PSA"
        case .us: "the makers of this software"
        }
    }
}

extension RetryAdvice {
    fileprivate var english: String {
        switch self {
        case .never: "Repeating the same request will fail the same way."
        case .afterFix: "Nothing is repeated by itself; try again after the change."
        case .afterDelay: "The same request may be made again after {seconds} seconds."
        case .safeNow: "The same request may be made again at once."
        case .unknownOutcome: "Nothing is repeated by itself, because the change may already have been made."
        }
    }
}
