import Foundation
import PSACore
import Testing
import WebServer

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Complete pages")
struct PageTests {
    /// The paths of links, forms and files in a page, without anchors.
    private func targets(_ html: String) -> Set<String> {
        Set(
            html.matches(of: /(?:href|src|action)="([^"]*)"/).map { String($0.1).replacing("&amp;", with: "&") }
                .map { String($0.prefix { $0 != "#" }) }.filter { !$0.isEmpty && !$0.contains("://") })
    }

    @Test(arguments: ["admin", "viewer"], WebFixture.Mode.allCases)
    func everyAllowedPageHasOneHeading(name: String, mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let connection = try await fixture.connect()
            try await fixture.addRule(for: connection)
            let browser = try await fixture.signIn(name)
            var seen = 0
            for route in fixture.application.router.routes where route.method == .get && !route.pattern.hasPrefix("/api") {
                let answer = try await browser.get(fixture.path(route, connection))
                // The form of a new connection opens for viewers only where it can't be sent.
                let isRefused = name == "viewer" && (route.access == .admin || route.pattern == "/integrations/new/{connector}")
                #expect(answer.status == (isRefused ? 403 : route.pattern == "/" ? 303 : 200), "\(route.pattern)")
                guard answer.headers["Content-Type"]?.hasPrefix("text/html") == true else { continue }
                seen += 1
                #expect(answer.text.matches(of: /<h1[ >]/).count == 1, "\(route.pattern)")
                #expect(answer.text.contains("<html lang=\"en\">") && answer.text.contains("</html>"))
                #expect(answer.text.matches(of: /<title>/).count == 1)
                let ids = answer.text.matches(of: /\sid="([^"]*)"/).map { String($0.1) }
                #expect(ids.count == Set(ids).count, "\(route.pattern)")
            }
            #expect(seen >= 10)
        }
    }

    @Test func aViewerSeesThePlaceholdersSettings() async throws {
        try await WebFixture.with { fixture in
            let answer = try await fixture.signIn("viewer").get("/integrations/new/autotask")
            #expect(answer.status == 200 && answer.text.contains("<fieldset disabled>"))
        }
    }

    @Test(arguments: ["admin", "viewer"])
    func everyLinkResolves(name: String) async throws {
        try await WebFixture.with { fixture in
            _ = try await fixture.connect()
            let browser = try await fixture.signIn(name)
            var (open, seen, broken) = (["/"], Set(["/"]), [String]())
            while let path = open.popLast() {
                let answer = try await browser.get(path)
                if answer.status == 303, let next = answer.headers["Location"], seen.insert(next).inserted { open.append(next) }
                guard answer.status == 200 || answer.status == 303 else {
                    broken.append("\(path): \(answer.status)")
                    continue
                }
                guard answer.headers["Content-Type"]?.hasPrefix("text/html") == true else { continue }
                for target in targets(answer.text) where target.hasPrefix("/") {
                    let path = target.prefix { $0 != "?" }
                    let segments = path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
                    if case .nothing = fixture.application.router.match(method: "GET", path: segments) {
                        broken.append("\(path) in \(target)")
                    }
                    let isPage = fixture.application.router.routes.contains { $0.method == .get && $0.match(segments) != nil }
                    if isPage, !target.contains("export"), seen.insert(target).inserted { open.append(target) }
                }
                for target in targets(answer.text) where !target.hasPrefix("/") { broken.append("\(target) in \(path) is relative") }
            }
            #expect(broken.isEmpty)
            #expect(seen.count > 10 && seen.count < 200)
        }
    }

    @Test func everyAnchorInAPageIsInThePageItLeadsTo() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            var pages: [String: String] = [:]
            for route in fixture.application.router.routes where route.method == .get && !route.pattern.hasPrefix("/api") {
                let path = fixture.path(route, connection)
                pages[path] = try await browser.get(path).text
            }
            var checked = 0
            for (path, html) in pages {
                for link in html.matches(of: /href="([^"#]*)#([^"]+)"/) where !link.1.contains("://") {
                    guard let target = pages[link.1.isEmpty ? path : String(link.1)] else { continue }
                    checked += 1
                    #expect(target.contains("id=\"\(link.2)\""), "\(link.1)#\(link.2) in \(path)")
                }
            }
            #expect(checked > 20)
        }
    }

    @Test func everyFormIsSentWithAToken() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            for route in fixture.application.router.routes
            where route.method == .get && route.access != .open && !route.pattern.hasPrefix("/api") {
                let html = try await browser.get(fixture.path(route, connection)).text
                let posts = html.matches(of: /<form[^>]*method="post"/).count
                let tokens = html.matches(of: /name="form_token" value="([^"]*)"/).map { String($0.1) }
                #expect(tokens.count == posts && tokens.allSatisfy { $0 == browser.formToken }, "\(route.pattern)")
            }
        }
    }
}
