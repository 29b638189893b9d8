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
    case contact(String)
    case ticketType(String)
    case privateNote(ticket: String)
    case reply(ticket: String)
    case statusOf(ticket: String)
    case ticketDefaults
    case theStatus
    case whatNeedsThem
    case connectionTest

    // What is wrong with what was asked for.
    case noSummary
    case noText
    case nobodyToTell
    case notANumber(String)
    case noteVisible
    case contactOfAnotherCompany(contact: String, own: String, wanted: String)
    case statusNotKept(String)
    case noSuchID(String)
    case typeNotCreatable(name: String)
    case priorityOfAnotherSLA(String)

    // What was observed.
    case noSavedRecord
    case anotherRecord
    case noSuchRecord
    case noList(HaloResource)
    case answers
    case answersOtherwise
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
        case .ticket(let id), .recurringInvoice(let id), .contact(let id), .ticketType(let id), .privateNote(let id), .reply(let id),
            .statusOf(let id), .notANumber(let id), .statusNotKept(let id), .noSuchID(let id), .priorityOfAnotherSLA(let id),
            .created(let id), .createdAndDeleted(let id), .createdAndClosed(let id), .createdAndLeft(let id), .oauthRefusal(let id):
            ["id": .verbatim(id)]
        case .contactOfAnotherCompany(let contact, let own, let wanted):
            ["contact": .verbatim(contact), "own": .verbatim(own), "wanted": .verbatim(wanted)]
        case .vendorField(let name), .typeNotCreatable(let name), .worksWithTenant(let name): ["name": .verbatim(name)]
        case .answersElsewhere(let url): ["url": .verbatim(url)]
        case .storedOtherwise(let differences, let end):
            ["end": .phrase(end), "differences": .sentences(differences.map { .phrase($0.sentence) })]
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
