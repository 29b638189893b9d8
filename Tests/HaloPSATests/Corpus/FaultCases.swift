import HaloSimulator
import PSACore
import PSATesting
import TestSupport

extension FaultCase {
    private static let wrongAddress = "The tenant URL is not the one you log in at"
    private static let copyHost = "Log in to HaloPSA in the browser and copy the host"
    private static let moved = ExpectedDiagnosis(
        code: .proxyLoginRedirect, cause: "HaloPSA has moved to another address", confidence: .certain, step: "Log in to HaloPSA",
        field: "tenantURL", suggestion: "{halo}")

    private static func forbidden(_ name: String, _ typed: String, policy: AddressPolicy = .publicOnly) -> FaultCase {
        FaultCase(
            name: name, peer: .noServer, settings: ["tenantURL": typed], policy: policy,
            expected: .address(.urlForbiddenAddress, "The address is one of this machine", "Use the public address"))
    }

    private static func malformed(_ name: String, _ typed: String, says detail: String) -> FaultCase {
        FaultCase(
            name: name, peer: .noServer, settings: ["tenantURL": typed], policy: .publicOnly,
            expected: ExpectedDiagnosis(
                code: .urlMalformed, cause: "The address was typed or copied incompletely", step: "Log in to HaloPSA in the browser",
                field: "tenantURL", detail: detail))
    }

    static let typedAddresses: [FaultCase] = [
        FaultCase(
            name: "/api behind the address does no harm", peer: .simulator([]), settings: ["tenantURL": "http://{authority}/api"],
            expected: nil
        ),
        FaultCase(
            name: "a slash behind the address does no harm", peer: .simulator([]), settings: ["tenantURL": "http://{authority}/"],
            expected: nil
        ),
        FaultCase(
            name: "a pasted login page does no harm", peer: .simulator([]),
            settings: ["tenantURL": " http://{authority}/auth/account/login?ReturnUrl=%2Fauth%2Fauthorize#top "], expected: nil),
        FaultCase(
            name: "http for a public host", peer: .noServer, settings: ["tenantURL": "http://acme.halopsa.com"], policy: .publicOnly,
            expected: .address(.urlInsecure, "The address was typed with http://", "Change http:// to https:// in Tenant URL")),
        malformed("a user name and password in the address", "https://admin:hunter2@acme.halopsa.com", says: "user name or password"),
        malformed("a host with letters outside a-z", "https://münchen.halopsa.com", says: "xn--"),
        malformed("a name without a domain", "acme", says: "full host"),
        malformed("another scheme", "ftp://acme.halopsa.com", says: "https://"),
        malformed("a port that is no number", "https://acme.halopsa.com:https", says: "port"),
        forbidden("a private address", "https://10.1.2.3"),
        forbidden("a private address as one decimal number", "https://167838211"),
        forbidden("a private address in hexadecimal", "https://0xA010203"),
        forbidden("a private address in octal", "https://0300.0250.1.1"),
        forbidden("a private address inside an IPv6 address", "https://[::ffff:192.168.0.1]"),
        forbidden("a private address of IPv6", "https://[fd00::1]"),
        forbidden("this machine by its IPv6 address", "https://[::1]"),
        forbidden("this machine by its short address", "https://127.1"),
        forbidden("this machine by name", "https://localhost"),
        forbidden("the cloud's metadata, even where loopback is allowed", "http://169.254.169.254", policy: .allowingLoopback),
        forbidden("the cloud's metadata, even where private addresses are allowed", "https://2852039166", policy: .allowingPrivate),
    ]

