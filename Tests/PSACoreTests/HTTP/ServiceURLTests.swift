import Testing
@testable import PSACore

@Suite struct ServiceURLTests {
    static let tidied: [(String, String)] = [
        ("https://acme.halopsa.com", "https://acme.halopsa.com"), ("acme.halopsa.com", "https://acme.halopsa.com"),
        ("ACME.HaloPSA.com", "https://acme.halopsa.com"), ("HTTPS://ACME.HALOPSA.COM", "https://acme.halopsa.com"),
        ("HttpS://acme.halopsa.com", "https://acme.halopsa.com"), ("  acme.halopsa.com  ", "https://acme.halopsa.com"),
        ("\thttps://acme.halopsa.com\r\n", "https://acme.halopsa.com"), ("\u{A0}acme.halopsa.com\u{A0}", "https://acme.halopsa.com"),
        ("\u{FEFF}https://acme.halopsa.com\u{200B}", "https://acme.halopsa.com"),
        ("\u{200E}https://acme.halopsa.com\u{2060}\u{200B} ", "https://acme.halopsa.com"),
        ("\u{202A}acme.halopsa.com\u{202C}", "https://acme.halopsa.com"), ("acme.halopsa.com\u{200D}", "https://acme.halopsa.com"),
        ("https://acme.halopsa.com/", "https://acme.halopsa.com"), ("https://acme.halopsa.com///", "https://acme.halopsa.com"),
        ("https://acme.halopsa.com.", "https://acme.halopsa.com"), ("https://acme.halopsa.com./", "https://acme.halopsa.com"),
        ("https://acme.halopsa.com/api", "https://acme.halopsa.com"), ("https://acme.halopsa.com/api/", "https://acme.halopsa.com"),
        ("acme.halopsa.com/auth/token", "https://acme.halopsa.com"), ("acme.halopsa.com/auth", "https://acme.halopsa.com"),
        ("https://acme.halopsa.com/auth/account/login?returnUrl=%2F#top", "https://acme.halopsa.com"),
        ("https://acme.halopsa.com/login?next=https://evil.example.com/", "https://acme.halopsa.com"),
        ("acme.halopsa.com/login?next=https://evil.example.com/", "https://acme.halopsa.com"),
        ("acme.halopsa.com?next=https://evil.example.com", "https://acme.halopsa.com"),
        ("acme.halopsa.com#https://evil.example.com", "https://acme.halopsa.com"),
        ("https://acme.halopsa.com?tenant=acme", "https://acme.halopsa.com"),
        ("https://acme.halopsa.com#/tickets", "https://acme.halopsa.com"),
        ("https://acme.halopsa.com/tickets/@me", "https://acme.halopsa.com"), ("https://acme.halopsa.com:443", "https://acme.halopsa.com"),
        ("https://acme.halopsa.com:0443/", "https://acme.halopsa.com"), ("https://acme.halopsa.com:", "https://acme.halopsa.com"),
        ("https://acme.halopsa.com:8443/api", "https://acme.halopsa.com:8443"), ("acme.halopsa.com:8443", "https://acme.halopsa.com:8443"),
        ("acme.halopsa.com:1", "https://acme.halopsa.com:1"), ("acme.halopsa.com:65535", "https://acme.halopsa.com:65535"),
        ("acme.halopsa.com:80", "https://acme.halopsa.com:80"), ("xn--mller-kva.example.com", "https://xn--mller-kva.example.com"),
        ("a-b.c_d.example.com", "https://a-b.c_d.example.com"), ("1.example.com", "https://1.example.com"), ("8.8.8.8", "https://8.8.8.8"),
        ("https://[2606:4700::1111]", "https://[2606:4700::1111]"), ("[2606:4700::1111]:8443", "https://[2606:4700::1111]:8443"),
        ("[2606:4700::ABCD]/api", "https://[2606:4700::abcd]"), ("[2606:4700::1111]:443", "https://[2606:4700::1111]"),
        ("256.256.256.256", "https://256.256.256.256"), ("1.2.3.4.5", "https://1.2.3.4.5"),
        (label(63) + ".example.com", "https://" + label(63) + ".example.com"), (host(253), "https://" + host(253)),
    ]

