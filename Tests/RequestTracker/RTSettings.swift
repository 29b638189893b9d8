import PSACore

/// The checked settings by name and type.
struct RTSettings: Sendable {
    let serverURL: ServiceURL
    /// The path of RT on its server, percent-encoded: empty, or a slash and what follows it, without one at the end.
    let webPath: String
    let token: Secret
    let customerField: String
    let referenceField: String
    let queue: TicketType.ID?
    let policy: AddressPolicy

    /// Reads them; the schema has made sure that the required ones are there, so a gap is a defect of the connector.
    init(_ settings: ConnectorSettings) throws {
        guard let url = settings.serviceURL(.serverURL), let token = settings.secret(.token),
            let customer = settings.text(.customerField), let reference = settings.text(.referenceField)
        else {
            throw PSAError(.connectorDefect, catalogue: RTGuidance.catalogue, values: [.object: .phrase(CoreMessage.itsSettings)])
        }
        serverURL = url
        webPath = (settings.text(.webPath) ?? "").split(separator: "/").map { "/" + PercentEncoding.component(String($0)) }.joined()
        self.token = token
        customerField = customer
        referenceField = reference
        queue = settings.integer(.queueID).map { TicketType.ID($0) }
        policy = settings.policy
    }

    /// RT's own scheme for its tokens.
    var authentication: VendorAuthentication {
        .headers([(name: "Authorization", value: Secret("token " + token.reveal()))], secrets: [token])
    }

    /// The page at which a person opens a ticket.
    func page(ofTicket number: String) -> String { "\(serverURL.text)\(webPath)/Ticket/Display.html?id=\(number)" }
}
