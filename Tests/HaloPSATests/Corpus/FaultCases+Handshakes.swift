import PSACore
import PSATesting
import TestSupport

extension FaultCase {
    /// A server that ends each handshake with an alert.
    private static func alert(
        _ number: UInt8, version: UInt8 = 3, _ name: String, _ cause: String, _ step: String, field: SettingKey? = nil
    ) -> FaultCase {
        FaultCase(
            name: name,
            peer: .raw { connection in
                guard connection.read() != nil else { return }
                connection.write([0x15, 0x03, version, 0x00, 0x02, 0x02, number])
                while connection.read() != nil {}
            }, settings: ["tenantURL": "https://{authority}"],
            expected: ExpectedDiagnosis(
                code: .tlsHandshakeRefused, cause: cause, confidence: .likely, step: step, field: field, check: (.certificate, .failed)))
    }

    static let handshakes: [FaultCase] = [
        alert(
            70, version: 1, "a server that speaks only TLS 1.0", "The server speaks only old versions of TLS",
            "Ask the administrator of the server to enable TLS 1.2"),
        alert(
            40, "a server with other ciphers", "The server and this machine have no version of TLS or no cipher in common",
            "Ask the administrator of the server to enable TLS 1.2"),
        alert(
            116, "a server that demands a client certificate", "The server demands a client certificate",
            "Ask the administrator of the server not to demand a client certificate"),
        alert(
            112, "a server that has no site of that name", "The server has no site of the name 127.0.0.1",
            "Compare 127.0.0.1", field: "tenantURL"),
        alert(
            49, "a server that lets this machine not in", "The server or a firewall on the way does not let this machine in",
            "Ask the administrator of the server"),
    ]
}
