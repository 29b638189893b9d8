import Testing

@testable import PSACore

@Suite struct HTTPDateTests {
    @Test func readsTheTwoForms() {
        let moment = GregorianUTC.instant(year: 1994, month: 11, day: 6, hour: 8, minute: 49, second: 37)
        #expect(HTTPDate.moment(header: "Sun, 06 Nov 1994 08:49:37 GMT") == moment)
        #expect(HTTPDate.moment(certificate: "Nov  6 08:49:37 1994 GMT") == moment)
    }

    @Test(arguments: ["", "Sun, 06 Nov 1994 08:49:37", "Nov 6 08:49:37 1994", "Sun, 06 Nov 1994 25:49:37 GMT", "Nov 31 08:49:37 1994 GMT"])
    func takesNothingElse(text: String) {
        #expect(HTTPDate.moment(header: text) == nil && HTTPDate.moment(certificate: text) == nil)
    }
}

@Suite struct CertificateFactsTests {
    @Test(arguments: [
        ("C = US, O = Zscaler Inc., CN = Zscaler Root CA", "Zscaler Root CA (Zscaler Inc.)", "Zscaler"),
        ("C=DE; O=Fortinet; CN=FG60F", "FG60F (Fortinet)", "Fortinet"),
        ("CN = Gateway CA - Cloudflare Managed G1", "Gateway CA - Cloudflare Managed G1", "Cloudflare Gateway"),
        ("O = Let's Encrypt, CN = R11", "R11 (Let's Encrypt)", nil),
        ("O = Cloudflare, Inc., CN = Cloudflare TLS Issuing ECC CA 1", "Cloudflare TLS Issuing ECC CA 1 (Cloudflare)", nil),
        ("", nil, nil), ("CN", nil, nil),
    ])
    func namesTheSigner(issuer: String, name: String?, inspector: String?) {
        let facts = CertificateFacts(subject: "CN = a", issuer: issuer, validFrom: nil, validUntil: nil)
        #expect(facts.issuer == name && facts.inspector == inspector && facts.subject == "a")
    }

    @Test func hostileNamesAreCutAndCleaned() {
        let name = "CN = \u{1B}[31m" + String(repeating: "x", count: 100_000)
        let facts = CertificateFacts(subject: name, issuer: name, validFrom: nil, validUntil: nil)
        for text in [facts.subject, facts.issuer] {
            #expect((text?.count ?? 0) == 80 && text?.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } == true)
        }
    }
}
