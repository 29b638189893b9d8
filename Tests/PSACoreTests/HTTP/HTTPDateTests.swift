import FoundationEssentials
import Testing
@testable import PSACore

@Suite struct HTTPDateTests {
    @Test func readsTheTwoForms() {
        let moment = GregorianUTC.instant(year: 1994, month: 11, day: 6, hour: 8, minute: 49, second: 37)
        #expect(HTTPDate.date(header: "Sun, 06 Nov 1994 08:49:37 GMT") == moment)
        #expect(HTTPDate.date(certificate: "Nov  6 08:49:37 1994 GMT") == moment)
    }

    @Test(arguments: ["", "Sun, 06 Nov 1994 08:49:37", "Nov 6 08:49:37 1994", "Sun, 06 Nov 1994 25:49:37 GMT", "Nov 31 08:49:37 1994 GMT"])
    func takesNothingElse(text: String) {
        #expect(HTTPDate.date(header: text) == nil && HTTPDate.date(certificate: text) == nil)
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

@Suite struct RetryAfterTests {
    /// 06 November 1994, the example of RFC 9110.
    private let now = Date(timeIntervalSince1970: 784_111_777)

    static let headers: [(String?, Duration?)] = [
        ("0", .seconds(1)), ("1", .seconds(1)), ("5", .seconds(5)), (" 5 ", .seconds(5)), ("3600", .seconds(3_600)),
        ("86400", .seconds(86_400)),
        ("86401", .seconds(86_400)), ("999999999", .seconds(86_400)), ("9223372036854775807", .seconds(86_400)), ("-1", nil),
        ("-0", .seconds(1)),
        (nil, nil), ("", nil), ("  ", nil), ("soon", nil), ("1.5", nil), ("5s", nil), ("5, 10", nil), ("0x10", nil),
        ("99999999999999999999", nil),
        ("Sun, 06 Nov 1994 08:49:47 GMT", .seconds(10)), ("Sun, 06 Nov 1994 08:49:37 GMT", .seconds(1)),
        ("Sun, 06 Nov 1994 08:49:00 GMT", .seconds(1)), ("Thu, 01 Jan 1970 00:00:00 GMT", .seconds(1)),
        ("Sun, 06 Nov 1994 10:49:37 GMT", .seconds(7_200)), ("Fri, 31 Dec 9999 23:59:59 GMT", .seconds(86_400)),
        ("Sun, 06 Nov 1994 08:49:47", nil), ("Sun, 06 Nov 1994 08:49:47 CET", nil), ("Sun, 06 Foo 1994 08:49:47 GMT", nil),
        ("Sun, 31 Feb 1994 08:49:47 GMT", nil), ("Sun, 06 Nov 1994 24:49:47 GMT", nil), ("Sun, 06 Nov 1994 08:49 GMT", nil),
        ("Sun, 06 Nov 99999999999999999999 08:49:47 GMT", nil), ("Sun, 06 Nov 1994 08:x:49:47 GMT", nil), ("1994-11-06T08:49:47Z", nil),
    ]

    @Test(arguments: headers) func theHeaderGivesAWait(header: String?, expected: Duration?) {
        #expect(RetryAfter.wait(header, now: now) == expected)
    }
}
