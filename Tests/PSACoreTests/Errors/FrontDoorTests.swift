import Testing

@testable import PSACore

@Suite("Answers from in front of the vendor")
struct FrontDoorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var status: Int
        var headers: TransportHeaders = [:]
        var body: String
        var device: FrontDoor.Device?
        var act: FrontDoor.Act
        /// The code at a read.
        var code: ErrorCode?
        var title: String?
        var reference: String?
        var testDescription: String { name }
    }

    private static func page(_ title: String, _ body: String = "") -> String {
        "<!DOCTYPE html>\n<html lang=en><HEAD><Title id=t>\n \(title)\n</Title></HEAD><body>\(body)</body></html>"
    }

    static let cases: [Case] = [
        Case(
            name: "Cloudflare's challenge", status: 403,
            headers: ["Server": "cloudflare", "CF-RAY": "8f1d2c3b4a5e6f70-LHR", "cf-mitigated": "challenge"],
            body: page("Just a moment..."), device: .cloudflare, act: .challenged, code: .proxyBlocked, title: "Just a moment...",
            reference: "8f1d2c3b4a5e6f70-LHR"),
        Case(
            name: "Cloudflare's block", status: 403, headers: ["Server": "cloudflare"],
            body: page("Attention Required! | Cloudflare", "<h1>Sorry, you have been blocked</h1>Cloudflare Ray ID: <b>77aa88bb99cc</b>"),
            device: .cloudflare, act: .blocked, code: .proxyBlocked, title: "Attention Required! | Cloudflare", reference: "77aa88bb99cc"),
        Case(
            name: "Cloudflare's challenge of old", status: 403, headers: ["Server": "cloudflare"],
            body: page("Attention Required! | Cloudflare", "<h1>One more step</h1>Please complete the security check."),
            device: .cloudflare, act: .challenged, code: .proxyBlocked, title: "Attention Required! | Cloudflare"),
        Case(
            name: "Cloudflare in plain text", status: 403, headers: ["Server": "cloudflare", "CF-RAY": "8f-LHR"], body: "error code: 1020",
            device: .cloudflare, act: .blocked, code: .proxyBlocked, reference: "8f-LHR"),
        Case(
            name: "a country Cloudflare keeps out", status: 403, body: "error code: 1009\n", device: .cloudflare, act: .blocked,
            code: .proxyBlocked),
        Case(
            name: "a limit of Cloudflare's", status: 429, body: "error code: 1015", device: .cloudflare, act: .tooMany, code: .rateLimited),
        Case(name: "a tunnel of Cloudflare's that is down", status: 530, body: "error code: 1033", device: .cloudflare, act: .down),
        Case(
            name: "Cloudflare without a server behind it", status: 521, headers: ["CF-RAY": "8f1d-LHR"],
            body: page("acme.example | 521: Web server is down"), device: .cloudflare, act: .down,
            title: "acme.example | 521: Web server is down", reference: "8f1d-LHR"),
        Case(
            name: "Azure Front Door", status: 403, headers: ["X-Azure-Ref": "0ABcDWQ"], body: page("The request is blocked."),
            device: .azureFrontDoor, act: .blocked, code: .proxyBlocked, title: "The request is blocked.", reference: "0ABcDWQ"),
        Case(
            name: "Azure Application Gateway", status: 403, headers: ["Server": "Microsoft-Azure-Application-Gateway/v2"],
            body: page("403 Forbidden"), device: .azureApplicationGateway, act: .blocked, code: .proxyBlocked, title: "403 Forbidden"),
        Case(
            name: "an Azure app that is stopped", status: 403,
            body: page("Web App - Unavailable", "<h1>Error 403 - This web app is stopped.</h1>"), device: .azureAppService, act: .stopped,
            code: .vendorUnavailable, title: "Web App - Unavailable"),
        Case(
            name: "F5 with success", status: 200,
            body: page(
                "Request Rejected",
                "The requested URL was rejected. Please consult with your administrator.<br><br>Your support ID is: 1234567890123456789<br>"
            ),
            device: .bigIP, act: .blocked, code: .proxyBlocked, title: "Request Rejected", reference: "1234567890123456789"),
        Case(
            name: "F5 in plain text", status: 403,
            body: "The requested URL was rejected. Please consult with your administrator. Your support ID is: 998877665544",
            device: .bigIP, act: .blocked, code: .proxyBlocked, reference: "998877665544"),
        Case(
            name: "Akamai", status: 403, headers: ["Server": "AkamaiGHost"],
            body: page(
                "Access Denied", "You don't have permission. Reference #18.2d351ab8.1557333295.a4e16ab https://errors.edgesuite.net/x"),
            device: .akamai, act: .blocked, code: .proxyBlocked, title: "Access Denied", reference: "18.2d351ab8.1557333295.a4e16ab"),
        Case(
            name: "Imperva", status: 403, headers: ["X-Iinfo": "9-1234-0 NNNN"],
            body: page("Error", "Request unsuccessful. Incapsula incident ID: 885000130123456-987654"), device: .imperva, act: .blocked,
            code: .proxyBlocked, title: "Error", reference: "885000130123456-987654"),
        Case(
            name: "Sucuri", status: 403, headers: ["X-Sucuri-ID": "15012"], body: page("Sucuri WebSite Firewall - Access Denied"),
            device: .sucuri, act: .blocked, code: .proxyBlocked, title: "Sucuri WebSite Firewall - Access Denied", reference: "15012"),
        Case(
            name: "CloudFront", status: 403, headers: ["Server": "CloudFront", "X-Amz-Cf-Id": "kH0w=="],
            body: page("ERROR: The request could not be satisfied", "<H1>403 ERROR</H1>Generated by cloudfront (CloudFront)"),
            device: .cloudFront, act: .blocked, code: .proxyBlocked, title: "ERROR: The request could not be satisfied", reference: "kH0w=="
        ),
        Case(
            name: "a proxy that wants to know who asks", status: 407, headers: ["Via": "1.1 proxy (squid/5.7)"], body: "", device: .squid,
            act: .wantsCredentials, code: .proxyAuthenticationRequired),
        Case(
            name: "a web filter", status: 200, body: page("Web Page Blocked", "FortiGuard Intrusion Prevention - Access Blocked"),
            device: .fortinet, act: .blocked, code: .proxyBlocked, title: "Web Page Blocked"),
        Case(
            name: "an address book of a server", status: 403, headers: ["Server": "Microsoft-IIS/10.0"],
            body: page("403 - Forbidden: Access is denied."), device: .iis, act: .blocked, code: .proxyBlocked,
            title: "403 - Forbidden: Access is denied."),
        Case(
            name: "a body that is too large", status: 413, headers: ["Server": "nginx/1.24"], body: page("413 Request Entity Too Large"),
            device: .nginx, act: .tooLarge, code: .proxyBlocked, title: "413 Request Entity Too Large"),
        Case(
            name: "a header that is too large", status: 400, headers: ["Server": "nginx"],
            body: page("400 Request Header Or Cookie Too Large", "<center>Request Header Or Cookie Too Large</center>"), device: .nginx,
            act: .headerTooLarge, code: .proxyBlocked, title: "400 Request Header Or Cookie Too Large"),
        Case(
            name: "a header that is too large for IIS", status: 400, headers: ["Server": "Microsoft-HTTPAPI/2.0"],
            body: page("Bad Request", "<h2>Bad Request - Request Too Long</h2><p>The size of the request headers is too long.</p>"),
            device: .iis, act: .headerTooLarge, code: .proxyBlocked, title: "Bad Request"),
        Case(
            name: "maintenance with 503", status: 503, body: page("HaloPSA is being upgraded", "<h1>Scheduled maintenance</h1>"),
            act: .maintenance, code: .vendorMaintenance, title: "HaloPSA is being upgraded"),
        Case(
            name: "maintenance with success", status: 200, body: page("Acme", "<h1>We are <b>under  maintenance</b></h1>"),
            act: .maintenance, code: .vendorMaintenance, title: "Acme"),
        Case(
            name: "a licence that has ended", status: 403, body: page("Licence", "<p>Your licence has expired.</p>"), act: .unlicensed,
            code: .vendorLicense, title: "Licence"),
        Case(
            name: "a sign-in page with success", status: 200, body: page("Acme", "<form><input name=p type=\"password\"></form>"),
            act: .showsSignIn, code: .proxyHTMLInsteadOfJSON, title: "Acme"),
        Case(
            name: "Microsoft's sign-in page", status: 200, body: page("Sign in to your account", "https://login.microsoftonline.com/x"),
            device: .entra, act: .showsSignIn, code: .proxyHTMLInsteadOfJSON, title: "Sign in to your account"),
        Case(
            name: "a guest network", status: 511, body: page("Welcome to the hotel"), device: .captivePortal, act: .holdsCaptive,
            code: .proxyHTMLInsteadOfJSON, title: "Welcome to the hotel"),
        Case(
            name: "a name for sale", status: 200, body: page("halopssa.com", "<h1>This domain is for sale!</h1>"), act: .parked,
            code: .proxyHTMLInsteadOfJSON, title: "halopssa.com"),
        Case(name: "a gateway", status: 504, body: page("504 Gateway Time-out"), act: .down, title: "504 Gateway Time-out"),
        Case(name: "a website", status: 200, body: page("Welcome", "We work with Sophos and Zscaler."), act: .page, title: "Welcome"),
        Case(name: "a page that is missing", status: 404, body: page("404"), act: .page, title: "404"),
    ]

    @Test func aBlockedWriteIsLikelyDueToItsContentWhereThePageSaysSo() throws {
        func door(_ text: String) throws -> FrontDoor {
            let body = Self.page("Attention Required! | Cloudflare", "<h1>Sorry, you have been blocked</h1><p>\(text)</p>")
            let response = TransportResponse(status: 403, headers: ["Server": "cloudflare"], body: Array(body.utf8))
            return try #require(FrontDoor(response, redactor: Redactor([])))
        }
        let blaming = try door("… including submitting a certain word or phrase, a SQL command or malformed data.")
        var error = PSAError(.proxyBlocked)
        error.findings = blaming.findings(for: .proxyBlocked, at: .write)
        #expect(error.guidance.causes.map(\.id).prefix(2) == ["content_rule", "not_listed"])
        #expect(error.guidance.causes.first?.confidence == .likely)
        let others = blaming.findings(for: .proxyBlocked, at: .read) + (try door("")).findings(for: .proxyBlocked, at: .write)
        #expect(others.map(\.cause) == ["not_listed", "not_listed"])
    }

    @Test(arguments: cases) func readsDeviceAndAct(one: Case) throws {
        let response = TransportResponse(status: one.status, headers: one.headers, body: Array(one.body.utf8))
        let door = try #require(FrontDoor(response, redactor: Redactor([])))
        #expect(door.device == one.device)
        #expect(door.act == one.act)
        #expect(door.title == one.title)
        #expect(door.reference == one.reference)
        #expect(door.code(at: .read) == one.code)
        for language in Language.allCases {
            let text = TextRenderer(language).text(FrontDoorMessage.seen(door))
            #expect(text.contains(String(one.status)) && !text.contains("{") && !text.contains("}"))
        }
    }

    @Test(arguments: [
        (403, ""), (401, ""), (500, ""), (400, #""Please select a Ticket Type""#), (403, #"{"error":"access denied"}"#), (400, "[]"),
        (400, "Please select a Ticket Type"), (400, "This user has been blocked"), (403, "You do not have access"), (500, "Oops"),
        (302, "<html><title>Object moved</title></html>"), (200, #"{"title":"under maintenance"}"#),
    ])
    func whatTheVendorMayHaveSaidIsNotADevice(status: Int, body: String) {
        let response = TransportResponse(status: status, headers: ["CF-RAY": "8f-LHR", "Server": "cloudflare"], body: Array(body.utf8))
        #expect(FrontDoor(response, redactor: Redactor([])) == nil)
    }

    @Test(arguments: [200, 500, 502, 503, 504, 521]) func aWriteThatMayHaveBeenExecutedStaysUnknown(status: Int) throws {
        for body in [Self.page("Scheduled maintenance"), Self.page("Request Rejected"), Self.page("Sign in")] {
            let response = TransportResponse(status: status, body: Array(body.utf8))
            let door = try #require(FrontDoor(response, redactor: Redactor([])))
            let signal = FailureEvidence(stage: .write, status: status, shape: .html, frontDoor: door)
            #expect(FailureClassifier().code(for: signal) == .writeOutcomeUnknown)
        }
    }

    @Test func aHostileTitleIsCutAndCleaned() throws {
        let secret = Secret("s3cr3t-s3cr3t-s3cr3t")
        let wakeup = "\u{7}\u{1B}[31m\u{202E}\u{0}"
        let title =
            "\(wakeup)&lt;script&gt;alert(1)&lt;/script&gt; \(secret.reveal()) &#x1B;&#7;\r\n" + String(repeating: "long ", count: 300_000)
        let response = TransportResponse(
            status: 403, headers: ["CF-RAY": "\(secret.reveal())\u{1B}[2J" + String(repeating: "x", count: 5_000)],
            body: Array("<html><title>\(title)</title></html>".utf8))
        let door = try #require(FrontDoor(response, redactor: Redactor([secret])))
        let texts =
            try [#require(door.title), #require(door.reference)]
            + Language.allCases.map { TextRenderer($0).text(FrontDoorMessage.seen(door)) }
        for text in texts {
            #expect(!text.contains("s3cr3t"))
            #expect(text.unicodeScalars.allSatisfy { ![.control, .format].contains($0.properties.generalCategory) }, "\(text)")
            #expect(text.count <= 300)
        }
        #expect(door.title?.contains("<script>alert(1)</script> •••••") == true && door.title?.count == 120)
    }

    @Test func aTitleThatNeverEndsIsNone() throws {
        for body in [
            "<html><title>" + String(repeating: "a", count: 1 << 20), "<html><title", "<html><title/>",
            "<html>&#xD800;<title>&#xD800;&#1114112;&;</title>",
        ] {
            let door = try #require(FrontDoor(TransportResponse(status: 403, body: Array(body.utf8)), redactor: Redactor([])))
            #expect((door.title?.count ?? 0) <= 120)
        }
        let broken = TransportResponse(status: 403, body: Array("<title>İ\u{FF}İ</title>".utf8) + [0xFF, 0xC3])
        #expect(FrontDoor(broken, redactor: Redactor([]))?.act == .blocked)
    }
}
