/// The stable name of a failure; everything a person reads about it hangs on this name.
///
/// The text of a code never changes its meaning. The codes that hold for every vendor are static members, listed in ``allCases``; more may
/// come. A connector may have codes of its own, such as `acme.queue_closed`: it makes them from their text and brings the guidance. Code
/// that does not know a code falls back to its ``area``.
public struct ErrorCode: RawRepresentable, Sendable, Hashable, CaseIterable, Codable, CustomStringConvertible {
    /// The code's text, such as `auth.invalid_client`.
    public let rawValue: String

    /// The code of a text: an area and a name in lower case, with a dot between them.
    ///
    /// A text of that form is a code, whether or not this version has a text for it; ``known(_:)`` says that.
    ///
    /// - Returns: Nil if the text does not have that form.
    public init?(rawValue: String) {
        let parts = rawValue.split(separator: ".", omittingEmptySubsequences: false)
        guard rawValue.utf8.count <= 80, parts.count == 2, parts.allSatisfy(Self.isWord) else { return nil }
        self.rawValue = rawValue
    }

    init(_ shared: SharedErrorCode) { rawValue = shared.rawValue }

    /// The codes that hold for every vendor.
    public static let allCases: [ErrorCode] = SharedErrorCode.allCases.map { ErrorCode($0) }

    /// The code of a text, if it holds for every vendor.
    public static func known(_ text: String) -> ErrorCode? { SharedErrorCode(rawValue: text).map { ErrorCode($0) } }

    /// The word before the dot, such as `auth` or `network`.
    public var area: Area { Area(rawValue: String(rawValue.prefix { $0 != "." })) }

    /// The code as an HTML anchor and document heading: `auth-invalid-client`.
    public var anchor: String { String(rawValue.map { $0 == "." || $0 == "_" ? "-" : $0 }) }

    /// The code as the `type` of an RFC 9457 problem: `urn:psa-connectors:error:auth.invalid_client`.
    ///
    /// It is an absolute URI that stays the same wherever the problem is read; a host that has a page about the code links to it on its own.
    public var problemType: String { "urn:psa-connectors:error:" + rawValue }

    /// The code's text.
    public var description: String { rawValue }

    /// The code as one of those that hold for every vendor.
    var shared: SharedErrorCode? { SharedErrorCode(rawValue: rawValue) }

    private static func isWord(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first) else { return false }
        return text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }
}

extension ErrorCode {
    /// What a code is about: the word before its dot; a connector may have an area of its own.
    public struct Area: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
        /// The sign-in at the vendor.
        public static let auth = Area(rawValue: "auth")
        /// The settings of a connection.
        public static let config = Area(rawValue: "config")
        /// What a connector is built for.
        public static let connector = Area(rawValue: "connector")
        /// The host itself, such as its database.
        public static let host = Area(rawValue: "host")
        /// The way to the vendor.
        public static let network = Area(rawValue: "network")
        /// The delivery of notifications.
        public static let notification = Area(rawValue: "notification")
        /// What the credentials may do.
        public static let permission = Area(rawValue: "permission")
        /// Something between here and the vendor.
        public static let proxy = Area(rawValue: "proxy")
        /// The rate limit.
        public static let rate = Area(rawValue: "rate")
        /// What was asked for.
        public static let request = Area(rawValue: "request")
        /// The local copy.
        public static let sync = Area(rawValue: "sync")
        /// The content of a ticket.
        public static let ticket = Area(rawValue: "ticket")
        /// Certificates and encryption.
        public static let tls = Area(rawValue: "tls")
        /// The address of the tenant.
        public static let url = Area(rawValue: "url")
        /// The command line.
        public static let usage = Area(rawValue: "usage")
        /// Faults of the vendor.
        public static let vendor = Area(rawValue: "vendor")
        /// Writes of unknown outcome.
        public static let write = Area(rawValue: "write")

        /// The word, such as `auth` or `network`.
        public let rawValue: String

        /// The area of a word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The word.
        public var description: String { rawValue }
    }
}

