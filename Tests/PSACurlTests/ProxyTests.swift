import PSACore
import PSATesting
import TestSupport
import Testing

@testable import PSACurl

@Suite("Proxies")
struct ProxyTests {
    @Test(
        arguments: [
            ("https://acme.example.com", [:], nil),
            ("https://acme.example.com", ["https_proxy": "http://p"], "http://p"),
            ("https://acme.example.com", ["HTTPS_PROXY": "http://p"], "http://p"),
            ("https://acme.example.com", ["all_proxy": "socks5h://p"], "socks5h://p"),
            ("https://acme.example.com", ["https_proxy": "http://p", "all_proxy": "http://q"], "http://p"),
            ("https://acme.example.com", ["https_proxy": "", "ALL_PROXY": "http://q"], "http://q"),
            ("https://acme.example.com", ["http_proxy": "http://p"], nil),
            ("https://acme.example.com", ["https_proxy": "http://p", "no_proxy": "*"], nil),
            ("https://acme.example.com", ["https_proxy": "http://p", "NO_PROXY": "other.org, .Example.COM"], nil),
            ("https://acme.example.com", ["https_proxy": "http://p", "no_proxy": "cme.example.com"], "http://p"),
            ("https://acme.example.com", ["https_proxy": "http://p", "no_proxy": "acme.example.com.evil.org,."], "http://p"),
            ("https://10.1.2.3", ["https_proxy": "http://p", "no_proxy": "10.0.0.0/8"], nil),
            ("https://10.1.2.3", ["https_proxy": "http://p", "no_proxy": "10.1.2.3"], nil),
            ("https://11.1.2.3", ["https_proxy": "http://p", "no_proxy": "10.0.0.0/8,10.1.2.3,11.1.2.3/33,3"], "http://p"),
            ("https://[fd00::1]", ["https_proxy": "http://p", "no_proxy": "fd00::/8"], nil),
            ("https://[fe00::1]", ["https_proxy": "http://p", "no_proxy": "fd00::/8,[fe00::2],fe00::/128"], "http://p"),
            ("https://[fd00::1]", ["https_proxy": "http://p", "no_proxy": "::/0"], nil),
            ("https://[fd00::1]", ["https_proxy": "http://p", "no_proxy": "fd00::/129,fd00::/200"], "http://p"),
            ("https://[fd00::1]", ["https_proxy": "http://p", "no_proxy": "fd00::/9223372036854775807"], "http://p"),
            ("https://10.1.2.3", ["https_proxy": "http://p", "no_proxy": "10.0.0.0/9223372036854775807"], "http://p"),
            ("https://127.0.0.1", ["https_proxy": "http://p"], nil),
            ("http://localhost", ["http_proxy": "http://p"], nil),
            ("https://[::1]", ["all_proxy": "http://p"], nil),
        ] as [(String, [String: String], String?)])
    func theProxyIsSelectedByTheEnvironment(origin: String, variables: [String: String], proxy: String?) throws {
        #expect(try ProxyEnvironment(variables).proxy(for: ServiceURL(typed: origin, policy: .allowingPrivate)) == proxy)
    }

    @Test func aProxyMayHaveAPrivateAddressAndItsRejectionProvesThatNothingWasSent() async throws {
        let (heads, head) = AsyncStream.makeStream(of: String.self)
        let server = try RawServer { connection in
            if let request = connection.readRequest() { head.yield(request) }
            connection.write(RawConnection.response("403 Forbidden"))
        }
        let transport = transport(proxy: "http://127.0.0.1:\(server.port)")
        let request = TransportRequest(
            .post, try ServiceURL(typed: "https://acme.example.com"), route: "/MARKER", headers: ["Authorization": "MARKER"], body: [1])
        let error = try await failure(of: request, over: transport)
        #expect(error.kind == .proxyRefused && error.delivery == .notSent, "\(error)")
        head.finish()
        var seen: [String] = []
        for await text in heads { seen.append(text) }
        #expect(seen.count == 1)
        #expect(seen.allSatisfy { $0.hasPrefix("CONNECT acme.example.com:443 HTTP/1.1\r\n") && !$0.contains("MARKER") })
    }

