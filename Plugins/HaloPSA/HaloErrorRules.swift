import PSACore

/// What HaloPSA's answers mean where they differ from what the status says; what its sentences mean is ``HaloVerdict``'s.
enum HaloErrorRules {
    /// The rules of a connection.
    ///
    /// - Parameter namesTenant: Whether the token request carries a tenant name: a wrong one is answered with a 500 (PyPI `halopsa` 2.0.2
    ///   calls that “bad tenant”), which would otherwise pass for a fault of the server.
    static func rules(namesTenant: Bool) -> [ClassificationRule] { (namesTenant ? [wrongTenant] : []) + rules }

    private static let wrongTenant = ClassificationRule([.token], 500...500, is: .authTenantUnknown)

    static let rules: [ClassificationRule] = [
        // A 401 that survives a fresh token means “this module is not allowed” (seen live on ClientContract/{id} and Webhook), unless the
        // server says that the token is at fault.
        ClassificationRule([.read, .write], 401...401, vendorCode: "invalid_token", is: .authTokenRejected),
        ClassificationRule([.read, .write], 401...401, scopeIsMissing: true, is: .permissionScopeMissing),
        ClassificationRule([.read, .write], 401...401, is: .permissionRoleDenied),
    ]

    /// Which answers to a write prove that HaloPSA did not execute it.
    ///
    /// A page, an empty answer or bare text may come from a gateway in front of HaloPSA, before or after it acted; 401, redirects and all
    /// others can too.
    static let nonExecution = [
        NonExecutionRule.throttled,
        NonExecutionRule(
            NonExecutionRule.refusalStatuses,
            because: "HaloPSA validates a record before it stores it, and explains a refusal as a JSON string, exception or model state.",
            where: isOwnRefusal),
    ]

    /// Whether the body has one of the forms in which HaloPSA itself refuses, which say that it did not store what was sent.
    ///
    /// Seen: a JSON string; a serialized .NET exception with `Message`; a model-state map `{"[0].priority_id":["…"]}`; the OAuth pair
    /// `error`/`error_description`; the older `errorMessage`, `Message` and `error`; and nothing at all.
    static func isOwnRefusal(_ response: HTTPResponse) -> Bool {
        guard let root = try? JSONDocument(response.body).root else { return false }
        let message = root.string ?? ["error", "Message", "errorMessage", "message"].lazy.compactMap { root[$0]?.string }.first
        if let message { return !message.isEmpty }
        return root.isObject && root.members.contains { $0.value.isArray && $0.value.elements.contains { $0.string != nil } }
    }
}
