import PSACore
import PSATesting
import TestSupport

extension FaultCase {
    private static let wrongAddress = "The tenant URL is not the one you log in at"
    private static let copyHost = "Log in to HaloPSA in the browser and copy the host"
    private static let moved = Told(
        code: .proxyLoginRedirect, cause: "HaloPSA has moved to another address", confidence: .certain, step: "Log in to HaloPSA",
        field: "tenantURL", suggestion: "{halo}")

    private static func forbidden(_ name: String, _ typed: String, policy: AddressPolicy = .publicOnly) -> FaultCase {
        FaultCase(
            name: name, peer: .nobody, settings: ["tenantURL": typed], policy: policy,
            told: .address(.urlForbiddenAddress, "The address is one of this machine or of a local network", "Use the public address"))
    }

    private static func malformed(_ name: String, _ typed: String, says detail: String) -> FaultCase {
        FaultCase(
            name: name, peer: .nobody, settings: ["tenantURL": typed], policy: .publicOnly,
            told: Told(
                code: .urlMalformed, cause: "The address was typed or copied incompletely", step: "Log in to HaloPSA in the browser",
                field: "tenantURL", detail: detail))
    }

    static let typedAddresses: [FaultCase] = [
        FaultCase(
            name: "/api behind the address does no harm", peer: .simulator([]), settings: ["tenantURL": "http://{authority}/api"], told: nil
        ),
        FaultCase(
            name: "a slash behind the address does no harm", peer: .simulator([]), settings: ["tenantURL": "http://{authority}/"], told: nil
        ),
        FaultCase(
            name: "a pasted login page does no harm", peer: .simulator([]),
            settings: ["tenantURL": " http://{authority}/auth/account/login?ReturnUrl=%2Fauth%2Fauthorize#top "], told: nil),
        FaultCase(
            name: "http for a public host", peer: .nobody, settings: ["tenantURL": "http://acme.halopsa.com"], policy: .publicOnly,
            told: .address(.urlInsecure, "The address was typed with http://", "Change http:// to https:// in Tenant URL")),
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
                peer: .http { _, halo in answer(status, "Location: \(halo)/auth/login?ReturnUrl=%2F") }, told: moved)
        } + [
            FaultCase(
                name: "a redirect to the cloud's metadata is not followed",
                peer: .always(answer("302 Found", "Location: http://169.254.169.254/latest/meta-data")),
                told: .elsewhere(.proxyLoginRedirect, "A single sign-on page or access proxy stands in front", "Ask for an exception")),
            FaultCase(
                name: "a redirect to a sign-in page of its own",
                peer: .always(answer("302 Found", "Location: /login", body: "<html><body>Moved</body></html>")),
                told: .elsewhere(.proxyLoginRedirect, "A single sign-on page or access proxy stands in front", "Ask for an exception")),
            FaultCase(
                name: "a portal that names the real sign-in address",
                peer: .http { request, halo in
                    request.hasPrefix("GET /api/authinfo")
                        ? FaultPeer.json(#"{"auth_url":"\#(halo)/auth","tenant_id":"acme"}"#) : answer("404 Not Found")
                },
                told: Told(
                    code: .authEndpointNotFound, cause: wrongAddress, confidence: .certain, step: copyHost, field: "tenantURL",
                    suggestion: "{halo}")),
            FaultCase(
                name: "somebody's website", peer: .simulator(["wrong-host"]),
                told: .address(.proxyHTMLInsteadOfJSON, "The name belongs to a domain that nobody uses", "Compare ")
                    .by(.credentials, .failed)),
            FaultCase(
                name: "a website that knows none of the pages", peer: .simulator(["not-halo"]),
                told: .address(.authEndpointNotFound, wrongAddress, copyHost).by(.credentials, .failed)),
            FaultCase(
                name: "another vendor's API that knows none of the pages",
                peer: .always(FaultPeer.json(#"{"message":"no such route"}"#, status: "404 Not Found")),
                told: .address(.authEndpointNotFound, wrongAddress, copyHost)),
            FaultCase(
                name: "another vendor's API that answers everything", peer: .always(FaultPeer.json(#"{"status":"ok"}"#)),
                told: .address(.urlNotVendor, "The address is that of another service", "Use the address at which you log in")),
            FaultCase(
                name: "empty answers to everything", peer: .always(answer()),
                told: .address(.urlNotVendor, "The address is that of another service", "Use the address at which you log in")),
            FaultCase(
                name: "a web page with 500", peer: .always(FaultPeer.html("500 Internal Server Error")),
                told: Told(code: .vendorUnavailable, cause: "HaloPSA is overloaded", step: "Wait a few minutes")),
            FaultCase(
                name: "a gateway's page with 502", peer: .always(FaultPeer.html("502 Bad Gateway")),
                told: Told(code: .vendorUnavailable, cause: "HaloPSA is overloaded", step: "Wait a few minutes")),
        ]
}
