extension SharedErrorCode {
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
        case .tlsSelfSigned, .tlsNotYetValid, .tlsNotSpoken, .proxyBlocked, .proxyAuthenticationRequired: germanWayWords
        case .authTokenRefused, .vendorMaintenance, .vendorLicense: germanRefusalWords
        case .requestCompanyUnusable, .ticketFieldRequired, .ticketFieldInvalid, .ticketStatusNotAllowed, .ticketNotWritable,
            .ticketActionIncomplete:
            germanTicketWords
        case .authEndpointNotFound, .authInvalidClient, .authApplicationNotApproved, .authWrongGrant, .authScopeRejected,
            .authTenantUnknown, .authTokenRejected:
            germanAuthenticationWords
        case .permissionScopeMissing, .permissionRoleDenied, .permissionActionDenied, .permissionNothingVisible: germanPermissionWords
        case .requestInvalid, .requestRejected, .requestNotFound, .requestConflict, .ticketDefaultInvalid, .syncCursorRejected:
            germanRequestWords
        case .rateLimited, .vendorUnavailable, .vendorUnexpectedResponse, .writeOutcomeUnknown: germanVendorWords
        case .connectorPlaceholder, .connectorUnsupported, .connectorDefect: germanConnectorWords
        }
    }

    static let testAgainInGerman = "Verbindung erneut testen."
}

extension ErrorCode {
    var germanWords: GuidanceWords { shared?.germanWords ?? Self.germanOwnCodeWords }

    private static let germanOwnCodeWords = GuidanceWords(
        title: "Der Konnektor hat einen eigenen Fehler gemeldet",
        detail: "Der Konnektor für {vendor} hat zu diesem Fehler keinen Text ({object}). {message}",
        causes: ["Den Grund kennt der Konnektor; dieses Host-Programm kennt ihn nicht."],
        steps: ["Den Code in der Anleitung des Konnektors nachschlagen.", "Erneut versuchen."])
}