    static let malformed: [String] = [
        "", "   ", "\u{FEFF}\u{200B}", "https://", "https:///", "https:///api", "https://?x", "https://#x", "://acme.halopsa.com",
        "ftp://acme.halopsa.com",
        "file:///etc/passwd", "file://acme.halopsa.com/x", "javascript:alert(1)", "javascript://acme.halopsa.com", "data:text/html,x",
        "mailto:a.example.com", "http:acme.halopsa.com", "https:acme.halopsa.com", "https:/acme.halopsa.com", "https//acme.halopsa.com",
        "https://https://acme.halopsa.com", "wss://acme.halopsa.com", "acme", "acme:8443", "https://acme/api", "halopsa.com acme",
        "https://acme .halopsa.com", "https://acme.halopsa.com/a b", "https:\\\\acme.halopsa.com",
        "https://acme.halopsa.com\\@evil.example.com",
        "https://acme.halopsa.com\u{0}.example.com", "https://acme.\u{7F}halopsa.com", "https://acme.halopsa.com/\r\nHost: x",
        "https://müller.example.com", "https://аcme.halopsa.com", "https://acme。halopsa.com", "https://acme.halopsa\u{200B}.com",
        "https://acme.halopsa.com:0", "https://acme.halopsa.com:65536", "https://acme.halopsa.com:99999999999999999999",
        "https://acme.halopsa.com:-1", "https://acme.halopsa.com:+443", "https://acme.halopsa.com:44a", "https://acme.halopsa.com:8443:1",
        "https://acme.halopsa.com:٨٠", "https://.halopsa.com", "https://acme..halopsa.com", "https://acme.halopsa.com..", "https://.",
        "https://-acme.halopsa.com", "https://acme-.halopsa.com", "https://acme.-halopsa.com", "https://ac%6De.halopsa.com",
        "https://acme!.halopsa.com", "https://*.halopsa.com", "https://acme,halopsa.com", "https://<host>.halopsa.com",
        "https://" + label(64) + ".example.com", "https://" + host(254), "https://" + label(3_000), "https://[2606:4700::1111",
        "https://2606:4700::1111", "https://2606:4700::1111]", "https://[]", "https://[acme.halopsa.com]", "https://[2606:4700::1111]x",
        "https://[2606:4700::1111].", "https://[2606:4700::1111]:x", "https://[2606:4700::1111%25eth0]", "https://[2606:4700:::1111]",
        "https://[8.8.8.8]", "https://[134744072]", "https://[2606:+700::1111]", "https://[1:2:3:4:5:6:7]", "https://[12345::1]",
        "https://user@acme.halopsa.com", "https://user:pass@acme.halopsa.com", "user:pass@acme.halopsa.com", "https://@acme.halopsa.com",
        "https://acme.halopsa.com@evil.example.com", "user:pass@acme.halopsa.com://x",
    ]

