extension ErrorCode {
    /// The shared texts in German; the switch has no default, so that a new code doesn't compile without them.
    ///
    /// Values are put in as they are: patterns use `{vendor}` only where nominative and accusative stand, and `{object}` behind a colon or
    /// in brackets, so that no value has to be declined.
    var germanWords: GuidanceWords {
        switch self {
        case .usageInvalid, .configMissingField, .configInvalidField, .configUnknownField, .configUnknownConnector:
            germanConfigurationWords
        case .urlMalformed, .urlInsecure, .urlForbiddenAddress, .urlNotVendor: germanAddressWords
        case .networkDNSNotFound, .networkRefused, .networkTimeout, .networkInterrupted: germanNetworkWords
        case .tlsUntrusted, .tlsExpired, .tlsNameMismatch, .proxyHTMLInsteadOfJSON, .proxyLoginRedirect: germanPathWords
        case .authEndpointNotFound, .authInvalidClient, .authApplicationNotApproved, .authWrongGrant, .authScopeRejected,
            .authTenantUnknown, .authTokenRejected:
            germanAuthenticationWords
        case .permissionScopeMissing, .permissionRoleDenied, .permissionActionDenied, .permissionNothingVisible: germanPermissionWords
        case .requestInvalid, .requestRejected, .requestNotFound, .requestConflict, .ticketDefaultInvalid, .syncCursorRejected:
            germanRequestWords
        case .rateLimited, .vendorUnavailable, .vendorUnexpectedResponse, .writeOutcomeUnknown, .syncListIncomplete: germanVendorWords
        case .connectorPlaceholder, .connectorUnsupported, .connectorDefect: germanConnectorWords
        }
    }

    static let testAgainInGerman = "Verbindung erneut testen."
}
