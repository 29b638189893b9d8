import PSACore

/// The connector's phrases beside the guidance: what a request is about, what is wrong with it, what was observed.
enum HaloMessage: LocalizedMessage, Hashable {
    // What a request is about.
    case rows(HaloResource)
    case signInData
    case accessToken
    case newTicket
    case testTicket
    case ticket(String)
    case recurringInvoice(String)
    case company(String)
    case contact(String)
    case ticketType(String)
    case privateNote(ticket: String)
    case reply(ticket: String)
    case statusOf(ticket: String)
    case newAttachment
    case attachment(String)
    case ticketDefaults
    case theStatus
    case whatNeedsThem
    case connectionTest

    // What is wrong with what was asked for.
    case noSummary
    case noText
    case noRecipient
    case notANumber(String)
    case noteVisible
    case contactOfAnotherCompany(contact: String, own: String, wanted: String)
    case statusNotKept(String)
    case noSuchID(String)
    case typeNotCreatable(name: String)
    case priorityOfAnotherSLA(String)
    case keptElsewhere
    case severalActions(status: String, names: [String])
    case sendsNoMail(String)

    // What was observed.
    case noSavedRecord
    case anotherRecord
    case noSuchRecord
    case noList(HaloResource)
    case answers
    case answersOtherwise
    /// The sign-in data is refused like the token; what was said, if anything.
    case refusedAlike(status: Int, words: String?)
    case allGranted
    case notGranted([String])
    case grantUnknown
    case readable(HaloResource, count: Int)
    case empty(HaloResource)
    case oneCompanyOnly
    case answersElsewhere(String)
    case credentialsReachHalo
    case oauthRefusal(String)
    /// A field by the name the vendor's sentence gives it.
    case vendorField(String)
    case worksWithoutTenant
    case worksWithTenant(String)
    case failsWithoutTenantToo
    case scopeLacks(String)
    case scopeHas(String)
    case otherReadsWork
    case allReadsRefused
    case defaultsFit
    case defaultsNotSet
    case created(String)
    case createdAndDeleted(String)
    case createdAndClosed(String)
    case createdAndLeft(String)
    /// What became of a ticket, and what HaloPSA stored otherwise than asked.
    indirect case storedOtherwise([TicketDifference], HaloMessage)

    var values: [String: MessageValue] {
        switch self {
        case .rows(let resource), .noList(let resource), .empty(let resource): ["rows": .phrase(HaloRowsMessage(resource: resource))]
        case .readable(let resource, let count):
            ["rows": .phrase(HaloRowsMessage(resource: resource)), "count": .verbatim(String(count))]
        case .ticket(let id), .attachment(let id), .recurringInvoice(let id), .company(let id), .contact(let id), .ticketType(let id),
            .privateNote(let id),
            .reply(let id),
            .statusOf(let id), .notANumber(let id), .statusNotKept(let id), .noSuchID(let id), .priorityOfAnotherSLA(let id),
            .created(let id), .createdAndDeleted(let id), .createdAndClosed(let id), .createdAndLeft(let id), .oauthRefusal(let id):
            ["id": .verbatim(id)]
        case .contactOfAnotherCompany(let contact, let own, let wanted):
            ["contact": .verbatim(contact), "own": .verbatim(own), "wanted": .verbatim(wanted)]
        case .vendorField(let name), .sendsNoMail(let name), .typeNotCreatable(let name), .worksWithTenant(let name):
            ["name": .verbatim(name)]
        case .answersElsewhere(let url): ["url": .verbatim(url)]
        case .storedOtherwise(let differences, let end):
            ["end": .phrase(end), "differences": .sentences(differences.map { .phrase($0.sentence) })]
        case .severalActions(let status, let names): ["id": .verbatim(status), "names": .list(names.map(MessageValue.verbatim))]
        case .refusedAlike(let status, let words): ["status": .verbatim(String(status)), "words": .verbatim(words ?? "")]
        case .notGranted(let scopes): ["scopes": .list(scopes.map(MessageValue.verbatim))]
        case .scopeLacks(let scope), .scopeHas(let scope): ["scope": .verbatim(scope)]
        default: [:]
        }
    }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }
}

/// The rows of a resource: “tickets”, “agreements”.
struct HaloRowsMessage: LocalizedMessage, Hashable {
    let resource: HaloResource

    var values: [String: MessageValue] { [:] }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: resource.english
        case .german: resource.german
        }
    }
}

