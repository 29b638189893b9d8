import Testing

@testable import PSACore

@Suite struct InstallationPathTests {
    private static let rule = InstallationPath(pages: ["api", "auth", "login", "tickets"], hostedDomains: ["hosted.example"])

    @Test(arguments: [
        ("https://halo.example.com/ITSM", "/ITSM"), ("halo.example.com/ITSM/", "/ITSM"), ("https://halo.example.com//ITSM//", "/ITSM"),
        ("https://halo.example.com/ITSM/tickets?id=5", "/ITSM"), ("https://halo.example.com/ITSM/api", "/ITSM"),
        ("https://halo.example.com/apps/halo/auth/token#x", "/apps/halo"), ("https://halo.example.com:8443/ITSM?x=/y", "/ITSM"),
        ("https://halo.example.com/ITSM/Login.aspx", "/ITSM"), ("https://halo.example.com/tickets/ITSM", ""),
        ("https://halo.example.com/API", ""), ("https://halo.example.com/", ""), ("https://halo.example.com", ""),
        ("https://halo.example.com/?a=/ITSM", ""), ("https://halo.example.com/#/ITSM", ""), ("https://halo.example.com/index.html", ""),
        ("https://halo.example.com/../ITSM", ""), ("https://halo.example.com/ITSM/../x", "/ITSM"),
        ("https://halo.example.com/%2e%2e/x", ""),
        ("https://halo.example.com/a;b/c", ""), ("https://halo.example.com/Größe", ""), ("https://halo.example.com/a/b/c/d/e", ""),
        ("https://halo.example.com/service-desk-of-acme", "/service-desk-of-acme"), ("https://halo.example.com/psa2026", "/psa2026"),
        ("https://halo.example.com/0123456789ABCDEF", ""), ("https://halo.example.com/reset/k3y-7f2a-9c31-secret", "/reset"),
        ("https://halo.example.com/abcdefghijklmnopqrstuvwxyzabcdefg", ""), ("https://acme.hosted.example/ITSM", ""),
        ("https://hosted.example/ITSM", ""), ("https://nothosted.example/ITSM", "/ITSM"),
    ])
    func keepsFoldersAndCutsPages(typed: String, path: String) throws {
        let url = try ServiceURL(typed: typed, installation: Self.rule)
        #expect(url.path == path)
        #expect(url.text == url.scheme + "://" + url.authority + path)
        #expect(try ServiceURL(typed: typed).path.isEmpty)
        #expect(try ServiceURL(typed: url.text, installation: Self.rule) == url)
    }

    @Test func aRequestGoesUnderThePath() throws {
        let url = try ServiceURL(typed: "https://halo.example.com/ITSM", installation: Self.rule)
        let request = HTTPRequest(.get, url, route: "/api/Tickets/{id}", pathValues: ["7"], query: [QueryItem("a", "b")])
        #expect(request.urlText == "https://halo.example.com/ITSM/api/Tickets/7?a=b")
        #expect(request.description == "GET halo.example.com/ITSM/api/Tickets/{id}")
    }

    @Test func serversUnderOtherPathsAreOtherServers() throws {
        let urls = try ["", "/ITSM", "/PSA"].map { try ServiceURL(typed: "https://halo.example.com" + $0, installation: Self.rule) }
        #expect(Set(urls).count == 3 && Set(urls.map(\.location)).count == 3)
        #expect(try ServiceURL(typed: "https://h.example.com/a/b", installation: Self.rule).parents.map(\.path) == ["/a", ""])
        #expect(urls[0].parents.isEmpty)
    }

    @Test(arguments: ["halo", "halo.internal", "halo:8443"]) func namesOfOnesOwnNetworkNeedANetwork(host: String) throws {
        #expect(throws: ServiceURL.Problem.self) { try ServiceURL(typed: host) }
        let policy = AddressPolicy.publicOnly.allowing([try #require(IPNetwork("10.0.0.0/8"))])
        #expect(try ServiceURL(typed: host, policy: policy).authority == host)
        #expect(throws: ServiceURL.Problem.self) { try ServiceURL(typed: "localhost", policy: policy) }
        #expect(throws: ServiceURL.Problem.self) { try ServiceURL(typed: "x.localhost", policy: policy) }
    }
}
