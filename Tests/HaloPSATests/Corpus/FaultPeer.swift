import HaloSimulator
import PSATesting
import TestSupport

/// What stands at the other end of the socket.
enum FaultPeer: Sendable {
    /// The stand-in, with faults switched on.
    case simulator([String], HaloSimulator.Configuration = .init())
    /// A TCP server; what it does with a connection.
    case raw(@Sendable (RawConnection) -> Void)
    /// A server that answers each request with these bytes; the second argument is the address of a HaloPSA beside it.
    case http(@Sendable (_ request: String, _ halo: String) -> String)
    /// A port on which nobody listens.
    case closedPort
    /// A TLS server that answers everything with four letters, and whether its authority is trusted.
    case tls(CertificateServer.Certificate, isTrusted: Bool)
    /// Nobody: the settings name the address.
    case nobody
}

extension FaultPeer {
    /// The stand-in with changes of its own.
    static func simulator(change: (inout HaloSimulator.Configuration) -> Void) -> FaultPeer {
        var configuration = HaloSimulator.Configuration()
        change(&configuration)
        return .simulator([], configuration)
    }

    /// A server that answers everything the same way.
    static func always(_ bytes: String) -> FaultPeer { .http { _, _ in bytes } }

    /// A server that signs in like HaloPSA and then answers the API in a way of its own.
    static func signingIn(thenAnswering api: @escaping @Sendable (_ request: String) -> String) -> FaultPeer {
        .http { request, _ in
            if request.hasPrefix("GET /api/authinfo") { return json(#"{"auth_url":"","tenant_id":"acme"}"#) }
            if request.hasPrefix("POST /auth/token") { return json(tokenBody) }
            return api(request)
        }
    }

    /// The first so many bytes of an answer, then a reset.
    static func reset(after count: Int, of bytes: String) -> FaultPeer {
        .raw { connection in
            guard connection.readRequest() != nil else { return }
            connection.write(Array(bytes.utf8.prefix(count)))
            connection.reset()
        }
    }

    static let tokenBody = #"{"access_token":"eyJhbGciOi.raw-peer","token_type":"Bearer","expires_in":3600,"scope":"all"}"#

    static func json(_ body: String, status: String = "200 OK") -> String {
        answer(status, "Content-Type: application/json; charset=utf-8", body: body)
    }

    static func html(_ status: String) -> String {
        answer(status, "Content-Type: text/html", body: "<!DOCTYPE html><html><head><title>Hello</title></head><body>Hello</body></html>")
    }
}
