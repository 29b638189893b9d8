import PSACore
import PSATesting
import TestSupport

extension FaultCase {
    /// Something that answers everything so.
    private static func everywhere(
        _ name: String, _ status: String, _ body: String, _ headers: [String] = [], type: String = "text/html",
        _ expected: ExpectedDiagnosis
    ) -> FaultCase {
        let fields = (["Content-Type: \(type)"] + headers).joined(separator: "\r\n")
        return FaultCase(name: name, peer: .always(RawConnection.response(status, fields, body: body)), expected: expected)
    }

    private static func page(_ title: String, _ body: String = "") -> String {
        "<!DOCTYPE html><html><head><title>\(title)</title></head><body>\(body)</body></html>"
    }

    private static let iis = ["Server: Microsoft-IIS/10.0"]

    private static let wantsCertificate = ExpectedDiagnosis.elsewhere(
        .proxyBlocked, "The web server demands a client certificate", "Ask whoever runs the web server")

    private static func filtered(_ name: String, _ location: String, _ device: String) -> FaultCase {
        everywhere(
            name, "307 Temporary Redirect", "", ["Location: \(location)"],
            .elsewhere(
                .proxyLoginRedirect, "A web filter of your own network leads the request to a page of its own: \(device)",
                "Ask whoever runs \(device) in your network"))
    }

    /// Answers of servers and devices that name their reason by a number, a host or a sentence of their own.
    static let devices: [FaultCase] = [
        everywhere(
            "a gateway without a server behind it", "503 Service Unavailable", "no healthy upstream", ["Server: envoy"], type: "text/plain",
            .elsewhere(.vendorUnavailable, "Envoy gets no usable answer from the server behind it", "Look at the vendor's status page")),
        everywhere(
            "a gateway whose server refuses connections", "503 Service Unavailable",
            "upstream connect error or disconnect/reset before headers. reset reason: connection failure", ["Server: envoy"],
            type: "text/plain",
            .elsewhere(.vendorUnavailable, "Envoy gets no usable answer from the server behind it", "Look at the vendor's status page")),
        everywhere(
            "a text of IIS that names only the status", "500 Internal Server Error",
            "The page cannot be displayed because an internal server error has occurred.", iis, type: "text/plain",
            .elsewhere(.vendorUnavailable, "HaloPSA is overloaded", "Wait a few minutes")),
        everywhere(
            "a status in words with its number in front", "502 Bad Gateway", "502 Bad Gateway", type: "text/plain",
            .elsewhere(.vendorUnavailable, "HaloPSA is overloaded", "Wait a few minutes")),
        everywhere(
            "a server that does not serve that host", "403 Forbidden", "Blocked request. This host is not allowed.", type: "text/plain",
            .elsewhere(.proxyBlocked, "A firewall refuses this request", "Ask whoever runs a firewall or proxy")),
        everywhere(
            "plain http at an encrypted port", "400 Bad Request", "Client sent an HTTP request to an HTTPS server.\n", type: "text/plain",
            .address(.urlInsecure, "The address was typed with http://", "Change http:// to https:// in Tenant URL")),
        everywhere(
            "plain http at an encrypted port of nginx", "400 Bad Request", page("400 The plain HTTP request was sent to HTTPS port"),
            ["Server: nginx"],
            .address(.urlInsecure, "The address was typed with http://", "Change http:// to https:// in Tenant URL")),
        everywhere(
            "Windows authentication of IIS", "401 Unauthorized",
            page("401 - Unauthorized: Access is denied due to invalid credentials."),
            iis + ["WWW-Authenticate: Negotiate", "WWW-Authenticate: NTLM"],
            .elsewhere(
                .proxyHTMLInsteadOfJSON, "The web server demands a sign-in with an account of Windows", "Ask whoever runs the web server")),
        everywhere(
            "a configuration that IIS can't use", "500 Internal Server Error",
            page("IIS 10.0 Detailed Error - 500.19 - Internal Server Error"), iis,
            .elsewhere(
                .vendorUnavailable, "The web server of HaloPSA can't use its own configuration file", "Ask whoever runs the web server")),
        everywhere(
            "IIS that demands a client certificate", "403 Forbidden", page("IIS 10.0 Detailed Error - 403.7 - Forbidden"), iis,
            wantsCertificate),
        everywhere(
            "nginx that demands a client certificate", "400 Bad Request",
            page("400 No required SSL certificate was sent", "<center>nginx</center>"), ["Server: nginx"], wantsCertificate),
        filtered("a web filter in the cloud", "https://gateway.zscaler.net:443/auD?origurl=x", "Zscaler"),
        filtered("a filter of host names", "https://block.opendns.com/main?url=1&server=fra", "Cisco Umbrella"),
        FaultCase(
            name: "a query that IIS finds too long",
            peer: .signingIn { _ in
                RawConnection.response(
                    "404 Not Found", "Content-Type: text/html", "Server: Microsoft-IIS/10.0",
                    body: page("IIS 10.0 Detailed Error - 404.15 - Not Found"))
            },
            expected: ExpectedDiagnosis(
                code: .proxyBlocked, cause: "The request is larger than what is let through", step: "Ask whoever runs the web server",
                check: (.read(.readTickets), .failed))),
        FaultCase(
            name: "a redirect to a maintenance page",
            peer: .signingIn { _ in RawConnection.response("302 Found", "Location: /maintenance.html") },
            expected: ExpectedDiagnosis(
                code: .vendorMaintenance, cause: "It is being upgraded or is down for maintenance",
                step: "Wait until the maintenance is over", check: (.read(.readTickets), .failed))),
        FaultCase(
            name: "a cache that answers “not modified”", peer: .signingIn { _ in RawConnection.response("304 Not Modified") },
            expected: ExpectedDiagnosis(
                code: .vendorUnexpectedResponse, cause: "A cache or proxy on the way answered that nothing has changed",
                step: "Ask whoever runs the proxy or cache", check: (.read(.readTickets), .failed))),
        FaultCase(
            name: "XML in place of JSON",
            peer: .signingIn { _ in
                RawConnection.response(
                    "200 OK", "Content-Type: application/xml", body: #"<?xml version="1.0"?><ArrayOfTicket><Ticket/></ArrayOfTicket>"#)
            },
            expected: ExpectedDiagnosis(
                code: .vendorUnexpectedResponse, cause: "The answer was cut off or changed on the way", step: "Try again in a minute",
                check: (.read(.readTickets), .failed))),
        FaultCase(
            name: "an exception in XML",
            peer: .signingIn { _ in
                RawConnection.response(
                    "400 Bad Request", "Content-Type: application/xml",
                    body:
                        "<Error><Message>An error has occurred.</Message><ExceptionMessage>A Site must be selected</ExceptionMessage></Error>"
                )
            },
            operation: .createTicket(type: nil),
            expected: ExpectedDiagnosis(
                code: .ticketFieldRequired, cause: "This ticket type demands “Site”", step: "Give “Site” a value",
                detail: "A Site must be selected")),
        everywhere(
            "a page about a trial that has ended", "200 OK", page("HaloPSA", "<h1>Your trial has ended</h1>"), [],
            ExpectedDiagnosis(
                code: .vendorLicense, cause: "The licence of this HaloPSA has expired", step: "Have the licence renewed",
                detail: "because of its licence: Your trial has ended")),
    ]
}
