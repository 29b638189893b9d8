#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The own messages of the core beside the guidance: objects, observations, titles.
@nonexhaustive
public enum CoreMessage: LocalizedMessage, Hashable {
    // What a request is about.
    /// The data or the change that a capability is about, such as “new tickets”.
    case capability(Capability)
    /// The statuses of tickets, which a tenant may forbid on their own.
    case ticketStatuses
    /// The priorities of tickets, which a tenant may forbid on their own.
    case ticketPriorities
    /// The test of a connection, for an error that no single check of it explains.
    case connectionTest
    /// The settings of a connector, for an error while a connection is made from them.
    case itsSettings
    /// The next page of a list, for pages that hold nothing readable.
    case nextPage
    /// What stands in for a value an occurrence does not have.
    case unknown(GuidanceTemplate.Slot)

    // What was observed.
    /// The status and the looks of an answer, and the vendor's own code if it has one; never the body.
    case answered(status: Int, shape: BodyShape, code: String?)
    /// An answer begins like JSON and is none: it was cut off or changed.
    case unreadableJSON(status: Int)
    /// Why a request got no answer.
    case unanswered(TransportError.Kind)
    /// The registered connector whose name is most like the one that was asked for.
    case nearestName(String)
    /// The descriptor declares a capability, and the connector does not conform to its protocol.
    case notBuilt
    /// A connector threw an error other than ``PSAError``; only its type is shown, because its text may hold a secret.
    case escaped(type: String)
    /// How many pages in a row had no row that could be read.
    case unreadablePages(Int)
    /// One person has used up the share of the tenant's rate limit.
    case shareUsedUp(seconds: Int)
    /// How long to wait, in minutes or hours, rounded up.
    case waiting(seconds: Int)
    /// A placeholder was tested, which makes no request.
    case placeholderContactsNothing
    /// A write was cancelled after its request had left, so it may have been executed.
    case cancelledAfterSending
    /// What is wrong was found before a request that changes data was sent.
    case notSent
    /// When the connection last worked, relative to now.
    case workedUntil(Date, now: Date)
    /// What happened, and the vendor's own sentence about it.
    case quoting(detail: String, vendor: String, words: String)

    // What a report consists of.
    /// The title of a check of a connection test.
    case check(ConnectionCheck.Subject)
    /// The result of a check, in one word.
    case outcome(ConnectionCheck.Outcome)
    /// How sure a cause is, in one word.
    case confidence(Confidence)
    /// The title of a report whose connection works, with the host.
    case connected(host: String)
    /// The title of a report that has no check.
    case nothingTested
    /// Who has to act, as an answer to “Who has to act?”.
    case responsibleParty(ResponsibleParty)
    /// Whether and when the request may be repeated, as a sentence.
    case retry(RetryAdvice)

    /// The values of the case.
    public var values: [String: MessageValue] {
        switch self {
        case .unreadableJSON(let status): ["status": .verbatim(String(status))]
        case .answered(let status, _, let code): ["status": .verbatim(String(status)), "code": .verbatim(code ?? "")]
        case .nearestName(let name): ["name": .verbatim(name)]
        case .workedUntil(let moment, let now): ["moment": .moment(moment, now: now)]
        case .quoting(let detail, let vendor, let words):
            ["detail": .verbatim(detail), "vendor": .verbatim(vendor), "words": .verbatim(words)]
        case .escaped(let type): ["type": .verbatim(type)]
        case .unreadablePages(let count): ["count": .verbatim(String(count))]
        case .shareUsedUp(let seconds): ["seconds": .verbatim(String(seconds))]
        case .waiting(let seconds): ["count": .verbatim(String(Self.rounded(seconds)))]
        case .check(.read(let capability)): ["object": .phrase(CoreMessage.capability(capability))]
        case .connected(let host): ["host": .verbatim(host)]
        case .retry(let retry): ["seconds": .verbatim(String(retry.delaySeconds ?? 0))]
        default: [:]
        }
    }

    /// The pattern of the case.
    public func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }

    /// Whether it says when something was found, and not what.
    var isNotSent: Bool { if case .notSent = self { true } else { false } }
}

