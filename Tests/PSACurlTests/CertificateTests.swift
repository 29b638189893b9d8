import PSACore
import PSACurl
import PSATesting
import TestSupport
import Testing

@Suite("Certificates")
struct CertificateTests {
    private static let server = Result { try CertificateServer() }

    private func request(_ certificate: CertificateServer.Certificate, host: String) throws -> TransportRequest {
        let port = try #require(try Self.server.get().port(certificate))
        let origin = try ServiceURL(typed: "https://\(host):\(port)", policy: .allowingLoopback)
        return TransportRequest(.post, origin, route: "/", addressPolicy: .allowingLoopback)
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
    func anInvalidCertificateIsReportedByKind(fault: (CertificateServer.Certificate, TransportError.Kind), host: String) async throws {
        let transport = CurlTransport(certificateAuthorityFile: try Self.server.get().authorityFile)
        let error = try await failure(of: request(fault.0, host: host), over: transport)
        #expect(error.kind == fault.1 && error.delivery == .notSent, "\(error)")
    }

    @Test func withoutTheAuthorityItsCertificateIsUntrusted() async throws {
        let error = try await failure(of: request(.good, host: "localhost"))
        #expect(error.kind == .certificateUntrusted && error.delivery == .notSent, "\(error)")
    }

    @Test func anUnreadableAuthorityFileTrustsNoServer() async throws {
        let transport = CurlTransport(certificateAuthorityFile: "/nowhere/ca.pem")
        #expect(try await failure(of: request(.good, host: "localhost"), over: transport).kind == .certificateUntrusted)
    }

    @Test func nothingIsSentToAServerWithoutTLS() async throws {
        let server = try RawServer { connection in
            guard connection.read() != nil else { return }
            connection.write(RawConnection.response("400 Bad Request"))
        }
        let origin = try ServiceURL(typed: "https://127.0.0.1:\(server.port)", policy: .allowingLoopback)
        let error = try await failure(of: TransportRequest(.post, origin, route: "/", addressPolicy: .allowingLoopback))
        #expect(error.kind == .tlsNotSpoken && error.delivery == .notSent, "\(error)")
    }
}

@Suite("Facts of a rejected certificate")
struct CertificateFactsTests {
    private static let server = Result { try CertificateServer() }

    private func facts(_ certificate: CertificateServer.Certificate, limit: Duration = .seconds(60)) async throws -> CertificateFacts? {
        let port = try #require(try Self.server.get().port(certificate))
        let origin = try ServiceURL(typed: "https://localhost:\(port)", policy: .allowingLoopback)
        var request = TransportRequest(
            .post, origin, route: "/secret-path", headers: ["Authorization": "Bearer secret-token"], body: Array("secret-body".utf8),
            addressPolicy: .allowingLoopback)
        request.timeout = limit
        let transport = CurlTransport(certificateAuthorityFile: try Self.server.get().authorityFile)
        return try await failure(of: request, over: transport).certificate
    }

    @Test func theIssuerIsReported() async throws {
        let facts = try #require(try await facts(.inspected))
        #expect(facts.subject == "localhost")
        #expect(facts.issuer == "Zscaler Intermediate Root CA (zscloud.net) (Zscaler Inc.)")
        #expect(facts.inspector == "Zscaler")
    }

    @Test func theValidityPeriodIsReported() async throws {
        let expired = try #require(try await facts(.expired))
        #expect(expired.validUntil == HTTPDate.date(header: "Fri, 01 Jan 2021 00:00:00 GMT"))
        #expect(expired.issuer == "Test CA" && expired.inspector == nil)
        let future = try #require(try await facts(.notYetValid))
        #expect(future.validFrom == HTTPDate.date(header: "Sun, 01 Jan 2090 00:00:00 GMT"))
        #expect(try #require(try await facts(.selfSigned)).issuer == "localhost")
        #expect(try #require(try await facts(.wrongName)).subject == "wrongName")
    }

    @Test func theInspectionSendsNoPartOfTheRequest() async throws {
        // The server records everything it receives, and its response has a Date.
        let listener = try EchoingTLSServer()
        let origin = try ServiceURL(typed: "https://localhost:\(listener.port)", policy: .allowingLoopback)
        let request = TransportRequest(
            .post, origin, route: "/secret-path", query: [QueryItem("secret", "query")], headers: ["Authorization": "Bearer secret-token"],
            body: Array("secret-body".utf8), addressPolicy: .allowingLoopback)
        let error = try await failure(of: request)
        #expect(error.kind == .certificateSelfSigned && error.delivery == .notSent)
        #expect(error.serverTime == HTTPDate.date(header: "Sun, 06 Nov 1994 08:49:37 GMT"))
        let seen = listener.seen
        #expect(seen.hasPrefix("HEAD / HTTP/1.1") && !seen.contains("secret") && !seen.contains("POST"), "\(seen)")
    }
}
