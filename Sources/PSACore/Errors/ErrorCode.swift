/// The stable name of a failure; everything a person reads about it hangs on this name.
///
/// The text of a code never changes its meaning. A new one may be added: hosts outside this package should keep an `@unknown default`-like
/// branch by falling back to ``area``.
public enum ErrorCode: String, Sendable, CaseIterable, Codable, CustomStringConvertible {
    case usageInvalid = "usage.invalid"
    case configMissingField = "config.missing_field"
    case configInvalidField = "config.invalid_field"
    case configUnknownField = "config.unknown_field"
    case configUnknownConnector = "config.unknown_connector"
    case urlMalformed = "url.malformed"
    case urlInsecure = "url.insecure"
    case urlForbiddenAddress = "url.forbidden_address"
    case urlNotVendor = "url.not_vendor"
    case networkDNSNotFound = "network.dns_not_found"
    case networkRefused = "network.refused"
    case networkTimeout = "network.timeout"
    case networkInterrupted = "network.interrupted"
    case tlsUntrusted = "tls.untrusted"
    case tlsExpired = "tls.expired"
    case tlsNameMismatch = "tls.name_mismatch"
    case proxyHTMLInsteadOfJSON = "proxy.html_instead_of_json"
    case proxyLoginRedirect = "proxy.login_redirect"
    case authEndpointNotFound = "auth.endpoint_not_found"
    case authInvalidClient = "auth.invalid_client"
    case authApplicationNotApproved = "auth.application_not_approved"
    case authWrongGrant = "auth.wrong_grant"
    case authScopeRejected = "auth.scope_rejected"
    case authTenantUnknown = "auth.tenant_unknown"
    case authTokenRejected = "auth.token_rejected"
    case permissionScopeMissing = "permission.scope_missing"
    case permissionRoleDenied = "permission.role_denied"
    case permissionActionDenied = "permission.action_denied"
    case permissionNothingVisible = "permission.nothing_visible"
    case requestInvalid = "request.invalid"
    case requestRejected = "request.rejected"
    case requestNotFound = "request.not_found"
    case requestConflict = "request.conflict"
    case ticketDefaultInvalid = "ticket.default_invalid"
    case rateLimited = "rate.limited"
    case vendorUnavailable = "vendor.unavailable"
    case vendorUnexpectedResponse = "vendor.unexpected_response"
    case writeOutcomeUnknown = "write.outcome_unknown"
    case connectorPlaceholder = "connector.placeholder"
    case connectorUnsupported = "connector.unsupported"
    case connectorDefect = "connector.defect"
    case syncCursorRejected = "sync.cursor_rejected"
    case syncListIncomplete = "sync.list_incomplete"

    /// The word before the dot, such as `auth` or `network`.
    public var area: String { String(rawValue.prefix { $0 != "." }) }

    /// The code as an HTML anchor and document heading: `auth-invalid-client`.
    public var anchor: String { String(rawValue.map { $0 == "." || $0 == "_" ? "-" : $0 }) }

    /// The code's text.
    public var description: String { rawValue }
}