/// The codes that hold for every vendor, as cases, so that one without a text does not compile.
enum SharedErrorCode: String, Sendable, CaseIterable {
    case usageInvalid = "usage.invalid"
    case configMissingField = "config.missing_field"
    case configInvalidField = "config.invalid_field"
    case configUnknownField = "config.unknown_field"
    case configUnknownConnector = "config.unknown_connector"
    case configSecretUnreadable = "config.secret_unreadable"
    case urlMalformed = "url.malformed"
    case urlInsecure = "url.insecure"
    case urlForbiddenAddress = "url.forbidden_address"
    case urlNotVendor = "url.not_vendor"
    case networkDNSNotFound = "network.dns_not_found"
    case networkRefused = "network.refused"
    case networkTimeout = "network.timeout"
    case networkInterrupted = "network.interrupted"
    case tlsUntrusted = "tls.untrusted"
    case tlsSelfSigned = "tls.self_signed"
    case tlsExpired = "tls.expired"
    case tlsNotYetValid = "tls.not_yet_valid"
    case tlsNameMismatch = "tls.name_mismatch"
    case tlsNotSpoken = "tls.not_spoken"
    case tlsHandshakeRefused = "tls.handshake_refused"
    case proxyHTMLInsteadOfJSON = "proxy.html_instead_of_json"
    case proxyLoginRedirect = "proxy.login_redirect"
    case proxyBlocked = "proxy.blocked"
    case proxyAuthenticationRequired = "proxy.authentication_required"
    case authEndpointNotFound = "auth.endpoint_not_found"
    case authInvalidClient = "auth.invalid_client"
    case authApplicationNotApproved = "auth.application_not_approved"
    case authWrongGrant = "auth.wrong_grant"
    case authScopeRejected = "auth.scope_rejected"
    case authTenantUnknown = "auth.tenant_unknown"
    case authTokenRefused = "auth.token_refused"
    case authTokenRejected = "auth.token_rejected"
    case permissionScopeMissing = "permission.scope_missing"
    case permissionRoleDenied = "permission.role_denied"
    case permissionActionDenied = "permission.action_denied"
    case permissionNothingVisible = "permission.nothing_visible"
    case requestInvalid = "request.invalid"
    case requestRejected = "request.rejected"
    case requestNotFound = "request.not_found"
    case requestConflict = "request.conflict"
    case requestCompanyUnusable = "request.company_unusable"
    case ticketDefaultInvalid = "ticket.default_invalid"
    case ticketFieldRequired = "ticket.field_required"
    case ticketFieldInvalid = "ticket.field_invalid"
    case ticketStatusNotAllowed = "ticket.status_not_allowed"
    case ticketNotWritable = "ticket.not_writable"
    case ticketActionIncomplete = "ticket.action_incomplete"
    case ticketOtherCompany = "ticket.other_company"
    case rateLimited = "rate.limited"
    case vendorUnavailable = "vendor.unavailable"
    case vendorMaintenance = "vendor.maintenance"
    case vendorLicense = "vendor.license"
    case vendorUnexpectedResponse = "vendor.unexpected_response"
    case writeOutcomeUnknown = "write.outcome_unknown"
    case connectorPlaceholder = "connector.placeholder"
    case connectorUnsupported = "connector.unsupported"
    case connectorDefect = "connector.defect"
    case syncCursorRejected = "sync.cursor_rejected"
    case syncListIncomplete = "sync.list_incomplete"
    case syncTooManyMissing = "sync.too_many_missing"
    case syncStale = "sync.stale"
}

