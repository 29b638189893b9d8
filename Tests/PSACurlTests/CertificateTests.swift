import PSACore
import PSACurl
import PSATesting
import TestSupport
import Testing

@Suite("Certificates")
struct CertificateTests {
    private static let server = Result { try CertificateServer() }

    private func request(_ certificate: CertificateServer.Certificate, host: String) throws -> HTTPRequest {
        let port = try #require(try Self.server.get().port(certificate))
        let origin = try ServiceURL(typed: "https://\(host):\(port)", policy: .allowingLoopback)
        return HTTPRequest(.post, origin, route: "/", addressPolicy: .allowingLoopback)
    }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func aCertificateOfTheGivenAuthorityIsTrusted(host: String) async throws {
        let transport = CurlTransport(certificateAuthorityFile: try Self.server.get().authorityFile)
        for _ in 0..<2 { #expect(try await transport.send(request(.good, host: host)).text == "safe") }
    }

    @Test(
        arguments: [
            (.selfSigned, .certificateSelfSigned), (.expired, .certificateExpired), (.notYetValid, .certificateNotYetValid),
            (.wrongName, .certificateNameMismatch), (.wrongAddress, .certificateNameMismatch),
        ] as [(CertificateServer.Certificate, TransportError.Kind)], ["localhost", "127.0.0.1"])
    func aFaultyCertificateIsToldByItsFault(fault: (CertificateServer.Certificate, TransportError.Kind), host: String) async throws {
        let transport = CurlTransport(certificateAuthorityFile: try Self.server.get().authorityFile)
        let error = try await failure(of: request(fault.0, host: host), over: transport)
        #expect(error.kind == fault.1 && error.delivery == .notSent, "\(error)")
    }

    @Test func withoutTheAuthorityItsCertificateIsUntrusted() async throws {
        let error = try await failure(of: request(.good, host: "localhost"))
        #expect(error.kind == .certificateUntrusted && error.delivery == .notSent, "\(error)")
    }

    @Test func anUnreadableAuthorityFileTrustsNobody() async throws {
        let transport = CurlTransport(certificateAuthorityFile: "/nowhere/ca.pem")
        #expect(try await failure(of: request(.good, host: "localhost"), over: transport).kind == .certificateUntrusted)
    }

    @Test func aServerThatSpeaksNoTLSIsNotSentTo() async throws {
        let server = try RawServer { connection in
            guard connection.read() != nil else { return }
            connection.write(answer("400 Bad Request"))
        }
        let origin = try ServiceURL(typed: "https://127.0.0.1:\(server.port)", policy: .allowingLoopback)
        let error = try await failure(of: HTTPRequest(.post, origin, route: "/", addressPolicy: .allowingLoopback))
        #expect(error.kind == .tlsNotSpoken && error.delivery == .notSent, "\(error)")
    }
}