extension CoreMessage {
    var english: String {
        switch self {
        case .capability(let capability): capability.english
        case .ticketStatuses: "ticket statuses"
        case .ticketPriorities: "ticket priorities"
        case .connectionTest: "the connection test"
        case .itsSettings: "its settings"
        case .nextPage: "the next page"
        case .unknown(let slot): slot.english
        case .answered(_, let shape, let code):
            switch shape {
            case .empty: "The answer was HTTP {status} with an empty body."
            case .html: "The answer was HTTP {status} with an HTML page."
            case .xml: "The answer was HTTP {status} with XML."
            case .other: "The answer was HTTP {status} with a body that is not JSON."
            case .jsonObject, .jsonArray, .jsonScalar:
                code == nil ? "The answer was HTTP {status} with a JSON body." : "The answer was HTTP {status} with the code “{code}”."
            }
        case .unreadableJSON: "The answer was HTTP {status} with JSON that ends too early or is damaged."
        case .unanswered(let kind): kind.english
        case .nearestName: "The nearest registered name is “{name}”."
        case .cancelledAfterSending: "The request had been sent when the caller gave up, and its answer did not arrive."
        case .notSent: "This was found before anything was sent."
        case .workedUntil: "It worked until {moment}."
        case .quoting: "{detail} {vendor} said: “{words}”"
        case .notBuilt: "The capability is declared, but not built."
        case .escaped: "An error of type {type} escaped."
        case .unreadablePages: "{count} pages in a row held nothing readable."
        case .waiting(let seconds): Self.isInHours(seconds) ? "{count} hours" : "{count} minutes"
        case .shareUsedUp:
            "Nothing was sent: you have used up your share of the requests to this tenant. There is room again in {seconds} seconds."
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
        case .createTestTickets: "a test ticket"
        case .addNotes: "private notes"
        case .replyToContacts: "replies to contacts"
        case .changeStatus: "changes of status"
        case .readAttachments: "attachments of a ticket"
        case .addAttachments: "new attachments"
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
        case .wait: "a few minutes"
        case .reference: "the time of the request"
        }
    }
}

extension CoreMessage {
    fileprivate static func isInHours(_ seconds: Int) -> Bool { seconds > 7_200 }