extension ErrorCode {
    /// `usage.invalid`.
    public static let usageInvalid = Self(.usageInvalid)
    /// `config.missing_field`.
    public static let configMissingField = Self(.configMissingField)
    /// `config.invalid_field`.
    public static let configInvalidField = Self(.configInvalidField)
    /// `config.unknown_field`.
    public static let configUnknownField = Self(.configUnknownField)
    /// `config.unknown_connector`.
    public static let configUnknownConnector = Self(.configUnknownConnector)
    /// `config.secret_unreadable`.
    public static let configSecretUnreadable = Self(.configSecretUnreadable)
    /// `url.malformed`.
    public static let urlMalformed = Self(.urlMalformed)
    /// `url.insecure`.
    public static let urlInsecure = Self(.urlInsecure)
    /// `url.forbidden_address`.
    public static let urlForbiddenAddress = Self(.urlForbiddenAddress)
    /// `url.not_vendor`.
    public static let urlNotVendor = Self(.urlNotVendor)
    /// `network.dns_not_found`.
    public static let networkDNSNotFound = Self(.networkDNSNotFound)
    /// `network.refused`.
    public static let networkRefused = Self(.networkRefused)
    /// `network.timeout`.
    public static let networkTimeout = Self(.networkTimeout)
    /// `network.interrupted`.
    public static let networkInterrupted = Self(.networkInterrupted)
    /// `tls.untrusted`.
    public static let tlsUntrusted = Self(.tlsUntrusted)
    /// The certificate vouches for itself.
    public static let tlsSelfSigned = Self(.tlsSelfSigned)
    /// `tls.expired`.
    public static let tlsExpired = Self(.tlsExpired)
    /// The certificate is valid from a later day on.
    public static let tlsNotYetValid = Self(.tlsNotYetValid)
    /// `tls.name_mismatch`.
    public static let tlsNameMismatch = Self(.tlsNameMismatch)
    /// The port speaks something else than TLS.
    public static let tlsNotSpoken = Self(.tlsNotSpoken)
    /// The server ended the start of an encrypted connection with an alert.
    public static let tlsHandshakeRefused = Self(.tlsHandshakeRefused)
    /// `proxy.html_instead_of_json`.
    public static let proxyHTMLInsteadOfJSON = Self(.proxyHTMLInsteadOfJSON)
    /// `proxy.login_redirect`.
    public static let proxyLoginRedirect = Self(.proxyLoginRedirect)
    /// A firewall, proxy or content network refused the request.
    public static let proxyBlocked = Self(.proxyBlocked)
    /// A proxy on the way wants to know who asks.
    public static let proxyAuthenticationRequired = Self(.proxyAuthenticationRequired)
    /// `auth.endpoint_not_found`.
    public static let authEndpointNotFound = Self(.authEndpointNotFound)
    /// `auth.invalid_client`.
    public static let authInvalidClient = Self(.authInvalidClient)
    /// `auth.application_not_approved`.
    public static let authApplicationNotApproved = Self(.authApplicationNotApproved)
    /// `auth.wrong_grant`.
    public static let authWrongGrant = Self(.authWrongGrant)
    /// `auth.scope_rejected`.
    public static let authScopeRejected = Self(.authScopeRejected)
    /// `auth.tenant_unknown`.
    public static let authTenantUnknown = Self(.authTenantUnknown)
    /// No token was issued, for a reason other than the credentials.
    public static let authTokenRefused = Self(.authTokenRefused)
    /// `auth.token_rejected`.
    public static let authTokenRejected = Self(.authTokenRejected)
    /// `permission.scope_missing`.
    public static let permissionScopeMissing = Self(.permissionScopeMissing)
    /// `permission.role_denied`.
    public static let permissionRoleDenied = Self(.permissionRoleDenied)
    /// `permission.action_denied`.
    public static let permissionActionDenied = Self(.permissionActionDenied)
    /// `permission.nothing_visible`.
    public static let permissionNothingVisible = Self(.permissionNothingVisible)
    /// `request.invalid`.
    public static let requestInvalid = Self(.requestInvalid)
    /// `request.rejected`.
    public static let requestRejected = Self(.requestRejected)
    /// `request.not_found`.
    public static let requestNotFound = Self(.requestNotFound)
    /// `request.conflict`.
    public static let requestConflict = Self(.requestConflict)
    /// The company exists no more, is inactive, or takes no tickets.
    public static let requestCompanyUnusable = Self(.requestCompanyUnusable)
    /// `ticket.default_invalid`.
    public static let ticketDefaultInvalid = Self(.ticketDefaultInvalid)
    /// A field was left out that this kind of ticket demands.
    public static let ticketFieldRequired = Self(.ticketFieldRequired)
    /// A field has a value the vendor does not take.
    public static let ticketFieldInvalid = Self(.ticketFieldInvalid)
    /// The status can't be set from where the ticket is.
    public static let ticketStatusNotAllowed = Self(.ticketStatusNotAllowed)
    /// The ticket is closed, locked, merged or deleted.
    public static let ticketNotWritable = Self(.ticketNotWritable)
    /// A note, reply or change of status lacks something the vendor's action demands.
    public static let ticketActionIncomplete = Self(.ticketActionIncomplete)
    /// A new ticket is at another company than the one that it was sent for.
    ///
    /// The ticket is created and must not be created again, so the error fails nothing and pauses no source: what files it elsewhere may be a
    /// rule of the tenant for a single customer, a pause would stop the alerts of all others, and only a further ticket, which may be filed
    /// elsewhere as well, could show that the pause may end. A person moves the ticket and removes the reason.
    public static let ticketOtherCompany = Self(.ticketOtherCompany)
    /// `rate.limited`.
    public static let rateLimited = Self(.rateLimited)
    /// `vendor.unavailable`.
    public static let vendorUnavailable = Self(.vendorUnavailable)
    /// The vendor says that it is being maintained.
    public static let vendorMaintenance = Self(.vendorMaintenance)
    /// The vendor's licence does not cover the request.
    public static let vendorLicense = Self(.vendorLicense)
    /// `vendor.unexpected_response`.
    public static let vendorUnexpectedResponse = Self(.vendorUnexpectedResponse)
    /// `write.outcome_unknown`.
    public static let writeOutcomeUnknown = Self(.writeOutcomeUnknown)
    /// `connector.placeholder`.
    public static let connectorPlaceholder = Self(.connectorPlaceholder)
    /// `connector.unsupported`.
    public static let connectorUnsupported = Self(.connectorUnsupported)
    /// `connector.defect`.
    public static let connectorDefect = Self(.connectorDefect)
    /// `sync.cursor_rejected`.
    public static let syncCursorRejected = Self(.syncCursorRejected)
    /// `sync.list_incomplete`.
    public static let syncListIncomplete = Self(.syncListIncomplete)
    /// `sync.too_many_missing`.
    public static let syncTooManyMissing = Self(.syncTooManyMissing)
    /// `sync.stale`.
    public static let syncStale = Self(.syncStale)
}
