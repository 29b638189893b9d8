import HaloSimulator
import PSACore
import PSATesting
import TestSupport

extension FaultCase {
    /// HaloPSA's sign-in server says which of the two it does not know, so that one is proven.
    private static func refused(_ name: String, _ settings: [SettingKey: String], field: SettingKey) -> FaultCase {
        let isSecret = field == "clientSecret"
        return FaultCase(
            name: name, peer: .simulator([]), settings: settings,
            told: Told(
                code: .authInvalidClient, cause: isSecret ? "The client secret is wrong" : "The client ID is wrong", confidence: .certain,
                step: isSecret ? "Copy the client secret again" : "In HaloPSA open Config", field: field, check: (.credentials, .failed)))
    }

    static let token: [FaultCase] = [
        refused("a wrong client ID", ["clientID": "8a1f2c3d-0000-4000-8000-000000000000"], field: "clientID"),
        refused("a wrong client secret", ["clientSecret": "not-the-secret-of-this-application"], field: "clientSecret"),
        FaultCase(
            name: "a client secret that was cut off by one character", peer: .simulator([]),
            settings: ["clientSecret": String(HaloSimulator.Configuration.demoClientSecret.dropLast())],
            told: Told(
                code: .authInvalidClient, cause: "The client secret was cut off", step: "Copy the whole client secret",
                field: "clientSecret", check: (.credentials, .failed))),
        refused("a client secret typed as client ID", ["clientID": HaloSimulator.Configuration.demoClientSecret], field: "clientID"),
        FaultCase(
            name: "refused credentials where the sign-in data is kept closed", peer: .simulator(["hang-up"]),
            settings: ["clientSecret": "not-the-secret-of-this-application"],
            told: Told(
                code: .authInvalidClient, cause: "The client secret is wrong", step: "Copy the client secret again", field: "clientSecret",
                check: (.credentials, .failed))),
        FaultCase(
            name: "an application that may not use the token endpoint", peer: .simulator(["token-unauthorized-client"]),
            told: Told(
                code: .authWrongGrant, cause: "The application's authentication method is not", confidence: .certain,
                step: "In HaloPSA open Config", check: (.credentials, .failed))),
        FaultCase(
            name: "an application that waits for its approval",
            peer: .always(
                FaultPeer.json(
                    #"{"error":"access_denied","error_description":"The application requires approval by an administrator."}"#,
                    status: "400 Bad Request")),
            told: Told(
                code: .authApplicationNotApproved, cause: "“Agent approval required” is set", confidence: .likely,
                step: "Ask a HaloPSA administrator to approve", detail: "requires approval by an administrator")),
        FaultCase(
            name: "a token request that lost its body on the way",
            peer: .always(
                FaultPeer.json(
                    #"{"error":"invalid_request","error_description":"The mandatory 'grant_type' parameter is missing.","#
                        + #""error_uri":"https://documentation.openiddict.com/errors/ID2029"}"#, status: "400 Bad Request")),
            told: Told(
                code: .authTokenRefused, cause: "A proxy on the way changed the request", confidence: .certain,
                step: "Look for a proxy between this machine", detail: "parameter is missing")),
        FaultCase(
            name: "an application made for another way to sign in",
            peer: .always(FaultPeer.json(#"{"error":"unsupported_grant_type"}"#, status: "400 Bad Request")),
            told: Told(
                code: .authWrongGrant, cause: "The application's authentication method is not",
                step: "In HaloPSA open Config")),
        FaultCase(
            name: "a scope that does not exist", peer: .simulator([]), settings: ["scope": "read:tickets read:users"],
            told: Told(
                code: .authScopeRejected, cause: "The scope is misspelt", step: "Correct the scope setting", field: "scope",
                check: (.credentials, .failed), detail: "read:tickets read:users")),
        FaultCase(
            name: "no token endpoint, though HaloPSA answers", peer: .simulator(["token-not-found"]),
            told: .address(.authEndpointNotFound, "The tenant URL is not the one you log in at", "Log in to HaloPSA in the browser")),
        FaultCase(
            name: "a login page in place of a token", peer: .simulator(["token-html-login-page"]),
            told: .address(.proxyHTMLInsteadOfJSON, "The address is not that of HaloPSA", "Compare the address")),
        FaultCase(
            name: "a token answer without a token", peer: .simulator(["token-missing-fields"]),
            told: Told(
                code: .vendorUnexpectedResponse, cause: "The answer was cut off or changed", step: "Try again in a minute",
                check: (.credentials, .failed))),
        FaultCase(
            name: "a server error when a token is requested", peer: .simulator(["token-server-error"]),
            told: Told(
                code: .vendorUnavailable, cause: "HaloPSA is overloaded", step: "Wait a few minutes",
                check: (.credentials, .failed))),
        FaultCase(
            name: "a firewall's page with 403 in place of a token", peer: .always(FaultPeer.html("403 Forbidden")),
            told: .elsewhere(.proxyBlocked, "A firewall refuses this request", "Ask whoever runs a firewall or proxy")),
        FaultCase(name: "a token that died early is replaced", peer: .simulator(["token-revoked-once"]), told: nil),
        FaultCase(
            name: "every token is refused as invalid", peer: .simulator(["token-revoked-always"]),
            told: Told(
                code: .authTokenRejected, cause: "The application was deactivated", step: "In HaloPSA open Config",
                check: (.read(.readTickets), .failed))),
    ]

    static let tenant: [FaultCase] = [
        FaultCase(
            name: "a wrong tenant where none is needed", peer: .simulator([]), settings: ["tenant": "acmee"],
            told: Told(
                code: .authTenantUnknown, cause: "The tenant name is wrong", confidence: .certain, step: "Leave the field Tenant empty",
                field: "tenant", suggestion: "", check: (.credentials, .failed))),
        FaultCase(
            name: "a wrong tenant, and a wrong secret behind it", peer: .simulator([]),
            settings: ["tenant": "acmee", "clientSecret": "not-the-secret-of-this-application"],
            told: Told(
                code: .authTenantUnknown, cause: "The tenant name is wrong", confidence: .likely, step: "Leave the field Tenant empty",
                field: "tenant")),
        FaultCase(
            name: "a server error with the tenant that the server itself names", peer: .simulator(["token-server-error"]),
            settings: ["tenant": "Acme"],
            told: Told(code: .vendorUnavailable, cause: "HaloPSA is overloaded", step: "Wait a few minutes")),
        FaultCase(
            name: "no tenant where the server needs the one it names",
            peer: .http { request, _ in
                if request.hasPrefix("POST /auth/token?tenant=acme") { return FaultPeer.json(FaultPeer.tokenBody) }
                if request.hasPrefix("POST") { return answer("404 Not Found") }
                return FaultPeer.json(#"{"auth_url":"","tenant_id":"acme"}"#)
            },
            told: Told(
                code: .authTenantUnknown, cause: "This server serves several tenants", confidence: .certain, step: "Enter the tenant name",
                field: "tenant",
                suggestion: "acme")),
    ]
}