    static let forbidden: [String] = [
        "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0X7F.0.0.1", "0x7f.1", "0177.0.0.1", "017700000001", "127.0.0.1.",
        "127.255.255.255", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]", "localhost", "LOCALHOST", "localhost.", "localhost:8080", "app.localhost", "169.254.169.254", "169.254.43518",
        "2852039166", "0xa9fea9fe", "0xA9.0xFE.0xA9.0xFE", "0251.0376.0251.0376", "025177524776", "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]", "[64:ff9b::169.254.169.254]", "[2002:a9fe:a9fe::1]", "metadata.google.internal", "10.0.0.1", "10.1",
        "167772161",
        "0xa000001", "012.0.0.1", "01200000001", "[::ffff:10.0.0.1]", "[::ffff:a00:1]", "[2002:a00:1::]", "192.168.0.1", "192.168.1",
        "3232235521", "0xc0a80001", "0300.0250.0.1", "030052000001", "[::ffff:192.168.0.1]", "[::ffff:c0a8:1]", "172.16.0.1", "100.64.0.1",
        "0",
        "0.0.0.0", "[::]", "[fe80::1]", "[febf::1]", "[fc00::1]", "[fd12:3456::1]", "[ff02::1]", "224.0.0.1", "255.255.255.255",
        "4294967295",
        "192.0.2.1", "[2001:db8::1]",
    ]

    @Test(arguments: tidied) func aTypedAddressIsTidiedUpToItsServer(typed: String, expected: String) throws {
        let url = try ServiceURL(typed: typed)
        #expect(url.text == expected)
        #expect("\(url)" == expected)
        #expect("https://" + url.authority == expected)
        #expect(try ServiceURL(typed: url.text) == url)
    }

    @Test(arguments: malformed) func anAddressThatCannotBeReadIsRefusedWithASentence(typed: String) throws {
        let problem = try #require(throws: ServiceURL.Problem.self) { try ServiceURL(typed: typed) }
        #expect(problem.code == .urlMalformed)
        #expect(problem.explanation.hasPrefix("The address ") && problem.explanation.hasSuffix("."))
        #expect(problem.explanation.count <= 200)
    }

    @Test(arguments: forbidden) func aPrivateAddressIsRefusedInEverySpelling(typed: String) throws {
        for text in [typed, "https://\(typed)/api", "http://\(typed)"] {
            let problem = try #require(throws: ServiceURL.Problem.self) { try ServiceURL(typed: text) }
            #expect(problem.code == .urlForbiddenAddress)
        }
    }

    @Test(arguments: ["http://acme.halopsa.com", "HTTP://acme.halopsa.com:443", "http://8.8.8.8"])
    func plainHTTPIsRefused(typed: String) {
        for policy in [AddressPolicy.publicOnly, .allowingLoopback, .allowingPrivate] {
            #expect(throws: ServiceURL.Problem.insecure) { try ServiceURL(typed: typed, policy: policy) }
        }
    }

    @Test(arguments: ["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]", "2130706433"])
    func loopbackMaySpeakHTTPWhereThePolicyAllowsIt(host: String) throws {
        for policy in [AddressPolicy.allowingLoopback, .allowingPrivate] {
            #expect(try ServiceURL(typed: "http://\(host):8080/api", policy: policy).text == "http://\(host):8080")
            #expect(try ServiceURL(typed: "http://\(host):80", policy: policy).text == "http://\(host)")
            #expect(try ServiceURL(typed: host, policy: policy).text == "https://\(host)")
        }
    }

    @Test(arguments: ["10.0.0.1", "192.168.0.1", "[fc00::1]", "psa.corp.internal"])
    func aPrivateNetworkIsReachedOverHTTPSOnlyUnderItsOwnPolicy(host: String) throws {
        #expect(try ServiceURL(typed: host, policy: .allowingPrivate).text == "https://\(host)")
        #expect(throws: ServiceURL.Problem.insecure) { try ServiceURL(typed: "http://" + host, policy: .allowingPrivate) }
        #expect(throws: ServiceURL.Problem.self) { try ServiceURL(typed: host) }
        if !host.hasSuffix("internal") {
            #expect(throws: ServiceURL.Problem.self) { try ServiceURL(typed: host, policy: .allowingLoopback) }
        }
    }

    @Test(arguments: ["169.254.169.254", "[fe80::1]", "0.0.0.0", "224.0.0.1", "[::]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]"])
    func noPolicyOpensMetadataOrMulticast(host: String) {
        for policy in [AddressPolicy.publicOnly, .allowingLoopback, .allowingPrivate] {
            #expect(throws: ServiceURL.Problem.self) { try ServiceURL(typed: host, policy: policy) }
        }
    }

    @Test(arguments: [
        "https://admin:hunter2@acme.halopsa.com", "admin:hunter2@acme.halopsa.com", "https://admin.x:hunter2#1@acme.halopsa.com",
        "https://admin.x:hunter2/1@acme.halopsa.com", "admin.x:hunter2?1@acme.halopsa.com", "admin:hunter2@acme.halopsa.com://x",
    ])
    func aTypedPasswordIsNotRepeatedInTheProblem(typed: String) throws {
        let problem = try #require(throws: ServiceURL.Problem.self) { try ServiceURL(typed: typed) }
        #expect(!problem.explanation.contains("hunter"))
        #expect(!"\(problem)".contains("hunter"))
    }

    private static func label(_ length: Int) -> String { String(repeating: "a", count: length) }

    private static func host(_ length: Int) -> String {
        let tail = "." + label(63) + "." + label(63) + "." + label(63)
        return label(length - tail.count) + tail
    }
}

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
        let request = TransportRequest(.get, url, route: "/api/Tickets/{id}", pathValues: ["7"], query: [QueryItem("a", "b")])
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
