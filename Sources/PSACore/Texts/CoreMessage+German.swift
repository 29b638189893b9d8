extension CoreMessage {
    var german: String {
        switch self {
        case .capability(let capability): capability.german
        case .connectionTest: "der Verbindungstest"
        case .itsSettings: "die Einstellungen"
        case .nextPage: "die nächste Seite"
        case .unknown(let slot): slot.german
        case .answered(_, let shape, let code):
            switch shape {
            case .empty: "Die Antwort war HTTP {status} ohne Inhalt."
            case .html: "Die Antwort war HTTP {status} mit einer HTML-Seite."
            case .other: "Die Antwort war HTTP {status} mit einem Inhalt, der kein JSON ist."
            case .jsonObject, .jsonArray, .jsonScalar:
                code == nil
                    ? "Die Antwort war HTTP {status} mit JSON als Inhalt." : "Die Antwort war HTTP {status} mit dem Code „{code}“."
            }
        case .unanswered(let kind): kind.german
        case .nearestName: "Der ähnlichste registrierte Name ist „{name}“."
        case .cancelledAfterSending: "Die Anfrage war schon gesendet, als der Aufrufer abbrach; die Antwort ist nicht eingetroffen."
        case .workedUntil: "Es hat funktioniert bis: {moment}."
        case .quoting: "{detail} {vendor} meldet dazu: „{words}“"
        case .notBuilt: "Die Fähigkeit ist angegeben, aber nicht gebaut."
        case .escaped: "Ein Fehler vom Typ {type} ist durchgeschlüpft."
        case .unreadablePages: "{count} Seiten nacheinander enthielten nichts Lesbares."
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
        case .addNotes: "private Notizen"
        case .replyToContacts: "Antworten an Kontakte"
        case .changeStatus: "Statusänderungen"
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