extension HaloMessage {
    var english: String {
        switch self {
        case .rows: "{rows}"
        case .signInData: "its sign-in data"
        case .accessToken: "an access token"
        case .newTicket: "a new ticket"
        case .testTicket: "a test ticket"
        case .ticket: "ticket {id}"
        case .recurringInvoice: "recurring invoice {id}"
        case .company: "company {id}"
        case .contact: "contact {id}"
        case .ticketType: "ticket type {id}"
        case .privateNote: "a private note on ticket {id}"
        case .reply: "a reply on ticket {id}"
        case .statusOf: "the status of ticket {id}"
        case .newAttachment: "a new attachment"
        case .attachment: "attachment {id}"
        case .ticketDefaults: "the ticket defaults"
        case .theStatus: "the status"
        case .connectionTest: "the connection test"
        case .whatNeedsThem: "what needs these scopes"

        case .noSummary: "A ticket needs a summary, and this one's is empty."
        case .noText: "The text is empty."
        case .noRecipient: "The ticket's contact has no e-mail address, so there is no one to notify."
        case .notANumber: "HaloPSA's ids are whole numbers that fit into 32 bits, and “{id}” is not such a number."
        case .noteVisible: "HaloPSA stored the note, but its end user can read it; the action makes notes visible."
        case .contactOfAnotherCompany: "Contact {contact} belongs to company {own}, and the ticket is for company {wanted}."
        case .statusNotKept: "HaloPSA accepted the change, but the ticket has status {id} afterwards."
        case .noSuchID: "There is no {id} in the list HaloPSA gives the API agent."
        case .typeNotCreatable: "The API agent may not create tickets of type “{name}”."
        case .priorityOfAnotherSLA: "Priority {id} is not one of the SLA of this ticket type."
        case .keptElsewhere: "HaloPSA keeps this file in a store of its own and gave a link instead; open the ticket in HaloPSA to read it."
        case .severalActions: "Several actions lead to status {id}, and which one is meant can't be told: {names}."
        case .sendsNoMail: "The action “{name}” sends no e-mail, so a reply through it reaches no one."

        case .anotherRecord: "The answer is about another record than the one that was written."
        case .noSavedRecord: "The answer holds no saved record."
        case .noSuchRecord: "The answer is JSON, but not such a record."
        case .noList: "The answer is JSON, but holds no list of {rows}."
        case .answers: "HaloPSA answers at /api/authinfo."
        case .answersOtherwise: "/api/authinfo answers, but not as HaloPSA's does."
        case .refusedAlike(_, let words):
            words == nil
                ? "/api/authinfo, which needs no credentials, is refused with HTTP {status} too."
                : "/api/authinfo, which needs no credentials, is refused with HTTP {status} too; the answer says “{words}”."
        case .allGranted: "Everything the connector uses is granted."
        case .notGranted: "Not granted: {scopes}."
        case .grantUnknown: "HaloPSA did not say what it granted."
        case .readable: "{rows} can be read; {count} seen."
        case .empty: "The list of {rows} is empty."
        case .oneCompanyOnly: "Only one company is visible, as if the API agent were restricted to it."
        case .answersElsewhere: "HaloPSA answers at {url}."
        case .credentialsReachHalo: "HaloPSA answers at this address and refused the pair of ID and secret."
        case .vendorField: "“{name}”"
        case .oauthRefusal: "HaloPSA's sign-in server gave the reason {id}."
        case .worksWithoutTenant: "A token was issued when the tenant was left out."
        case .worksWithTenant: "A token was issued for the tenant “{name}”, which the server names."
        case .failsWithoutTenantToo: "Leaving the tenant out changed nothing."
        case .scopeLacks: "The token was granted without {scope}."
        case .scopeHas: "The token was granted {scope}, so the application's permissions are not to blame."
        case .otherReadsWork: "Other data can be read with the same token."
        case .allReadsRefused: "Every read was refused, so this is not about single permissions."
        case .defaultsFit: "Type, status and priority exist and fit together."
        case .defaultsNotSet: "No ticket type is set; set one to create tickets."
        case .created: "Ticket {id} was created."
        case .storedOtherwise: "{end} {differences}"
        case .createdAndDeleted: "Ticket {id} was created, read back and deleted again."
        case .createdAndClosed: "Ticket {id} was created and read back; deleting it is not allowed, so it was closed."
        case .createdAndLeft: "Ticket {id} was created and read back, but could be neither deleted nor closed; please close it."
        }
    }
}

