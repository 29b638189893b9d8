import PSACore
import TestSupport

extension FaultCase {
    private static let https: [SettingKey: String] = ["tenantURL": "https://{authority}"]

    static let certificates: [FaultCase] = [
        FaultCase(
            name: "a self-signed certificate", peer: .tls(.selfSigned, isTrusted: true), settings: https,
            told: .address(.tlsUntrusted, "The certificate is self-signed", "Check that the address").by(.certificate, .failed)),
        FaultCase(
            name: "a certificate of an authority that is not trusted", peer: .tls(.good, isTrusted: false), settings: https,
            told: .address(.tlsUntrusted, "The server sends its own certificate without", "Check that the address")
                .by(.certificate, .failed)),
        FaultCase(
            name: "an expired certificate", peer: .tls(.expired, isTrusted: true), settings: https,
            told: Told(
                code: .tlsExpired, cause: "The certificate was not renewed", step: "Check the date of this machine",
                check: (.certificate, .failed))),
        FaultCase(
            name: "a certificate that is not valid yet", peer: .tls(.notYetValid, isTrusted: true), settings: https,
            told: Told(
                code: .tlsExpired, cause: "The clock of the machine this runs on is wrong", step: "Check the date of this machine",
                check: (.certificate, .failed))),
        FaultCase(
            name: "a certificate for another name", peer: .tls(.wrongName, isTrusted: true), settings: https,
            told: .address(.tlsNameMismatch, "The address is an alias or an IP address", "Use exactly the host name")
                .by(.certificate, .failed)),
        FaultCase(
            name: "a certificate for another address", peer: .tls(.wrongAddress, isTrusted: true), settings: https,
            told: .address(.tlsNameMismatch, "The address is an alias or an IP address", "Use exactly the host name")
                .by(.certificate, .failed)),
        FaultCase(
            name: "a trusted server that answers everything with a word", peer: .tls(.good, isTrusted: true), settings: https,
            told: .address(.urlNotVendor, "The address is that of another service", "Use the address at which you log in")),
        FaultCase(
            name: "https at a port that speaks plain http", peer: .always(FaultPeer.html("400 Bad Request")), settings: https,
            told: .address(.networkInterrupted, "The port in the address is wrong", "Remove a port from the address")),
        FaultCase(
            name: "plain http at a port that speaks TLS", peer: .tls(.good, isTrusted: true), settings: ["tenantURL": "http://{authority}"],
            told: Told(
                code: .networkInterrupted, cause: "The network or a proxy on the way dropped the connection", step: "Wait a minute",
                check: (.connection, .failed))),
    ]
}
