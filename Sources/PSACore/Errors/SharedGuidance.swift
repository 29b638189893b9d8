extension SharedErrorCode {
    /// The text of the code that holds for every vendor.
    ///
    /// The switch has no default: a new code doesn't compile without one.
    var template: GuidanceTemplate {
        switch self {
        case .usageInvalid, .configMissingField, .configInvalidField, .configUnknownField, .configUnknownConnector: configurationTemplate
        case .urlMalformed, .urlInsecure, .urlForbiddenAddress, .urlNotVendor: addressTemplate
        case .networkDNSNotFound, .networkRefused, .networkTimeout, .networkInterrupted: networkTemplate
        case .tlsUntrusted, .tlsExpired, .tlsNameMismatch, .proxyHTMLInsteadOfJSON, .proxyLoginRedirect: pathTemplate
        case .tlsSelfSigned, .tlsNotYetValid, .tlsNotSpoken, .proxyBlocked, .proxyAuthenticationRequired: wayTemplate
        case .authEndpointNotFound, .authInvalidClient, .authApplicationNotApproved, .authWrongGrant, .authScopeRejected,
            .authTenantUnknown, .authTokenRejected:
            authenticationTemplate
        case .authTokenRefused, .vendorMaintenance, .vendorLicense: refusalTemplate
        case .permissionScopeMissing, .permissionRoleDenied, .permissionActionDenied, .permissionNothingVisible: permissionTemplate
        case .requestInvalid, .requestRejected, .requestNotFound, .requestConflict, .ticketDefaultInvalid, .syncCursorRejected:
            requestTemplate
        case .requestCompanyUnusable, .ticketFieldRequired, .ticketFieldInvalid, .ticketStatusNotAllowed, .ticketNotWritable,
            .ticketActionIncomplete:
            ticketTemplate
        case .rateLimited, .vendorUnavailable, .vendorUnexpectedResponse, .writeOutcomeUnknown: vendorTemplate
        case .connectorPlaceholder, .connectorUnsupported, .connectorDefect: connectorTemplate
        }
    }

    static let testAgain = "Test the connection again."
}

extension ErrorCode {
    /// The text that holds for every vendor; a connector's own code without a text gets one that says no more than that.
    var sharedTemplate: GuidanceTemplate { shared?.template ?? Self.ownCodeTemplate }

    private static let ownCodeTemplate = GuidanceTemplate(
        title: "The connector reported a failure of its own kind",
        detail: "The connector for {vendor} has no text for this failure about {object}. {message}",
        causes: [Cause("The connector knows why; this host does not.", .possible)],
        steps: ["Look the code up in the connector's own guide.", "Try again."], actor: .you)
}
