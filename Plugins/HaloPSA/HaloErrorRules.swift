import PSACore

/// What HaloPSA's answers mean where they differ from what the status says.
enum HaloErrorRules {
    /// The classifier of a connection.
    ///
    /// - Parameter namesTenant: Whether the token request carries a tenant name: a wrong one is answered with a 500 (PyPI `halopsa` 2.0.2
    ///   calls that “bad tenant”), which would otherwise pass for a fault of the server.
    /// - Returns: The rules of this file in front of the shared ones.
    static func classifier(namesTenant: Bool) -> FailureClassifier {
        FailureClassifier(vendorRules: (namesTenant ? [wrongTenant] : []) + rules)
    }

    private static let wrongTenant = ClassificationRule([.token], 500...500, is: .authTenantUnknown)

    /// Which answers to a write prove that HaloPSA did not execute it.
    ///
    /// A page, an empty answer or bare text may come from a gateway in front of HaloPSA, before or after it acted; 401, redirects and all
    /// others can too.
    static let nonExecution = [
        NonExecutionRule.throttled,
        NonExecutionRule(
            NonExecutionRule.refusalStatuses,
            because: "HaloPSA validates a record before it stores it, and explains a refusal as a JSON string, exception or model state."
        ) { response in
            guard (try? JSONDocument(response.body)) != nil else { return false }
            let body = HaloErrorBody(response)
            return !(body.message ?? "").isEmpty || !body.fields.isEmpty
        },
    ]

    static let rules: [ClassificationRule] = [
        // A 401 that survives a fresh token means “this module is not allowed” (seen live on ClientContract/{id} and Webhook), unless the
        // server says that the token is at fault.
        ClassificationRule([.read, .write], 401...401, vendorCode: "invalid_token", is: .authTokenRejected),
        ClassificationRule([.read, .write], 401...401, scopeIsMissing: true, is: .permissionScopeMissing),
        ClassificationRule([.read, .write], 401...401, is: .permissionRoleDenied),
        ClassificationRule([.write], 400...400, messageContains: "do not have access to this action", is: .permissionActionDenied),
        // HaloPSA never answers 409; duplicates come as text.
        ClassificationRule([.write], 400...400, messageContains: "must be unique", is: .requestConflict),
        ClassificationRule([.write], 400...400, messageContains: "tickettype", is: .ticketDefaultInvalid),
        ClassificationRule([.write], 400...400, messageContains: "ticket type", is: .ticketDefaultInvalid),
        ClassificationRule([.write], 400...400, messageContains: "status", is: .ticketDefaultInvalid),
        ClassificationRule([.write], 400...400, messageContains: "priority", is: .ticketDefaultInvalid),
    ]
}
