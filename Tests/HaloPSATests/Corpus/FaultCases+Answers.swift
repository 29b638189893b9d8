import PSACore
import PSATesting
import TestSupport

extension FaultCase {
    private static let notUnderstood = Told(
        code: .vendorUnexpectedResponse, cause: "The answer was cut off or changed on the way", step: "Try again in a minute",
        check: (.read(.readTickets), .failed))
    private static let down = Told(
        code: .vendorUnavailable, cause: "HaloPSA is overloaded", step: "Wait a few minutes",
        check: (.read(.readTickets), .failed))

    static let answers: [FaultCase] =
        [
            ("truncated-body", notUnderstood), ("garbage-json", notUnderstood), ("server-error", down), ("unavailable", down),
            ("gateway-timeout", down), ("html-502", down),
        ].map { FaultCase(name: "the API behind a good token: \($0.0)", peer: .simulator([$0.0]), told: $0.1) }
        + [
            FaultCase(
                name: "a web page in place of tickets, behind a good token", peer: .simulator(["html-200"]),
                told: .elsewhere(
                    .proxyHTMLInsteadOfJSON, "A proxy, a firewall or a sign-in page answered", "Ask whoever runs the proxy or firewall"
                ).by(.read(.readTickets), .failed)),
            FaultCase(
                name: "a firewall's page with 403, behind a good token", peer: .signingIn { _ in FaultPeer.html("403 Forbidden") },
                told: .elsewhere(
                    .proxyBlocked, "A firewall refuses this request", "Ask whoever runs a firewall or proxy"
                ).by(.read(.readTickets), .failed)),
            FaultCase(
                name: "a redirect to a login page, behind a good token", peer: .simulator(["redirect-login"]),
                told: .elsewhere(.proxyLoginRedirect, "A single sign-on page or access proxy stands in front", "Ask for an exception")
                    .by(.read(.readTickets), .failed)),
            FaultCase(
                name: "empty answers behind a good token", peer: .signingIn { _ in answer() },
                told: notUnderstood),
            FaultCase(
                name: "a JSON text in place of a list", peer: .signingIn { _ in FaultPeer.json(#""maintenance""#) }, told: notUnderstood),
            FaultCase(
                name: "an API that is not where it should be, behind a good token", peer: .signingIn { _ in answer("404 Not Found") },
                told: Told(
                    code: .requestNotFound, cause: "It was deleted, or its id is wrong", step: "Check the id",
                    check: (.read(.readTickets), .failed))),
        ]
        + ["wrong-content-type", "bom", "slow-body:1", "null-lists", "list-as-array", "no-record-count", "id-as-double", "ids-as-text"]
        .map { fault in
            // Lists without rows are a warning of their own; here only the failure counts.
            FaultCase(name: "a quirk that does no harm: \(fault)", peer: .simulator([fault]), told: nil)
        }
}
