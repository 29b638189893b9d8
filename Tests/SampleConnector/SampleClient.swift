import PSACore

extension VendorClient<SampleMessage> {
    /// A client for one tenant of the sample PSA.
    ///
    /// - Throws: ``PSAError`` only for settings that the schema should not have let through.
    init(settings: ConnectorSettings, context: ConnectorContext, timeouts: RequestTimeouts = .normal) throws {
        guard let server = settings.serviceURL("serverURL"), let id = settings.text("clientID"),
            let secret = settings.secret("clientSecret")
        else { throw PSAError(.configMissingField) }
        let grant = ClientCredentialsGrant(clientID: id, clientSecret: secret, scope: "tickets")
        let vendor = VendorDeclaration<SampleMessage>(
            SampleDescriptor.descriptor, origin: server, addressPolicy: settings.policy, basePath: "/api",
            authentication: .clientCredentials(grant, route: "/oauth/token"), rateLimit: RateLimit(300, per: .seconds(60)),
            rules: SampleErrorRules.rules, lists: ListFormat { RowList(array: $0["rows"] ?? $0, total: $0["total"]?.integer) })
        self.init(vendor, context: context, timeouts: timeouts)
    }
}

/// What the sample PSA's answers mean where they differ from what the status says.
enum SampleErrorRules {
    static let rules = [
        ClassificationRule([.read], 404...404, messageContains: "no such type", is: .ticketDefaultInvalid),
        ClassificationRule([.write], 422...422, messageContains: "no such type", is: .ticketDefaultInvalid),
        ClassificationRule([.write], 422...422, messageContains: "no such status", is: .ticketDefaultInvalid),
    ]
}
