import Foundation
import PSACore
import Testing

@testable import VectisCore
@testable import VectisWeb

@Suite("The error reference as pages")
struct ErrorPageTests {
    @Test func everyCodeHasAReadablePage() async throws {
        try await WebFixture.with { fixture in
            let viewer = try await fixture.signIn("viewer")
            for code in ErrorReference.codes {
                let page = try await viewer.get("/errors/\(code.rawValue)")
                #expect(page.status == 200, "\(code)")
                let main = try #require(page.text.firstMatch(of: /<main[\s\S]*<\/main>/)).0
                #expect(!main.contains("{") && !main.contains("}"), "\(code): braces")
                // The code itself is shown once, for support; nothing else is a name for machines.
                #expect(main.matches(of: /<code>/).count == 1, "\(code)")
                #expect(main.contains(HTML(text: PSAError(code, catalogue: ErrorReference.catalogue(of: code)).guidance.title).description))
            }
        }
    }

    @Test func theIndexIsSearchedInPlainWordsAndKeepsItsOldAnchors() async throws {
        try await WebFixture.with { fixture in
            let viewer = try await fixture.signIn("viewer")
            let index = try await viewer.get("/errors")
            #expect(index.status == 200 && index.body.count <= 100_000)
            for code in ErrorReference.codes {
                #expect(index.text.contains("<li id=\"\(code.anchor)\"><a href=\"/errors/\(code.rawValue)\">"), "\(code)")
            }
            let found = try await viewer.get("/errors?q=certificate+EXPIRED").text
            #expect(found.contains("/errors/tls.") && !found.contains("/errors/rate.limited\""))
            let byCode = try await viewer.get("/errors?q=auth.invalid_client").text
            #expect(byCode.contains("href=\"/errors/auth.invalid_client\""))
            let nothing = try await viewer.get("/errors?q=%3Cscript%3E").text
            #expect(nothing.contains("Nothing has all of these words") && !nothing.contains("value=\"<script>"))
            #expect(try await viewer.get("/errors?q=" + String(repeating: "a", count: 101)).status == 400)
            #expect(try await viewer.get("/errors/no.such_code").status == 404)
        }
    }
}