    static let otherServers: [FaultCase] =
        ["301 Moved Permanently", "302 Found", "308 Permanent Redirect"].map { status in
            FaultCase(
                name: "a redirect (\(status.prefix(3))) to the real address",
                peer: .http { _, halo in RawConnection.response(status, "Location: \(halo)/auth/login?ReturnUrl=%2F") }, expected: moved)
        } + [
            FaultCase(
                name: "a redirect to the cloud's metadata is not followed",
                peer: .always(RawConnection.response("302 Found", "Location: http://169.254.169.254/latest/meta-data")),
                expected: .elsewhere(.proxyLoginRedirect, "The network of this machine leads requests to a page of its own", "Open any")),
            FaultCase(
                name: "a redirect to a sign-in page of its own",
                peer: .always(RawConnection.response("302 Found", "Location: /login", body: "<html><body>Moved</body></html>")),
                expected: .elsewhere(.proxyLoginRedirect, "A single sign-on page or access proxy stands in front", "Ask for an exception")),
            FaultCase(
                name: "a portal that names the real sign-in address",
                peer: .http { request, halo in
                    request.hasPrefix("GET /api/authinfo")
                        ? FaultPeer.json(#"{"auth_url":"\#(halo)/auth","tenant_id":"acme"}"#) : RawConnection.response("404 Not Found")
                },
                expected: ExpectedDiagnosis(
                    code: .authEndpointNotFound, cause: wrongAddress, confidence: .certain, step: copyHost, field: "tenantURL",
                    suggestion: "{halo}")),
            FaultCase(
                name: "a website of another owner", peer: .simulator(["wrong-host"]),
                expected: .address(.proxyHTMLInsteadOfJSON, "The name belongs to an unused domain", "Compare ")
                    .by(.credentials, .failed)),
            FaultCase(
                name: "a website that knows none of the pages", peer: .simulator(["not-halo"]),
                expected: .address(.authEndpointNotFound, wrongAddress, copyHost).by(.credentials, .failed)),
            FaultCase(
                name: "another vendor's API that knows none of the pages",
                peer: .always(FaultPeer.json(#"{"message":"no such route"}"#, status: "404 Not Found")),
                expected: .address(.authEndpointNotFound, wrongAddress, copyHost)),
            FaultCase(
                name: "another vendor's API that answers everything", peer: .always(FaultPeer.json(#"{"status":"ok"}"#)),
                expected: .address(.urlNotVendor, "The address is that of another service", "Use the address at which you log in")),
            FaultCase(
                name: "empty answers to everything", peer: .always(RawConnection.response()),
                expected: .address(.urlNotVendor, "The address is that of another service", "Use the address at which you log in")),
            FaultCase(
                name: "a web page with 500", peer: .always(FaultPeer.html("500 Internal Server Error")),
                expected: ExpectedDiagnosis(code: .vendorUnavailable, cause: "HaloPSA is overloaded", step: "Wait a few minutes")),
            FaultCase(
                name: "a gateway's page with 502", peer: .always(FaultPeer.html("502 Bad Gateway")),
                expected: ExpectedDiagnosis(code: .vendorUnavailable, cause: "HaloPSA is overloaded", step: "Wait a few minutes")),
        ]
}

extension FaultCase {
    private static let brokeOff = ExpectedDiagnosis(
        code: .networkInterrupted, cause: "The network or a proxy on the way dropped it", step: "Wait a minute",
        check: (.connection, .failed))
    private static let cutOff = ExpectedDiagnosis(
        code: .vendorUnexpectedResponse, cause: "The answer was cut off or changed on the way", step: "Try again in a minute")

    static let network: [FaultCase] = [
        FaultCase(
            name: "a port on which nothing listens", peer: .closedPort,
            expected: .address(.networkRefused, "The port in the address is wrong", "Remove the port from the address").by(
                .connection, .failed)),
        FaultCase(
            name: "the loopback address of IPv6, where nothing listens", peer: .closedPort,
            settings: ["tenantURL": "http://[::1]:9"],
            expected: .address(.networkRefused, "The port in the address is wrong", "Remove the port from the address").by(
                .connection, .failed)),
        FaultCase(
            name: "a server that takes the connection and says nothing", peer: .raw { while $0.read() != nil {} }, maxWait: .seconds(3),
            expected: ExpectedDiagnosis(
                code: .networkTimeout, cause: "HaloPSA is slow or under maintenance", step: "Open 127.0.0.1", check: (.connection, .failed))
        ),
        FaultCase(
            name: "an API that says nothing once the token was issued", peer: .simulator(["silent"]), maxWait: .seconds(10),
            expected: ExpectedDiagnosis(
                code: .networkTimeout, cause: "HaloPSA is slow or under maintenance", step: "Open 127.0.0.1",
                check: (.read(.readTickets), .failed))),
        FaultCase(name: "a server that closes every connection at once", peer: .raw { _ in }, expected: brokeOff),
        FaultCase(name: "a server that resets every connection at once", peer: .raw { $0.reset() }, expected: brokeOff),
        FaultCase(
            name: "an API that hangs up once the token was issued", peer: .simulator(["hang-up"]),
            expected: brokeOff.by(.read(.readTickets), .failed)),
        FaultCase(
            name: "a host name that does not exist", peer: .noServer, settings: ["tenantURL": "https://nothing.invalid"],
            expected: .address(.networkDNSNotFound, "The host name is misspelt", "Compare nothing.invalid with the address")
                .by(.nameResolution, .failed)),
        FaultCase(
            name: "a body in chunks whose sizes are no numbers",
            peer: .always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n"), expected: brokeOff),
        FaultCase(
            name: "a flood of header fields",
            peer: .always(
                "HTTP/1.1 200 OK\r\n" + String(repeating: "X-Flood: " + String(repeating: "x", count: 200) + "\r\n", count: 8_000)),
            expected: cutOff),
        FaultCase(
            name: "bytes that are not HTTP at all",
            peer: .raw { connection in
                guard connection.readRequest() != nil else { return }
                connection.write("SSH-2.0-OpenSSH_9.2\r\n")
            },
            expected: cutOff),
        FaultCase(
            name: "an answer larger than allowed", peer: .always(FaultPeer.json(#"""# + String(repeating: "x", count: 2 << 20) + #"""#)),
            expected: cutOff),
        FaultCase(
            name: "a list larger than allowed", peer: .simulator(["huge-body:64"]), expected: cutOff.by(.read(.readTickets), .failed)),
        FaultCase(
            name: "an answer that says gzip and is plain",
            peer: .always(RawConnection.response("200 OK", "Content-Encoding: gzip", body: FaultPeer.tokenBody)), expected: cutOff),
        FaultCase(
            name: "lists that say gzip and are plain", peer: .simulator(["gzip-flag-plain"]),
            expected: cutOff.by(.read(.readTickets), .failed)),
        FaultCase(
            name: "a list that breaks off half-way", peer: .simulator(["truncated-halfway"]),
            expected: brokeOff.by(.read(.readTickets), .failed)),
        FaultCase(
            name: "a refusal that arrives byte by byte",
            peer: .raw { connection in
                while connection.readRequest() != nil {
                    let body = #"{"error":"invalid_client"}"#
                    for byte in FaultPeer.json(body, status: "401 Unauthorized").utf8 { connection.write([byte]) }
                }
            },
            expected: ExpectedDiagnosis(
                code: .authInvalidClient, cause: "The tenant URL is that of another HaloPSA", step: "Compare Tenant URL with",
                field: "tenantURL")),
    ]

    static let resets: [FaultCase] = [0, 1, 64, FaultPeer.json(FaultPeer.tokenBody).utf8.count - 1].map { count in
        FaultCase(
            name: "a reset after \(count) bytes of a good answer", peer: .reset(after: count, of: FaultPeer.json(FaultPeer.tokenBody)),
            expected: brokeOff)
    }
}

extension FaultCase {
    private static let https: [SettingKey: String] = ["tenantURL": "https://{authority}"]

    static let certificates: [FaultCase] = [
        FaultCase(
            name: "a self-signed certificate", peer: .tls(.selfSigned, isTrusted: true), settings: https,
            expected: .elsewhere(.tlsSelfSigned, "The server still uses the certificate", "Ask the administrator of the server").by(
                .certificate, .failed)),
        FaultCase(
            name: "a certificate of an authority that is not trusted", peer: .tls(.good, isTrusted: false), settings: https,
            expected: .elsewhere(.tlsUntrusted, "The certificate is from an authority of your company", "Add your company's authority")
                .by(.certificate, .failed)),
        FaultCase(
            name: "an expired certificate", peer: .tls(.expired, isTrusted: true), settings: https,
            expected: ExpectedDiagnosis(
                code: .tlsExpired, cause: "The certificate was not renewed", step: "Ask the administrator of the server to renew",
                check: (.certificate, .failed))),
        FaultCase(
            name: "a certificate that is not valid yet", peer: .tls(.notYetValid, isTrusted: true), settings: https,
            expected: ExpectedDiagnosis(
                code: .tlsNotYetValid, cause: "The clock of the machine this runs on is behind", step: "Check date, time and time zone",
                check: (.certificate, .failed))),
        FaultCase(
            name: "a certificate for another name", peer: .tls(.wrongName, isTrusted: true), settings: https,
            expected: .address(.tlsNameMismatch, "The address is an alias or an IP address", "Use exactly the host name")
                .by(.certificate, .failed)),
        FaultCase(
            name: "a certificate for another address", peer: .tls(.wrongAddress, isTrusted: true), settings: https,
            expected: .address(.tlsNameMismatch, "The address is an alias or an IP address", "Use exactly the host name")
                .by(.certificate, .failed)),
        FaultCase(
            name: "a trusted server that answers everything with a word", peer: .tls(.good, isTrusted: true), settings: https,
            expected: .address(.urlNotVendor, "The address is that of another service", "Use the address at which you log in")),
        FaultCase(
            name: "https at a port that speaks plain http",
            peer: .raw { connection in
                guard connection.read() != nil else { return }
                connection.write(FaultPeer.html("400 Bad Request"))
            }, settings: https,
            expected: .address(.tlsNotSpoken, "The port in the address is one for plain http", "Remove the port from the address").by(
                .certificate, .failed)),
        FaultCase(
            name: "plain http at a port that speaks TLS", peer: .tls(.good, isTrusted: true), settings: ["tenantURL": "http://{authority}"],
            expected: ExpectedDiagnosis(
                code: .networkInterrupted, cause: "The network or a proxy on the way dropped it", step: "Wait a minute",
                check: (.connection, .failed))),
    ]
}

extension FaultCase {
    /// HaloPSA's sign-in server says which of the two it does not know, so that one is proven.
    private static func refused(_ name: String, _ settings: [SettingKey: String], field: SettingKey) -> FaultCase {
        let isSecret = field == "clientSecret"
        return FaultCase(
            name: name, peer: .simulator([]), settings: settings,
            expected: ExpectedDiagnosis(
                code: .authInvalidClient, cause: isSecret ? "The client secret is wrong" : "The client ID is wrong", confidence: .certain,
                step: isSecret ? "Copy the client secret again" : "In HaloPSA open Config", field: field, check: (.credentials, .failed)))
    }

    static let token: [FaultCase] = [
        refused("a wrong client ID", ["clientID": "8a1f2c3d-0000-4000-8000-000000000000"], field: "clientID"),
        refused("a wrong client secret", ["clientSecret": "not-the-secret-of-this-application"], field: "clientSecret"),
        FaultCase(
            name: "a client secret that was cut off by one character", peer: .simulator([]),
            settings: ["clientSecret": String(HaloSimulator.Configuration.demoClientSecret.dropLast())],
            expected: ExpectedDiagnosis(
                code: .authInvalidClient, cause: "The client secret was cut off", step: "Copy the whole client secret",
                field: "clientSecret", check: (.credentials, .failed))),
        refused("a client secret typed as client ID", ["clientID": HaloSimulator.Configuration.demoClientSecret], field: "clientID"),
        FaultCase(
            name: "refused credentials where the sign-in data is kept closed", peer: .simulator(["hang-up"]),
            settings: ["clientSecret": "not-the-secret-of-this-application"],
            expected: ExpectedDiagnosis(
                code: .authInvalidClient, cause: "The client secret is wrong", step: "Copy the client secret again", field: "clientSecret",
                check: (.credentials, .failed))),
        FaultCase(
            name: "an application that may not use the token endpoint", peer: .simulator(["token-unauthorized-client"]),
            expected: ExpectedDiagnosis(
                code: .authWrongGrant, cause: "The application's authentication method is not", confidence: .certain,
                step: "In HaloPSA open Config", check: (.credentials, .failed))),
        FaultCase(
            name: "an application that waits for its approval",
            peer: .always(
                FaultPeer.json(
                    #"{"error":"access_denied","error_description":"The application requires approval by an administrator."}"#,
                    status: "400 Bad Request")),
            expected: ExpectedDiagnosis(
                code: .authApplicationNotApproved, cause: "“Agent approval required” is set", confidence: .likely,
                step: "Ask a HaloPSA administrator to approve", detail: "requires approval by an administrator")),
        FaultCase(
            name: "a token request that lost its body on the way",
            peer: .always(
                FaultPeer.json(
                    #"{"error":"invalid_request","error_description":"The mandatory 'grant_type' parameter is missing.","#
                        + #""error_uri":"https://documentation.openiddict.com/errors/ID2029"}"#, status: "400 Bad Request")),
            expected: ExpectedDiagnosis(
                code: .authTokenRefused, cause: "A proxy on the way changed the request", confidence: .certain,
                step: "Look for a proxy between this machine", detail: "parameter is missing")),
        FaultCase(
            name: "an application made for another way to sign in",
            peer: .always(FaultPeer.json(#"{"error":"unsupported_grant_type"}"#, status: "400 Bad Request")),
            expected: ExpectedDiagnosis(
                code: .authWrongGrant, cause: "The application's authentication method is not",
                step: "In HaloPSA open Config")),
        FaultCase(
            name: "a scope that does not exist", peer: .simulator([]), settings: ["scope": "read:tickets read:users"],
            expected: ExpectedDiagnosis(
                code: .authScopeRejected, cause: "The scope is misspelt", step: "Correct the scope setting", field: "scope",
                check: (.credentials, .failed), detail: "read:tickets read:users")),
        FaultCase(
            name: "no token endpoint, though HaloPSA answers", peer: .simulator(["token-not-found"]),
            expected: .elsewhere(.authEndpointNotFound, "HaloPSA is at this address, but its sign-in", "Compare the Authorisation Server")),
        FaultCase(
            name: "a login page in place of a token", peer: .simulator(["token-html-login-page"]),
            expected: .address(.proxyHTMLInsteadOfJSON, "The address is not that of HaloPSA", "Compare the address")),
        FaultCase(
            name: "a token answer without a token", peer: .simulator(["token-missing-fields"]),
            expected: ExpectedDiagnosis(
                code: .vendorUnexpectedResponse, cause: "The answer was cut off or changed", step: "Try again in a minute",
                check: (.credentials, .failed))),
        FaultCase(
            name: "a server error when a token is requested", peer: .simulator(["token-server-error"]),
            expected: ExpectedDiagnosis(
                code: .vendorUnavailable, cause: "HaloPSA is overloaded", step: "Wait a few minutes",
                check: (.credentials, .failed))),
        FaultCase(
            name: "a firewall's page with 403 in place of a token", peer: .always(FaultPeer.html("403 Forbidden")),
            expected: .elsewhere(.proxyBlocked, "A firewall refuses this request", "Ask whoever runs a firewall or proxy")),
        FaultCase(name: "a token that died early is replaced", peer: .simulator(["token-revoked-once"]), expected: nil),
        FaultCase(
            name: "every token is refused as invalid", peer: .simulator(["token-revoked-always"]),
            expected: ExpectedDiagnosis(
                code: .authTokenRejected, cause: "The application was deactivated", step: "In HaloPSA open Config",
                check: (.read(.readTickets), .failed))),
    ]

    static let tenant: [FaultCase] = [
        FaultCase(
            name: "a wrong tenant where none is needed", peer: .simulator([]), settings: ["tenant": "acmee"],
            expected: ExpectedDiagnosis(
                code: .authTenantUnknown, cause: "The tenant name is wrong", confidence: .certain, step: "Leave the field Tenant empty",
                field: "tenant", suggestion: "", check: (.credentials, .failed))),
        FaultCase(
            name: "a wrong tenant, and a wrong secret behind it", peer: .simulator([]),
            settings: ["tenant": "acmee", "clientSecret": "not-the-secret-of-this-application"],
            expected: ExpectedDiagnosis(
                code: .authTenantUnknown, cause: "The tenant name is wrong", confidence: .likely, step: "Leave the field Tenant empty",
                field: "tenant")),
        FaultCase(
            name: "a server error with the tenant that the server itself names", peer: .simulator(["token-server-error"]),
            settings: ["tenant": "Acme"],
            expected: ExpectedDiagnosis(code: .vendorUnavailable, cause: "HaloPSA is overloaded", step: "Wait a few minutes")),
        FaultCase(
            name: "no tenant where the server needs the one it names",
            peer: .http { request, _ in
                if request.hasPrefix("POST /auth/token?tenant=acme") { return FaultPeer.json(FaultPeer.tokenBody) }
                if request.hasPrefix("POST") { return RawConnection.response("404 Not Found") }
                return FaultPeer.json(#"{"auth_url":"","tenant_id":"acme"}"#)
            },
            expected: ExpectedDiagnosis(
                code: .authTenantUnknown, cause: "This server serves several tenants", confidence: .certain, step: "Enter the tenant name",
                field: "tenant",
                suggestion: "acme")),
    ]
}
