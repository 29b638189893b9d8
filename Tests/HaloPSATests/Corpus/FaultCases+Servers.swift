import HaloSimulator
import PSACore
import PSATesting
import TestSupport

extension FaultCase {
    /// A HaloPSA that answers each token request so.
    private static func token(
        _ name: String, _ body: String, status: String = "400 Bad Request", settings: [SettingKey: String] = [:], headers: String...,
        expected: ExpectedDiagnosis
    ) -> FaultCase {
        let answer = RawConnection.response(status, headers.joined(separator: "\r\n"), body: body)
        return FaultCase(
            name: name,
            peer: .http { request, _ in
                request.hasPrefix("GET /api/authinfo")
                    ? FaultPeer.json(#"{"auth_url":"","tenant_id":""}"#)
                    : headers.isEmpty ? FaultPeer.json(body, status: status) : answer
            }, settings: settings, expected: expected)
    }

    private static func openIddict(_ number: Int, _ code: String, _ words: String) -> String {
        #"{"error":"\#(code)","error_description":"\#(words)","error_uri":"https://documentation.openiddict.com/errors/ID\#(number)"}"#
    }

    /// A HaloPSA that signs in and refuses its own token so.
    private static func challenge(_ name: String, _ words: String, _ cause: String, _ step: String) -> FaultCase {
        FaultCase(
            name: name,
            peer: .signingIn { _ in
                RawConnection.response(
                    "401 Unauthorized", #"WWW-Authenticate: Bearer error="invalid_token", error_description="\#(words)""#)
            },
            expected: ExpectedDiagnosis(
                code: .authTokenRejected, cause: cause, confidence: .likely, step: step, check: (.read(.readTickets), .failed),
                detail: words))
    }

    private static let changed = ExpectedDiagnosis.elsewhere(
        .authTokenRefused, "A proxy on the way changed the request", "Look for a proxy between")

    /// Refusals of the token endpoint that name their reason by number or in words.
    static let tokenWords: [FaultCase] = [
        token(
            "an inactive application, as an invalid client",
            #"{"error":"invalid_client","error_description":"The application is inactive."}"#, status: "401 Unauthorized",
            expected: .elsewhere(.authApplicationNotApproved, "The application is not active", "In HaloPSA open Config")),
        token(
            "a secret that has expired", #"{"error":"invalid_client","error_description":"The client secret has expired."}"#,
            status: "401 Unauthorized",
            expected: ExpectedDiagnosis(
                code: .authInvalidClient, cause: "The client secret has expired", step: "In HaloPSA open Config", field: "clientSecret")),
        token(
            "a secret that expired on a day", #"{"error":"invalid_client","error_description":"The client secret expired on 30/11/2026."}"#,
            status: "401 Unauthorized",
            expected: ExpectedDiagnosis(
                code: .authInvalidClient, cause: "The client secret has expired", step: "In HaloPSA open Config", field: "clientSecret")),
        token(
            "an application that was deleted",
            #"{"error":"invalid_client","error_description":"The application could not be found."}"#, status: "401 Unauthorized",
            expected: ExpectedDiagnosis(
                code: .authInvalidClient, cause: "The client ID is wrong", step: "In HaloPSA open Config", field: "clientID")),
        token(
            "a secret that did not arrive",
            openIddict(2_054, "invalid_client", "The 'client_secret' parameter required for this client application is missing."),
            expected: changed),
        token(
            "a POST that arrived as a GET", openIddict(2_084, "invalid_request", "The specified HTTP method is not valid."),
            expected: changed),
        token(
            "a content type that did not arrive",
            openIddict(2_081, "invalid_request", "The mandatory 'Content-Type' header is missing."), expected: changed),
        token(
            "an application without a secret",
            openIddict(2_053, "invalid_request", "The 'client_secret' parameter is not valid for this client application."),
            expected: .elsewhere(.authWrongGrant, "The application's authentication method is not", "In HaloPSA open Config")),
        token(
            "a scope for refresh tokens",
            openIddict(2_065, "invalid_request", "This client application is not allowed to use the 'offline_access' scope."),
            settings: ["scope": "all offline_access"],
            expected: ExpectedDiagnosis(
                code: .authScopeRejected, cause: "The scope offline_access asks for a refresh token", confidence: .certain,
                step: "Take offline_access out", field: "scope")),
        token(
            "a trial that has expired, at the token", #"{"error":"access_denied","error_description":"Your trial has expired."}"#,
            status: "401 Unauthorized",
            expected: .elsewhere(.vendorLicense, "The licence of this HaloPSA has expired", "Have the licence renewed")),
        token(
            "an agent without a licence, at the token",
            #""The agent associated with this application does not have an API licence""#, status: "403 Forbidden",
            expected: .elsewhere(.vendorLicense, "The licence of this HaloPSA has expired", "Have the licence renewed")),
        token(
            "a tenant that is not found, in words", #"{"error":"invalid_tenant","error_description":"Tenant acme not found."}"#,
            settings: ["tenant": "acme"],
            expected: ExpectedDiagnosis(
                code: .authTenantUnknown, cause: "The tenant name is wrong", step: "Leave the field Tenant empty", field: "tenant")),
        token(
            "a limit of Cloudflare's", "error code: 1015", status: "429 Too Many Requests",
            headers: "Content-Type: text/plain", "CF-RAY: 8f1-LHR", "Server: cloudflare",
            expected: .elsewhere(.rateLimited, "The limit is not that of HaloPSA: it is set in Cloudflare", "Wait a few minutes")),
        token(
            "a limit of nginx", "Too Many Requests", status: "429 Too Many Requests", headers: "Content-Type: text/plain", "Server: nginx",
            expected: .elsewhere(.rateLimited, "The limit is not that of HaloPSA: it is set in the web server nginx", "Wait a few minutes")),
        FaultCase(
            name: "a wrong secret at an address of one's own",
            peer: .http { request, halo in
                request.hasPrefix("GET /api/authinfo")
                    ? FaultPeer.json(#"{"auth_url":"\#(halo)/auth","tenant_id":"acme"}"#)
                    : FaultPeer.json(
                        openIddict(2_055, "invalid_client", "The specified client credentials are invalid."), status: "401 Unauthorized")
            },
            expected: ExpectedDiagnosis(
                code: .authInvalidClient, cause: "The client secret is wrong", confidence: .certain, step: "Copy the client secret again",
                field: "clientSecret")),
    ]

    /// Answers behind a good token whose header fields or words name the reason.
    static let dataWords: [FaultCase] = [
        challenge(
            "a sign-in server of another address", "The issuer 'https://halo-old.acme.example/auth/' is invalid",
            "The server for data expects tokens of a sign-in server with another address", "Have the address of the sign-in server"),
        challenge(
            "a sign-in server whose clock is behind", "The token expired at '11/30/2026 20:00:00'",
            "The clocks of the sign-in server and of the server for data differ", "Have date, time and time zone of the servers"),
        challenge(
            "a sign-in server whose clock is ahead", "The token is not valid before '11/30/2026 23:59:00'",
            "The clocks of the sign-in server and of the server for data differ", "Have date, time and time zone of the servers"),
        challenge(
            "a sign-in server with another key", "The signature key was not found",
            "The server for data does not know the key", "Have the servers of HaloPSA use one signing key"),
        FaultCase(
            name: "a token that lacks a scope, by its challenge",
            peer: .signingIn { _ in
                RawConnection.response("403 Forbidden", #"WWW-Authenticate: Bearer error="insufficient_scope", scope="read:tickets""#)
            },
            expected: ExpectedDiagnosis(
                code: .permissionScopeMissing, cause: "The application's permissions do not include read:tickets",
                step: "In HaloPSA open Config", check: (.read(.readTickets), .failed))),
        FaultCase(
            name: "an API version that was retired",
            peer: .signingIn { _ in FaultPeer.json(#"{"message":"This API version has been retired"}"#, status: "410 Gone") },
            expected: ExpectedDiagnosis(
                code: .requestNotFound, cause: "HaloPSA names the reason itself: This API version", step: "“This API version",
                check: (.read(.readTickets), .failed))),
        FaultCase(
            name: "a ticket type that is not found, as 404",
            peer: .signingIn { _ in FaultPeer.json(#""Ticket Type not found""#, status: "404 Not Found") },
            operation: .createTicket(type: nil),
            expected: ExpectedDiagnosis(
                code: .ticketDefaultInvalid, cause: "The id is not one of this HaloPSA", step: "Choose ", field: "ticketTypeID")),
        FaultCase(
            name: "a limit for a day",
            peer: .signingIn { _ in
                RawConnection.response(
                    "429 Too Many Requests", "Content-Type: application/json", "Retry-After: 40000",
                    body: #"{"message":"Daily API limit reached"}"#)
            },
            expected: ExpectedDiagnosis(
                code: .rateLimited, cause: "HaloPSA names the limit itself: Daily API limit reached", step: "Wait 12 hours",
                retry: 40_000...40_000, check: (.read(.readTickets), .failed))),
    ]
}
