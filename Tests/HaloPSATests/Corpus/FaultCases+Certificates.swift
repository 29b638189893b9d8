import PSACore
import PSATesting
import TestSupport

extension FaultCase {
    private static let https: [SettingKey: String] = ["tenantURL": "https://{authority}"]

    static let certificates: [FaultCase] = [
        FaultCase(
            name: "a self-signed certificate", peer: .tls(.selfSigned, isTrusted: true), settings: https,
            told: .elsewhere(.tlsSelfSigned, "The server still uses the certificate", "Ask the administrator of the server").by(
                .certificate, .failed)),
        FaultCase(
            name: "a certificate of an authority that is not trusted", peer: .tls(.good, isTrusted: false), settings: https,
            told: .elsewhere(.tlsUntrusted, "The certificate is from an authority of your company", "Add your company's authority")
                .by(.certificate, .failed)),
        FaultCase(
            name: "an expired certificate", peer: .tls(.expired, isTrusted: true), settings: https,
            told: Told(
                code: .tlsExpired, cause: "The certificate was not renewed", step: "Ask the administrator of the server to renew",
                check: (.certificate, .failed))),
        FaultCase(
            name: "a certificate that is not valid yet", peer: .tls(.notYetValid, isTrusted: true), settings: https,
            told: Told(
                code: .tlsNotYetValid, cause: "The clock of the machine this runs on is behind", step: "Check date, time and time zone",
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
            name: "https at a port that speaks plain http",
            peer: .raw { connection in
                guard connection.read() != nil else { return }
                connection.write(FaultPeer.html("400 Bad Request"))
            }, settings: https,
            told: .address(.tlsNotSpoken, "The port in the address is one for plain http", "Remove the port from the address").by(
                .certificate, .failed)),
        FaultCase(
            name: "plain http at a port that speaks TLS", peer: .tls(.good, isTrusted: true), settings: ["tenantURL": "http://{authority}"],
            told: Told(
                code: .networkInterrupted, cause: "The network or a proxy on the way dropped it", step: "Wait a minute",
                check: (.connection, .failed))),
    ]
}
