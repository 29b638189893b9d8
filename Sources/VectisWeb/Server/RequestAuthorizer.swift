import PSACore
import PSAEngine
import Sodium
import VectisCore
import VectisRules
import WebServer

/// Authenticates requests and rejects forged ones.
struct RequestAuthorizer: Sendable {
    /// The name of the form field and, for the JSON API, of the header with the form token.
    static let tokenField = "form_token"
    static let tokenHeader = "X-Form-Token"

    private let services: HostServices

    init(_ services: HostServices) { self.services = services }

    /// The user of the request's session cookie, or nil.
    func signedInUser(of context: RequestContext) async throws -> SignedInUser? {
        guard let token = SessionCookie(isBehindTLS: services.environment.isBehindTLS).token(in: context.request),
            let found = try await services.signIn.signedInUser(token: token, now: context.now)
        else { return nil }
        return SignedInUser(account: found.account, session: found.session, formToken: services.vault.formToken(for: token))
    }

    /// The API key that a program sends as `Authorization: Bearer …`, if it was good when it was last read.
    ///
    /// The handler checks it again, in the transaction of the event.
    ///
    /// - Throws: ``WebError`` if it sends no valid one.
    func sender(of request: WebRequest) async throws -> APIToken {
        guard let text = Self.keyText(of: request), let key = try await services.events.token(text) else { throw Self.unknownSender }
        guard key.scopes.contains(.sendEvents) else { throw Self.missing(.sendEvents) }
        return key
    }

    /// The API key of a request to a route of the JSON API for people, if it shows one; keys of pages are not looked at.
    ///
    /// - Throws: ``WebError`` if the key is not good, or not for this route.
    func key(of request: WebRequest, for route: Route) async throws -> APIToken? {
        guard route.pattern.hasPrefix(APIRoutes.root), route.access != .open, let text = Self.keyText(of: request) else { return nil }
        guard let key = try await services.events.key(text) else { throw Self.unknownSender }
        guard let scope = route.scope else {
            throw WebError(.forbidden, "No API key opens this. A person who is signed in can do it.")
        }
        guard key.scopes.contains(scope) else { throw Self.missing(scope) }
        return key
    }

    /// What looks like a key; other schemes and tokens are for a proxy in front.
    private static func keyText(of request: WebRequest) -> String? {
        request.bearerToken.flatMap { $0.hasPrefix(APIToken.prefix) ? $0 : nil }
    }

    /// The error for a key that lacks a scope.
    static func missing(_ scope: APIScope) -> WebError {
        WebError(.forbidden, "The API key lacks the scope “\(scope.rawValue)”. An administrator can add it under API keys.")
    }

    /// The error for a program that sends no valid key.
    static var unknownSender: WebError {
        WebError(
            .signInNeeded,
            "Send an API key that is neither revoked nor expired as “Authorization: Bearer vectis_…”. An administrator makes one under API keys."
        )
    }

    /// Rejects what a browser sends on behalf of another site.
    ///
    /// A program other than a browser sends neither field; it needs the form token nevertheless.
    func refuseForeignOrigin(_ request: WebRequest) throws {
        let host = (request.headers["Host"] ?? "").lowercased()
        let isForeignSite = request.headers.values(of: "Sec-Fetch-Site").contains { $0 != "same-origin" && $0 != "none" }
        let isForeignOrigin = request.headers.values(of: "Origin").contains { origin in
            let parts = origin.lowercased().split(separator: "/", omittingEmptySubsequences: true)
            return parts.count != 2 || parts[1] != host
        }
        if isForeignSite || isForeignOrigin {
            throw WebError(.forbidden, "This request was made by another site. Open the page here and try again.")
        }
    }

    /// Rejects a change that was not sent by a page of this session.
    func refuseMissingToken(_ request: WebRequest, _ user: SignedInUser) throws {
        if request.headers[Self.tokenHeader] == nil, request.isForm, request.formFields == nil {
            throw WebError(
                .badRequest, "The form could not be read: it is malformed, or its text is no UTF-8. Go back and send it again.")
        }
        let sent = request.headers[Self.tokenHeader] ?? request.formFields?.first { $0.name == Self.tokenField }?.value ?? ""
        guard ConstantTime.areEqual(Array(sent.utf8), Array(user.formToken.utf8)) else {
            throw WebError(.forbidden, "The form was made for another session. Go back, reload the page and send it again.")
        }
    }
}

/// The cookie that holds a session's token.
struct SessionCookie: Sendable {
    enum Kind: Sendable {
        case session
        /// Of a sign-in that waits for the code of the second factor; it opens nothing else.
        case pending
    }

    let isBehindTLS: Bool
    var kind = Kind.session

    /// `__Host-` makes browsers insist on Secure, on the path and on no domain.
    var name: String { (isBehindTLS ? "__Host-vectis" : "vectis") + (kind == .pending ? "-sign-in" : "") }

    /// The token in a request, if there is one.
    func token(in request: WebRequest) -> SessionToken? { request.cookieToken(name) }

    /// The header field that sets the cookie.
    func setting(_ token: SessionToken) -> String { "\(name)=\(token.cookieValue); \(attributes)" }

    /// The header field that deletes the cookie.
    var clearing: String { "\(name)=; \(attributes); Max-Age=0" }

    private var attributes: String { "Path=/; HttpOnly; SameSite=Strict" + (isBehindTLS ? "; Secure" : "") }
}

/// The cookie by which a browser that has signed in before is known; it opens nothing without the password.
struct DeviceCookie: Sendable {
    let isBehindTLS: Bool

    var name: String { isBehindTLS ? "__Host-vectis-device" : "vectis-device" }

    /// The token in a request, if there is one.
    func token(in request: WebRequest) -> SessionToken? { request.cookieToken(name) }

    /// The header field that sets the cookie for as long as the device is known.
    func setting(_ token: SessionToken) -> String {
        "\(name)=\(token.cookieValue); Path=/; HttpOnly; SameSite=Strict; Max-Age=\(Int(KnownDevice.lifetime))"
            + (isBehindTLS ? "; Secure" : "")
    }
}

extension WebRequest {
    /// The token of the scheme `Bearer` in `Authorization`.
    var bearerToken: String? { AuthorizationField.credentials(headers["Authorization"], of: .bearer) }

    /// The token in the first cookie of a name, if it can be one.
    fileprivate func cookieToken(_ name: String) -> SessionToken? { cookie(name).flatMap { SessionToken(cookieValue: $0) } }

    /// The value of the first cookie of a name.
    func cookie(_ name: String) -> String? {
        for field in headers.values(of: "Cookie") {
            for pair in field.split(separator: ";") {
                let sides = pair.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
                if sides.count == 2, sides[0] == name { return String(sides[1]) }
            }
        }
        return nil
    }
}
