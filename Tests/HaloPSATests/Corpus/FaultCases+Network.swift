import PSACore
import PSATesting
import TestSupport

extension FaultCase {
    private static let brokeOff = Told(
        code: .networkInterrupted, cause: "The network or a proxy on the way dropped it", step: "Wait a minute",
        check: (.connection, .failed))
    private static let cutOff = Told(
        code: .vendorUnexpectedResponse, cause: "The answer was cut off or changed on the way", step: "Try again in a minute")

    static let network: [FaultCase] = [
        FaultCase(
            name: "a port on which nobody listens", peer: .closedPort,
            told: .address(.networkRefused, "The port in the address is wrong", "Remove a port from the address").by(.connection, .failed)),
        FaultCase(
            name: "the loopback address of IPv6, where nobody listens", peer: .closedPort,
            settings: ["tenantURL": "http://[::1]:9"],
            told: .address(.networkRefused, "The port in the address is wrong", "Remove a port from the address").by(.connection, .failed)),
        FaultCase(
            name: "a server that takes the connection and says nothing", peer: .raw { while $0.read() != nil {} }, maxWait: .seconds(3),
            told: Told(
                code: .networkTimeout, cause: "HaloPSA is slow or under maintenance", step: "Open 127.0.0.1", check: (.connection, .failed))
        ),
        FaultCase(
            name: "an API that says nothing once the token was issued", peer: .simulator(["silent"]), maxWait: .seconds(10),
            told: Told(
                code: .networkTimeout, cause: "HaloPSA is slow or under maintenance", step: "Open 127.0.0.1",
                check: (.read(.readTickets), .failed))),
        FaultCase(name: "a server that closes every connection at once", peer: .raw { _ in }, told: brokeOff),
        FaultCase(name: "a server that resets every connection at once", peer: .raw { $0.reset() }, told: brokeOff),
        FaultCase(
            name: "an API that hangs up once the token was issued", peer: .simulator(["hang-up"]),
            told: brokeOff.by(.read(.readTickets), .failed)),
        FaultCase(
            name: "a host name that does not exist", peer: .nobody, settings: ["tenantURL": "https://nothing.invalid"],
            told: .address(.networkDNSNotFound, "The host name is misspelt", "Compare nothing.invalid with the address")
                .by(.nameResolution, .failed)),
        FaultCase(
            name: "a body in chunks whose sizes are no numbers",
            peer: .always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n"), told: brokeOff),
        FaultCase(
            name: "a flood of header fields",
            peer: .always(
                "HTTP/1.1 200 OK\r\n" + String(repeating: "X-Flood: " + String(repeating: "x", count: 200) + "\r\n", count: 8_000)),
            told: brokeOff),
        FaultCase(
            name: "bytes that are not HTTP at all",
            peer: .raw { connection in
                guard connection.readRequest() != nil else { return }
                connection.write("SSH-2.0-OpenSSH_9.2\r\n")
            },
            told: cutOff),
        FaultCase(
            name: "an answer larger than allowed", peer: .always(FaultPeer.json(#"""# + String(repeating: "x", count: 2 << 20) + #"""#)),
            told: cutOff),
        FaultCase(name: "a list larger than allowed", peer: .simulator(["huge-body:64"]), told: cutOff.by(.read(.readTickets), .failed)),
        FaultCase(
            name: "an answer that says gzip and is plain",
            peer: .always(answer("200 OK", "Content-Encoding: gzip", body: FaultPeer.tokenBody)), told: cutOff),
        FaultCase(
            name: "lists that say gzip and are plain", peer: .simulator(["gzip-flag-plain"]), told: cutOff.by(.read(.readTickets), .failed)),
        FaultCase(
            name: "a list that breaks off half-way", peer: .simulator(["truncated-halfway"]),
            told: brokeOff.by(.read(.readTickets), .failed)),
        FaultCase(
            name: "a refusal that arrives byte by byte",
            peer: .raw { connection in
                while connection.readRequest() != nil {
                    let body = #"{"error":"invalid_client"}"#
                    for byte in FaultPeer.json(body, status: "401 Unauthorized").utf8 { connection.write([byte]) }
                }
            },
            told: Told(
                code: .authInvalidClient, cause: "The tenant URL is that of another HaloPSA", step: "Compare Tenant URL with",
                field: "tenantURL")),
    ]

    static let resets: [FaultCase] = [0, 1, 64, FaultPeer.json(FaultPeer.tokenBody).utf8.count - 1].map { count in
        FaultCase(
            name: "a reset after \(count) bytes of a good answer", peer: .reset(after: count, of: FaultPeer.json(FaultPeer.tokenBody)),
            told: brokeOff)
    }
}