    /// The wait in its unit; whoever starts too early waits again.
    fileprivate static func rounded(_ seconds: Int) -> Int {
        let unit = isInHours(seconds) ? 3_600 : 60
        return seconds / unit + (seconds.isMultiple(of: unit) ? 0 : 1)
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
        case .tlsHandshakeRefused: "No answer came: the server refused the encrypted connection."
        case .proxyAuthenticationRequired: "No answer came: a proxy on the way demands a sign-in."
        case .proxyRefused: "No answer came: a proxy on the way let no connection to the host through."
        case .responseTooLarge: "The answer was larger than allowed."
        case .invalidResponse: "What came back was not valid HTTP."
        case .rateLimitExceeded: "It was not sent: the rate limit of this tenant allows no request at present."
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

extension CoreMessage {
    var german: String {
        switch self {
        case .capability(let capability): capability.german
        case .ticketStatuses: "Ticketstatus"
        case .ticketPriorities: "Ticketprioritäten"
        case .connectionTest: "der Verbindungstest"
        case .itsSettings: "die Einstellungen"
        case .nextPage: "die nächste Seite"
        case .unknown(let slot): slot.german
        case .answered(_, let shape, let code):
            switch shape {
            case .empty: "Die Antwort war HTTP {status} ohne Inhalt."
            case .html: "Die Antwort war HTTP {status} mit einer HTML-Seite."
            case .xml: "Die Antwort war HTTP {status} mit XML."
            case .other: "Die Antwort war HTTP {status} mit einem Inhalt, der kein JSON ist."
            case .jsonObject, .jsonArray, .jsonScalar:
                code == nil
                    ? "Die Antwort war HTTP {status} mit JSON als Inhalt." : "Die Antwort war HTTP {status} mit dem Code „{code}“."
            }
        case .unreadableJSON: "Die Antwort war HTTP {status} mit JSON, das zu früh endet oder beschädigt ist."
        case .unanswered(let kind): kind.german
        case .nearestName: "Der ähnlichste registrierte Name ist „{name}“."
        case .cancelledAfterSending: "Die Anfrage war schon gesendet, als der Aufrufer abbrach; die Antwort ist nicht eingetroffen."
        case .notSent: "Das hat sich gezeigt, bevor etwas gesendet wurde."
        case .workedUntil: "Es hat funktioniert bis: {moment}."
        case .quoting: "{detail} {vendor} meldet dazu: „{words}“"
        case .notBuilt: "Die Fähigkeit ist angegeben, aber nicht gebaut."
        case .escaped: "Ein Fehler vom Typ {type} ist durchgeschlüpft."
        case .unreadablePages: "{count} Seiten nacheinander enthielten nichts Lesbares."
        case .waiting(let seconds): Self.isInHours(seconds) ? "{count} Stunden" : "{count} Minuten"
        case .shareUsedUp:
            "Es wurde nichts gesendet: Ihr Anteil an den Anfragen an diesen Tenant ist aufgebraucht. In {seconds} Sekunden ist wieder Platz."
        case .placeholderContactsNothing: "Der Konnektor ist ein Platzhalter; es wurde nichts kontaktiert."
        case .check(let subject): subject.german
        case .outcome(let outcome): outcome.german
        case .confidence(let confidence): confidence.german
        case .connected: "Verbunden mit {host}"
        case .nothingTested: "Es wurde nichts getestet"
        case .responsibleParty(let responsibleParty): responsibleParty.german
        case .retry(let retry): retry.german
        }
    }
}

extension Capability {
    fileprivate var german: String {
        switch self {
        case .readCompanies: "Firmen"
        case .readContacts: "Kontakte"
        case .readAgents: "Agents"
        case .readTickets: "Tickets"
        case .readNotes: "Notizen eines Tickets"
        case .readAgreements: "Verträge"
        case .readRecurringInvoices: "Serienrechnungen"
        case .readPicklists: "Tickettypen"
        case .createTickets: "neue Tickets"
        case .createTestTickets: "ein Testticket"
        case .addNotes: "private Notizen"
        case .replyToContacts: "Antworten an Kontakte"
        case .changeStatus: "Statusänderungen"
        case .readAttachments: "Anhänge eines Tickets"
        case .addAttachments: "neue Anhänge"
        }
    }
}

extension GuidanceTemplate.Slot {
    /// Words that are the same in nominative and accusative; the one for the host in the dative too.
    fileprivate var german: String {
        switch self {
        case .vendor: "das PSA-System"
        case .host: "dessen Server"
        case .object: "die angefragten Daten"
        case .scope: "die Berechtigung dafür"
        case .field: "ein Feld"
        case .name: "der angegebene Name"
        case .known: "keine"
        case .message: "Eine weitere Erklärung fehlt."
        case .device: "eine Firewall oder andere Zwischenstation"
        case .source: "die öffentliche Adresse dieses Rechners (sie kennt, wer das Netz betreut)"
        case .wait: "einige Minuten"
        case .reference: "den Zeitpunkt der Anfrage"
        }
    }
}

extension TransportError.Kind {
    fileprivate var german: String {
        switch self {
        case .rateLimitExceeded: "Es wurde nichts gesendet: Das für diesen Mandanten vereinbarte Tempo lässt gerade keine Anfrage zu."
        case .nameNotFound: "Es kam keine Antwort: Der Hostname ließ sich nicht auflösen."
        case .addressForbidden: "Es kam keine Antwort: Die Adresse des Hosts ist hier nicht erlaubt."
        case .connectionRefused: "Es kam keine Antwort: Die Verbindung wurde abgelehnt."
        case .timedOut: "Es kam keine Antwort: Die erlaubte Zeit ist abgelaufen."
        case .interrupted: "Es kam keine Antwort: Die Verbindung ist abgebrochen."
        case .certificateUntrusted: "Es kam keine Antwort: Dem Zertifikat wird nicht vertraut."
        case .certificateExpired: "Es kam keine Antwort: Das Zertifikat ist abgelaufen."
        case .certificateNameMismatch: "Es kam keine Antwort: Das Zertifikat gilt für einen anderen Namen."
        case .certificateSelfSigned: "Es kam keine Antwort: Das Zertifikat ist selbstsigniert."
        case .certificateNotYetValid: "Es kam keine Antwort: Das Zertifikat gilt noch nicht."
        case .tlsNotSpoken: "Es kam keine Antwort: Der Server spricht auf diesem Port kein TLS."
        case .tlsHandshakeRefused: "Es kam keine Antwort: Der Server hat die verschlüsselte Verbindung abgelehnt."
        case .proxyAuthenticationRequired: "Es kam keine Antwort: Ein Proxy auf dem Weg verlangt eine Anmeldung."
        case .proxyRefused: "Es kam keine Antwort: Ein Proxy auf dem Weg hat keine Verbindung zu diesem Host zugelassen."
        case .responseTooLarge: "Es kam keine brauchbare Antwort: Sie war größer als erlaubt."
        case .invalidResponse: "Es kam keine brauchbare Antwort: Sie war kein gültiges HTTP."
        case .unusableRequest: "Es kam keine Antwort: Die Anfrage ließ sich nicht stellen."
        }
    }
}

extension ConnectionCheck.Subject {
    fileprivate var german: String {
        switch self {
        case .address: "Adresse"
        case .nameResolution: "Hostname"
        case .connection: "Verbindung"
        case .certificate: "Zertifikat"
        case .reachable: "Server"
        case .credentials: "Zugangsdaten"
        case .scope: "Berechtigungen"
        case .read: "Lesen: {object}"
        case .ticketDefaults: "Ticketvorgaben"
        case .write: "Testticket"
        }
    }
}

extension ConnectionCheck.Outcome {
    fileprivate var german: String {
        switch self {
        case .passed: "bestanden"
        case .warning: "Warnung"
        case .failed: "gescheitert"
        case .skipped: "ausgelassen"
        }
    }
}

extension Confidence {
    fileprivate var german: String {
        switch self {
        case .certain: "sicher"
        case .likely: "wahrscheinlich"
        case .possible: "möglich"
        }
    }
}

extension ResponsibleParty {
    fileprivate var german: String {
        switch self {
        case .you: "Sie"
        case .psaAdministrator: "die Administration des PSA-Systems"
        case .vendor: "der Hersteller des PSA-Systems"
        case .us: "der Hersteller dieser Software"
        }
    }
}

extension RetryAdvice {
    fileprivate var german: String {
        switch self {
        case .never: "Dieselbe Anfrage wird auf dieselbe Weise scheitern."
        case .afterFix: "Nichts wird von selbst wiederholt; nach der Änderung erneut versuchen."
        case .afterDelay: "Dieselbe Anfrage darf nach {seconds} s wiederholt werden."
        case .safeNow: "Dieselbe Anfrage darf sofort wiederholt werden."
        case .unknownOutcome: "Nichts wird von selbst wiederholt, weil die Änderung bereits ausgeführt sein kann."
        }
    }
}
