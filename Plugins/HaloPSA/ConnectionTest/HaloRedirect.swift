import PSACore

/// Where an answer sends those who ask, as far as that tells why.
///
/// Only the host's name is repeated.
enum HaloRedirect {
    private static let identityProviders = [
        "microsoftonline.com", "login.windows.net", "sts.windows.net", "okta.com", "oktapreview.com", "onelogin.com", "duosecurity.com",
        "auth0.com", "pingidentity.com", "pingone.com", "accounts.google.com", "cloudflareaccess.com", "jumpcloud.com", "b2clogin.com",
        "ciamlogin.com", "zscaler.com", "gateway.zscloud.net", "netskope.com", "appgateportal.com",
    ]

    /// What a redirect says about the causes of a failure.
    static func findings(_ code: ErrorCode, _ response: HTTPResponse, from origin: ServiceURL) -> [CauseEvidence] {
        guard code == .proxyLoginRedirect, let location = response.headers["Location"],
            let target = try? ServiceURL(typed: location.contains("://") ? location : origin.text, policy: .allowingPrivate)
        else { return [] }
        let evidence = HaloShapeMessage.leadsTo(target.host)
        let path = (location.split(separator: "?").first ?? "").lowercased()
        let isProvider = identityProviders.contains { target.host == $0 || target.host.hasSuffix("." + $0) }
        let words = ["/saml", "/sso", "/adfs", "/oauth2", "/authorize", "/login", "/signin", "/idp"]
        if isProvider || words.contains(where: path.contains) {
            return [
                CauseEvidence("access_proxy", isProvider ? nil : .likely, by: .frontDoor, evidence: evidence),
                CauseEvidence("wrong_address", .possible, by: .frontDoor),
            ]
        }
        guard target.host != origin.host else { return [] }
        return [
            CauseEvidence("wrong_address", .likely, by: .frontDoor, evidence: evidence),
            CauseEvidence("access_proxy", .possible, by: .frontDoor),
        ]
    }
}
