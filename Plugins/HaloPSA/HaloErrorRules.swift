import PSACore

/// What HaloPSA's answers mean where they differ from what the status says; what its sentences mean is ``HaloVerdict``'s.
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
            HaloErrorBody.isOwnRefusal(response)
        },
    ]

    static let rules: [ClassificationRule] = [
        // A 401 that survives a fresh token means “this module is not allowed” (seen live on ClientContract/{id} and Webhook), unless the
        // server says that the token is at fault.
        ClassificationRule([.read, .write], 401...401, vendorCode: "invalid_token", is: .authTokenRejected),
        ClassificationRule([.read, .write], 401...401, scopeIsMissing: true, is: .permissionScopeMissing),
        ClassificationRule([.read, .write], 401...401, is: .permissionRoleDenied),
    ]
}
