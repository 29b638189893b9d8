extension SharedErrorCode {
    /// The text of the code that holds for every vendor.
    ///
    /// One line for each code and no default: a new code doesn't compile without a text, and can't take another's.
    var template: GuidanceTemplate {
        switch self {
        case .usageInvalid: .usageInvalid
        case .configMissingField: .configMissingField
        case .configInvalidField: .configInvalidField
        case .configUnknownField: .configUnknownField
        case .configUnknownConnector: .configUnknownConnector
        case .configSecretUnreadable: .configSecretUnreadable
        case .urlMalformed: .urlMalformed
        case .urlInsecure: .urlInsecure
        case .urlForbiddenAddress: .urlForbiddenAddress
        case .urlNotVendor: .urlNotVendor
        case .networkDNSNotFound: .networkDNSNotFound
        case .networkRefused: .networkRefused
        case .networkTimeout: .networkTimeout
        case .networkInterrupted: .networkInterrupted
        case .tlsUntrusted: .tlsUntrusted
        case .tlsSelfSigned: .tlsSelfSigned
        case .tlsExpired: .tlsExpired
        case .tlsNotYetValid: .tlsNotYetValid
        case .tlsNameMismatch: .tlsNameMismatch
        case .tlsNotSpoken: .tlsNotSpoken
        case .tlsHandshakeRefused: .tlsHandshakeRefused
        case .proxyHTMLInsteadOfJSON: .proxyHTMLInsteadOfJSON
        case .proxyLoginRedirect: .proxyLoginRedirect
        case .proxyBlocked: .proxyBlocked
        case .proxyAuthenticationRequired: .proxyAuthenticationRequired
        case .authEndpointNotFound: .authEndpointNotFound
        case .authInvalidClient: .authInvalidClient
        case .authApplicationNotApproved: .authApplicationNotApproved
        case .authWrongGrant: .authWrongGrant
        case .authScopeRejected: .authScopeRejected
        case .authTenantUnknown: .authTenantUnknown
        case .authTokenRefused: .authTokenRefused
        case .authTokenRejected: .authTokenRejected
        case .permissionScopeMissing: .permissionScopeMissing
        case .permissionRoleDenied: .permissionRoleDenied
        case .permissionActionDenied: .permissionActionDenied
        case .permissionNothingVisible: .permissionNothingVisible
        case .requestInvalid: .requestInvalid
        case .requestRejected: .requestRejected
        case .requestNotFound: .requestNotFound
        case .requestConflict: .requestConflict
        case .requestCompanyUnusable: .requestCompanyUnusable
        case .ticketDefaultInvalid: .ticketDefaultInvalid
        case .ticketFieldRequired: .ticketFieldRequired
        case .ticketFieldInvalid: .ticketFieldInvalid
        case .ticketStatusNotAllowed: .ticketStatusNotAllowed
        case .ticketNotWritable: .ticketNotWritable
        case .ticketActionIncomplete: .ticketActionIncomplete
        case .ticketOtherCompany: .ticketOtherCompany
        case .rateLimited: .rateLimited
        case .vendorUnavailable: .vendorUnavailable
        case .vendorMaintenance: .vendorMaintenance
        case .vendorLicense: .vendorLicense
        case .vendorUnexpectedResponse: .vendorUnexpectedResponse
        case .writeOutcomeUnknown: .writeOutcomeUnknown
        case .connectorPlaceholder: .connectorPlaceholder
        case .connectorUnsupported: .connectorUnsupported
        case .connectorDefect: .connectorDefect
        case .syncCursorRejected: .syncCursorRejected
        case .syncListIncomplete: .syncListIncomplete
        case .syncTooManyMissing: .syncTooManyMissing
        case .syncStale: .syncStale
        }
    }
}

extension ErrorCode {
    /// The text that holds for every vendor; a connector's own code without a text gets one that says no more than that.
    var sharedTemplate: GuidanceTemplate { shared?.template ?? .ofItsOwnKind }
}

extension GuidanceTemplate {
    static let ofItsOwnKind = GuidanceTemplate(
        title: .init("The connector reported a failure of its own kind", german: "Der Konnektor hat einen eigenen Fehler gemeldet"),
        detail: .init(
            "The connector for {vendor} has no text for this failure about {object}. {message}",
            german: "Der Konnektor für {vendor} hat zu diesem Fehler keinen Text ({object}). {message}"),
        causes: [
            CauseTemplate(
                "own_code", .possible, english: "The connector knows why; this host does not.",
                german: "Den Grund kennt der Konnektor; dieses Host-Programm kennt ihn nicht.",
                steps: [
                    .init(
                        "Look the code up in the connector's own guide.", german: "Den Code in der Anleitung des Konnektors nachschlagen."),
                    .tryAgain,
                ], responsibleParty: .you)
        ])
}