    @Test(
        arguments: [
            ("407 Proxy Authentication Required", .proxyAuthenticationRequired), ("403 Forbidden", .proxyRefused),
            ("502 Bad Gateway", .proxyRefused),
        ] as [(String, TransportError.Kind)])
    func aRejectionByTheProxyIsDistinguishedFromAnInterruption(refusal: String, kind: TransportError.Kind) async throws {
        let server = try RawServer { connection in
            _ = connection.readRequest()
            connection.write(RawConnection.response(refusal))
        }
        let request = TransportRequest(.get, try ServiceURL(typed: "https://acme.example.com"), route: "/")
        let error = try await failure(of: request, over: transport(proxy: "http://127.0.0.1:\(server.port)"))
        #expect(error.kind == kind && error.delivery == .notSent, "\(error)")
    }

    @Test func aProxyThatFailsIsNamedWithItsVariableAndWithoutItsPassword() async throws {
        let squid = try RawServer { connection in
            _ = connection.readRequest()
            connection.write(RawConnection.response("503 Service Unavailable", "X-Squid-Error: ERR_DNS_FAIL 0"))
        }
        let closing = try RawServer { _ = $0.readRequest() }
        let cases: [(proxy: String, address: String, reason: ProxyFault.Reason)] = [
            ("http://user:password@127.0.0.1:\(squid.port)/", "127.0.0.1:\(squid.port)", .answered(status: 503, detail: "ERR_DNS_FAIL")),
            ("http://127.0.0.1:\(closing.port)", "127.0.0.1:\(closing.port)", .closed),
            ("http://127.0.0.1:9", "127.0.0.1:9", .refused), ("proxy.invalid:3128", "proxy.invalid:3128", .nameNotFound),
        ]
        for (proxy, address, reason) in cases {
            let request = TransportRequest(.get, try ServiceURL(typed: "https://acme.example.com"), route: "/")
            let error = try await failure(of: request, over: transport(proxy: proxy))
            #expect(error.kind == .proxyRefused && error.delivery == .notSent, "\(error)")
            #expect(error.proxy == ProxyFault(variable: "https_proxy", address: address, reason: reason))
        }
    }

    @Test func aProxyThatAnswersInPlaceOfTheServerIsNamed() async throws {
        let server = try RawServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\n\r\n<html><title>Sign in</title></html>")
            while connection.read() != nil {}
        }
        let request = TransportRequest(.get, try ServiceURL(typed: "https://acme.example.com"), route: "/")
        let error = try await failure(of: request, over: transport(proxy: "http://127.0.0.1:\(server.port)"))
        #expect(error.kind == .tlsNotSpoken && error.proxy?.reason == .spokePlainly, "\(error)")
    }

    @Test(arguments: ["", "user:password@"])
    func aUserThatTheProxyDoesNotTakeIsDistinguishedFromNone(user: String) async throws {
        let server = try RawServer { connection in
            _ = connection.readRequest()
            connection.write(RawConnection.response("407 Proxy Authentication Required", "Proxy-Authenticate: Basic realm=x"))
        }
        let request = TransportRequest(.get, try ServiceURL(typed: "https://acme.example.com"), route: "/")
        let error = try await failure(of: request, over: transport(proxy: "http://\(user)127.0.0.1:\(server.port)"))
        #expect(error.kind == .proxyAuthenticationRequired && error.proxy?.refusedUser == !user.isEmpty)
    }

    @Test func anAddressForbiddenAsTypedIsForbiddenThroughAProxyToo() async throws {
        let server = try RawServer { $0.serve { _ in RawConnection.response() } }
        let request = TransportRequest(.get, try ServiceURL(typed: "https://10.1.2.3", policy: .allowingPrivate), route: "/")
        let error = try await failure(of: request, over: transport(proxy: "http://127.0.0.1:\(server.port)"))
        #expect(error.kind == .addressForbidden && server.connections == 0)
    }

    private func transport(proxy: String) -> CurlTransport {
        CurlTransport(settings: TransferSettings(proxies: ProxyEnvironment(["https_proxy": proxy])))
    }
}
