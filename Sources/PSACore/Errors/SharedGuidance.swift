extension ErrorCode {
    /// The text of the code that holds for every vendor.
    ///
    /// The switch has no default: a new code doesn't compile without one.
    var sharedTemplate: GuidanceTemplate {
        switch self {
        case .usageInvalid, .configMissingField, .configInvalidField, .configUnknownField, .configUnknownConnector: configurationTemplate
        case .urlMalformed, .urlInsecure, .urlForbiddenAddress, .urlNotVendor: addressTemplate
        case .networkDNSNotFound, .networkRefused, .networkTimeout, .networkInterrupted: networkTemplate
        case .tlsUntrusted, .tlsExpired, .tlsNameMismatch, .proxyHTMLInsteadOfJSON, .proxyLoginRedirect: pathTemplate
        case .authEndpointNotFound, .authInvalidClient, .authApplicationNotApproved, .authWrongGrant, .authScopeRejected,
            .authTenantUnknown, .authTokenRejected:
            authenticationTemplate
        case .permissionScopeMissing, .permissionRoleDenied, .permissionActionDenied, .permissionNothingVisible: permissionTemplate
        case .requestInvalid, .requestRejected, .requestNotFound, .requestConflict, .ticketDefaultInvalid, .syncCursorRejected:
            requestTemplate
        case .rateLimited, .vendorUnavailable, .vendorUnexpectedResponse, .writeOutcomeUnknown, .syncListIncomplete: vendorTemplate
        case .connectorPlaceholder, .connectorUnsupported, .connectorDefect: connectorTemplate
        }
    }

    static let testAgain = "Test the connection again."
}