extension HaloResource {
    var english: String {
        switch self {
        case .companies: "companies"
        case .contacts: "contacts"
        case .agents: "agents"
        case .tickets: "tickets"
        case .actions: "notes"
        case .contracts: "agreements"
        case .recurringInvoices: "recurring invoices"
        case .ticketTypes: "ticket types"
        case .statuses: "statuses"
        case .priorities: "priorities"
        case .outcomes: "outcomes"
        case .fields: "fields"
        case .lookups: "lookup values"
        case .categories: "categories"
        case .teams: "teams"
        case .assets: "assets"
        case .sites: "sites"
        case .attachments: "attachments"
        }
    }
}

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
        case .company: "Firma {id}"
        case .contact: "Kontakt {id}"
        case .ticketType: "Tickettyp {id}"
        case .privateNote: "eine private Notiz zu Ticket {id}"
        case .reply: "eine Antwort zu Ticket {id}"
        case .statusOf: "der Status von Ticket {id}"
        case .newAttachment: "ein neuer Anhang"
        case .attachment: "Anhang {id}"
        case .ticketDefaults: "die Ticketvorgaben"
        case .theStatus: "Status"
        case .whatNeedsThem: "was diese Scopes braucht"
        case .connectionTest: "der Verbindungstest"

        case .noSummary: "Ein Ticket braucht eine Zusammenfassung, und diese ist leer."
        case .noText: "Der Text ist leer."
        case .noRecipient: "Der Kontakt des Tickets hat keine E-Mail-Adresse; niemand würde benachrichtigt."
        case .notANumber: "Die IDs von HaloPSA sind ganze Zahlen, die in 32 Bit passen; „{id}“ ist keine solche Zahl."
        case .noteVisible: "HaloPSA hat die Notiz gespeichert, aber der Endanwender kann sie lesen; die Aktion macht Notizen sichtbar."
        case .contactOfAnotherCompany: "Kontakt {contact} gehört zu Firma {own}, das Ticket aber ist für Firma {wanted}."
        case .statusNotKept: "HaloPSA hat die Änderung angenommen, aber das Ticket hat danach den Status {id}."
        case .noSuchID: "{id} fehlt in der Liste, die HaloPSA dem API-Agent zeigt."
        case .typeNotCreatable: "Der API-Agent darf keine Tickets vom Typ „{name}“ anlegen."
        case .priorityOfAnotherSLA: "Priorität {id} gehört nicht zum SLA dieses Tickettyps."
        case .keptElsewhere:
            "HaloPSA bewahrt diese Datei in einem eigenen Speicher auf und gab nur einen Link; das Ticket in HaloPSA öffnen, um sie zu lesen."
        case .severalActions: "Mehrere Aktionen führen zu Status {id}; welche gemeint ist, lässt sich nicht sagen: {names}."
        case .sendsNoMail: "Die Aktion „{name}“ verschickt keine E-Mail; eine Antwort über sie erreicht niemanden."

        case .anotherRecord: "Die Antwort handelt von einem anderen Datensatz als dem geschriebenen."
        case .noSavedRecord: "Die Antwort enthält keinen gespeicherten Datensatz."
        case .noSuchRecord: "Die Antwort ist JSON, aber kein solcher Datensatz."
        case .noList: "Die Antwort ist JSON, enthält aber nicht die erwartete Liste: {rows}."
        case .answers: "HaloPSA antwortet unter /api/authinfo."
        case .answersOtherwise: "/api/authinfo antwortet, aber anders als das von HaloPSA."
        case .refusedAlike(_, let words):
            words == nil
                ? "/api/authinfo, das keine Zugangsdaten braucht, wird ebenfalls mit HTTP {status} abgelehnt."
                : "/api/authinfo, das keine Zugangsdaten braucht, wird ebenfalls mit HTTP {status} abgelehnt; die Antwort lautet „{words}“."
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
        case .fields: "Felder"
        case .lookups: "Auswahlwerte"
        case .categories: "Kategorien"
        case .teams: "Teams"
        case .assets: "Assets"
        case .sites: "Standorte"
        case .attachments: "Anhänge"
        }
    }
}

extension HaloMessage {
    /// Whether it is one record that a list has too.
    var isOneRecord: Bool {
        switch self {
        case .ticket, .recurringInvoice, .company, .contact: true
        default: false
        }
    }
}
