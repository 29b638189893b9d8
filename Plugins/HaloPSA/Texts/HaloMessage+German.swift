extension HaloMessage {
    var german: String {
        switch self {
        case .rows: "{rows}"
        case .signInData: "die Adressdaten der Instanz"
        case .accessToken: "ein Zugriffstoken"
        case .newTicket: "ein neues Ticket"
        case .testTicket: "ein Testticket"
        case .ticket: "Ticket {id}"
        case .recurringInvoice: "Serienrechnung {id}"
        case .contact: "Kontakt {id}"
        case .ticketType: "Tickettyp {id}"
        case .privateNote: "eine private Notiz zu Ticket {id}"
        case .reply: "eine Antwort zu Ticket {id}"
        case .statusOf: "der Status von Ticket {id}"
        case .ticketDefaults: "die Ticketvorgaben"
        case .theStatus: "Status"
        case .whatNeedsThem: "was diese Scopes braucht"
        case .connectionTest: "der Verbindungstest"

        case .noSummary: "Ein Ticket braucht eine Zusammenfassung, und diese ist leer."
        case .noText: "Der Text ist leer."
        case .nobodyToTell: "Der Kontakt des Tickets hat keine E-Mail-Adresse; niemand würde benachrichtigt."
        case .notANumber: "Die IDs von HaloPSA sind ganze Zahlen, die in 32 Bit passen; „{id}“ ist keine solche Zahl."
        case .noteVisible: "HaloPSA hat die Notiz gespeichert, aber der Endanwender kann sie lesen; die Aktion macht Notizen sichtbar."
        case .contactOfAnotherCompany: "Kontakt {contact} gehört zu Firma {own}, das Ticket aber ist für Firma {wanted}."
        case .statusNotKept: "HaloPSA hat die Änderung angenommen, aber das Ticket hat danach den Status {id}."
        case .noSuchID: "{id} fehlt in der Liste, die HaloPSA dem API-Agent zeigt."
        case .typeNotCreatable: "Der API-Agent darf keine Tickets vom Typ „{name}“ anlegen."
        case .priorityOfAnotherSLA: "Priorität {id} gehört nicht zum SLA dieses Tickettyps."

        case .anotherRecord: "Die Antwort handelt von einem anderen Datensatz als dem geschriebenen."
        case .noSavedRecord: "Die Antwort enthält keinen gespeicherten Datensatz."
        case .noSuchRecord: "Die Antwort ist JSON, aber kein solcher Datensatz."
        case .noList: "Die Antwort ist JSON, enthält aber nicht die erwartete Liste: {rows}."
        case .answers: "HaloPSA antwortet unter /api/authinfo."
        case .answersOtherwise: "/api/authinfo antwortet, aber anders als das von HaloPSA."
        case .allGranted: "Alles, was der Konnektor verwendet, ist erteilt."
        case .notGranted: "Nicht erteilt: {scopes}."
        case .grantUnknown: "HaloPSA hat nicht mitgeteilt, was erteilt wurde."
        case .readable: "Lesbar: {rows}; gesehen: {count}."
        case .empty: "Die Liste ist leer: {rows}."
        case .oneCompanyOnly: "Nur eine Firma ist sichtbar, als wäre der API-Agent auf sie beschränkt."
        case .answersElsewhere: "HaloPSA antwortet unter {url}."
        case .credentialsReachHalo: "HaloPSA antwortet unter dieser Adresse und hat das Paar aus ID und Secret abgelehnt."
        case .vendorField: "„{name}“"
        case .oauthRefusal: "Der Anmeldeserver von HaloPSA hat den Grund {id} genannt."
        case .worksWithoutTenant: "Ohne den Tenant wurde ein Token ausgestellt."
        case .worksWithTenant: "Für den Tenant „{name}“, den der Server nennt, wurde ein Token ausgestellt."
        case .failsWithoutTenantToo: "Den Tenant wegzulassen hat nichts geändert."
        case .scopeLacks: "Dem ausgestellten Token fehlt der Scope {scope}."
        case .scopeHas: "Das Token hat den Scope {scope}; an den Berechtigungen der Anwendung liegt es also nicht."
        case .otherReadsWork: "Andere Daten lassen sich mit demselben Token lesen."
        case .allReadsRefused: "Jedes Lesen wurde abgelehnt; an einzelnen Berechtigungen liegt es also nicht."
        case .defaultsFit: "Typ, Status und Priorität gibt es, und sie passen zusammen."
        case .defaultsNotSet: "Es ist kein Tickettyp eingestellt; um Tickets anzulegen, einen einstellen."
        case .created: "Ticket {id} wurde angelegt."
        case .storedOtherwise: "{end} {differences}"
        case .createdAndDeleted: "Ticket {id} wurde angelegt, zurückgelesen und wieder gelöscht."
        case .createdAndClosed: "Ticket {id} wurde angelegt und zurückgelesen; Löschen ist nicht erlaubt, daher wurde es geschlossen."
        case .createdAndLeft:
            "Ticket {id} wurde angelegt und zurückgelesen, ließ sich aber weder löschen noch schließen; bitte schließen."
        }
    }
}

extension HaloResource {
    var german: String {
        switch self {
        case .companies: "Firmen"
        case .contacts: "Kontakte"
        case .agents: "Agents"
        case .tickets: "Tickets"
        case .actions: "Notizen"
        case .contracts: "Verträge"
        case .recurringInvoices: "Serienrechnungen"
        case .ticketTypes: "Tickettypen"
        case .statuses: "Status"
        case .priorities: "Prioritäten"
        case .outcomes: "Outcomes"
        }
    }
}
