import Foundation
import PSACore
import PSATesting
import Testing
import WebServer
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("What each role may do")
struct RoleTests {
    /// The decision on every route, one list for each kind of access; a new route needs a line here.
    private static let table: [(access: Route.Access, routes: String)] = [
        (
            .open,
            """
            GET /assets/{name}
            GET /healthz
            POST /hooks/{connection}/{token}
            GET /metrics
            GET /sign-in
            POST /sign-in
            GET /sign-in/code
            POST /sign-in/code
            GET /api/v1/openapi.json
            POST /api/v1/session
            """
        ),
        (
            .sender,
            """
            POST /api/v1/events
            """
        ),
        (
            .viewer,
            """
            GET /
            GET /account
            POST /account
            POST /account/preferences
            GET /account/second-factor
            POST /account/second-factor
            POST /account/second-factor/confirm
            POST /account/second-factor/remove
            POST /account/sessions/end
            POST /account/sessions/{id}/end
            GET /audit
            GET /audit/export.csv
            GET /audit/export.json
            GET /connections/{id}/data
            GET /connections/{id}/data/{resource}
            GET /connections/{id}/data/{resource}/export.csv
            GET /connections/{id}/data/{resource}/export.jsonl
            GET /connections/{id}/data/{resource}/records/{record}
            GET /connections/{id}/detectors
            GET /errors
            GET /errors/{code}
            GET /events
            GET /events/{id}
            GET /guides
            GET /guides/{slug}
            GET /integrations
            GET /integrations/new/{connector}
            GET /integrations/{id}
            GET /integrations/{id}/tests/{test}
            GET /integrations/{id}/ticket-defaults
            GET /jobs
            GET /jobs/{id}
            GET /notifications
            GET /notifications/{id}
            GET /retention
            GET /rules
            GET /rules/{id}
            GET /rules/match
            POST /sign-out
            PUT /api/v1/account/password
            GET /api/v1/account/preferences
            PUT /api/v1/account/preferences
            GET /api/v1/account/second-factor
            POST /api/v1/account/second-factor
            POST /api/v1/account/second-factor/confirmation
            POST /api/v1/account/second-factor/removal
            DELETE /api/v1/account/sessions
            GET /api/v1/account/sessions
            DELETE /api/v1/account/sessions/{id}
            GET /api/v1/audit
            GET /api/v1/connections
            GET /api/v1/connections/{id}/agreements
            GET /api/v1/connections/{id}/changes
            GET /api/v1/connections/{id}/companies
            GET /api/v1/connections/{id}/contacts
            GET /api/v1/connections/{id}/detectors
            GET /api/v1/connections/{id}/overview
            GET /api/v1/connections/{id}/tests
            GET /api/v1/connections/{id}/tests/{test}
            GET /api/v1/connections/{id}/detectors/{kind}/findings
            GET /api/v1/connections/{id}/recurring-invoices
            GET /api/v1/connections/{id}/sync
            GET /api/v1/connections/{id}/ticket-choices
            GET /api/v1/connections/{id}/ticket-defaults
            GET /api/v1/connections/{id}/ticket-field-choices
            GET /api/v1/connections/{id}/ticket-fields
            GET /api/v1/connections/{id}/tickets
            GET /api/v1/connections/{id}/tickets/{ticket}
            GET /api/v1/connectors
            GET /api/v1/connectors/{connector}
            GET /api/v1/contact-points
            GET /api/v1/contact-points/{id}
            GET /api/v1/errors
            GET /api/v1/errors/{code}
            GET /api/v1/events
            GET /api/v1/events/{id}
            GET /api/v1/issues
            GET /api/v1/jobs
            GET /api/v1/jobs/{id}
            GET /api/v1/notifications
            GET /api/v1/outbox-limits
            GET /api/v1/retention
            GET /api/v1/rule-templates
            GET /api/v1/rules
            GET /api/v1/rules/{id}
            DELETE /api/v1/session
            GET /api/v1/session
            """
        ),
        (
            .operator,
            """
            GET /connections/{id}/company-mappings
            POST /jobs/bulk
            POST /jobs/bulk/confirmed
            GET /jobs/uploads/{id}/forget
            POST /jobs/uploads/{id}/forget
            POST /jobs/{id}/decide
            GET /jobs/{job}/correct
            POST /jobs/{job}/correct
            POST /notifications/{id}/test
            GET /rules/companies
            POST /rules/companies/mappings/{id}/remove
            GET /rules/companies/{id}
            POST /rules/companies/{id}
            POST /rules/companies/{id}/dismiss
            GET /rules/new
            GET /rules/company-names
            POST /rules/preview
            GET /rules/{id}/confirm
            POST /rules/new
            GET /rules/{id}/edit
            POST /rules/{id}/edit
            POST /rules/{id}/held
            POST /rules/{id}/mode
            POST /rules/{id}/remove
            POST /rules/{id}/replay
            GET /api/v1/company-mappings
            POST /api/v1/company-mappings
            PUT /api/v1/company-mappings/unmatched/{id}
            DELETE /api/v1/company-mappings/{id}
            POST /api/v1/contact-points/{id}/test
            POST /api/v1/jobs/bulk
            POST /api/v1/jobs/{id}/discard
            POST /api/v1/jobs/{id}/resend
            POST /api/v1/jobs/{id}/resolve
            POST /api/v1/rules
            POST /api/v1/rules/preview
            PUT /api/v1/rules/{id}
            DELETE /api/v1/rules/{id}
            PUT /api/v1/rules/{id}/mode
            POST /api/v1/rules/{id}/replay
            POST /api/v1/rules/{id}/reviews
            """
        ),
        (
            .admin,
            """
            GET /accounts
            POST /accounts
            GET /accounts/{name}/remove
            POST /accounts/{name}/remove
            POST /accounts/{name}/role
            GET /accounts/{name}/second-factor
            POST /accounts/{name}/second-factor
            GET /connections/{id}/data/{resource}/missing
            POST /connections/{id}/data/{resource}/missing
            POST /connections/{id}/data/{resource}/records/{record}/read-again
            POST /connections/{id}/detectors
            GET /connections/{id}/hook
            POST /connections/{id}/hook
            POST /connections/{id}/hook/disable
            POST /connections/{id}/sync
            POST /connections/{id}/sync-pause
            POST /integrations/new/{connector}
            POST /integrations/new/{connector}/test
            POST /integrations/{id}/check
            GET /integrations/{id}/diagnostics
            GET /integrations/{id}/settings
            POST /integrations/{id}/settings
            POST /integrations/{id}/settings/test
            GET /integrations/{id}/remove
            POST /integrations/{id}/remove
            POST /integrations/{id}/ticket-defaults
            POST /integrations/{id}/ticket-defaults/test-ticket
            GET /notifications/new
            POST /notifications/new
            POST /notifications/{id}
            GET /notifications/{id}/remove
            POST /notifications/{id}/remove
            POST /onboarding
            POST /retention
            GET /rules/limits
            POST /rules/limits
            GET /api-keys
            POST /api-keys
            GET /api-keys/{id}
            POST /api-keys/{id}
            GET /api-keys/{id}/revoke
            POST /api-keys/{id}/revoke
            POST /api-keys/{id}/test-event
            GET /api/v1/accounts
            POST /api/v1/accounts
            DELETE /api/v1/accounts/{name}
            PUT /api/v1/accounts/{name}
            DELETE /api/v1/accounts/{name}/second-factor
            GET /api/v1/api-keys
            POST /api/v1/api-keys
            DELETE /api/v1/api-keys/{id}
            GET /api/v1/api-keys/{id}
            PUT /api/v1/api-keys/{id}
            POST /api/v1/api-keys/{id}/test-event
            POST /api/v1/connection-tests
            POST /api/v1/connections
            DELETE /api/v1/connections/{id}
            GET /api/v1/connections/{id}/diagnostics
            GET /api/v1/connections/{id}
            PUT /api/v1/connections/{id}
            PUT /api/v1/connections/{id}/detectors
            DELETE /api/v1/connections/{id}/hook
            GET /api/v1/connections/{id}/hook
            PUT /api/v1/connections/{id}/hook
            POST /api/v1/connections/{id}/sync
            POST /api/v1/connections/{id}/test
            POST /api/v1/connections/{id}/test-ticket
            PUT /api/v1/connections/{id}/ticket-defaults
            POST /api/v1/contact-points
            DELETE /api/v1/contact-points/{id}
            PUT /api/v1/contact-points/{id}
            GET /api/v1/onboarding
            PUT /api/v1/onboarding
            PUT /api/v1/outbox-limits
            PUT /api/v1/retention
            """
        ),
    ]

    private static var decisions: [String: Route.Access] {
        let pairs = table.flatMap { entry in entry.routes.split(separator: "\n").map { (String($0), entry.access) } }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func name(_ route: Route) -> String { "\(route.method.rawValue) \(route.pattern)" }

    /// Sends the request of a route as a page or a program does, without content.
    private static func answer(_ route: Route, _ browser: Browser, _ path: String) async throws -> WebAnswer {
        if route.pattern.hasPrefix("/api/v1") {
            return try await browser.fixture.send(
                route.method.rawValue, path,
                [("Cookie", browser.cookie), ("X-Form-Token", browser.formToken), ("Content-Type", "application/json")],
                body: route.method == .get ? [] : Array("{}".utf8))
        }
        return route.method == .get ? try await browser.get(path) : try await browser.post(path)
    }

    @Test func everyRouteHasADecision() async throws {
        try await WebFixture.with { fixture in
            let routes = fixture.application.router.routes
            let lines = Self.table.reduce(0) { $0 + $1.routes.split(separator: "\n").count }
            #expect(lines == Self.decisions.count, "a route stands twice in the table")
            for route in routes {
                #expect(Self.decisions[Self.name(route)] == route.access, "\(Self.name(route)): \(route.access)")
            }
            #expect(Set(Self.decisions.keys) == Set(routes.map(Self.name)))
        }
    }

    @Test("each role reaches the routes that the table gives it, and no others", arguments: Role.allCases)
    func access(role: Role) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.addRule(for: connection)
            try await fixture.addContactPoint(for: connection)
            for route in fixture.application.router.routes {
                guard let needed = (Self.decisions[Self.name(route)] ?? .admin).role else { continue }
                // The route before may have ended the session, or removed the account.
                let browser = try await fixture.signIn(as: role)
                // The form of a new connection opens for others only where it can't be sent.
                let path = fixture.path(route, connection).replacing("/integrations/new/scripted", with: "/integrations/new/autotask")
                let status = try await Self.answer(route, browser, path).status
                #expect(status != 401, "\(Self.name(route))")
                #expect((status == 403) == !role.includes(needed), "\(Self.name(route)): \(status)")
            }
        }
    }

    @Test("no page offers a role what it may not do", arguments: Role.allCases)
    func offers(role: Role) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.addRule(for: connection)
            try await fixture.addContactPoint(for: connection)
            let browser = try await fixture.signIn(as: role)
            var offers = 0
            for route in fixture.application.router.routes where route.method == .get && !route.pattern.hasPrefix("/api/") {
                let answer = try await browser.get(fixture.path(route, connection))
                guard answer.status == 200, answer.headers["Content-Type"]?.hasPrefix("text/html") == true else { continue }
                for offer in Self.offers(in: answer.text) {
                    let segments = offer.path.split(separator: "/").map(String.init)
                    guard case .route(let target, _) = fixture.application.router.match(method: offer.method, path: segments) else {
                        Issue.record("\(route.pattern) leads to \(offer.method) \(offer.path), which is no route")
                        continue
                    }
                    offers += 1
                    #expect(target.access.role.map(role.includes) ?? true, "\(route.pattern) offers \(Self.name(target))")
                }
            }
            #expect(offers > 100)
        }
    }

    /// The links and forms of a page that lead to this host.
    private static func offers(in page: String) -> [(method: String, path: String)] {
        let links = page.matches(of: /href="(\/[^"#?]*)/).map { (method: "GET", path: String($0.1)) }
        // A form whose fields are disabled only shows them.
        let forms = page.split(separator: "<form ").dropFirst().filter {
            !($0.split(separator: "</form>").first ?? "").contains("<fieldset disabled")
        }
        .compactMap { $0.prefixMatch(of: /method="(\w+)" action="(\/[^"#?]*)/) }
        .map { (method: $0.1.uppercased(), path: String($0.2)) }
        let buttons = page.matches(of: /formaction="(\/[^"#?]*)/).map { (method: "POST", path: String($0.1)) }
        return links + forms + buttons
    }

    @Test func anOperatorMayDoWhatAViewerMayAndAnAdministratorEverything() {
        for role in Role.allCases {
            #expect(Role.admin.includes(role) && role.includes(.viewer) && role.includes(role))
            #expect(role.includes(.operator) == (role != .viewer) && role.includes(.admin) == (role == .admin))
        }
    }
}

extension WebFixture {
    /// Signs in to an account of the role that no other test uses; it is made for each call.
    func signIn(as role: Role) async throws -> Browser {
        let name = "\(role.rawValue)-\(UUID().uuidString.prefix(8).lowercased())"
        let account = Account(
            name: try #require(AccountName(name)), role: role, passwordHash: try await services.signIn.hash(Self.password),
            createdAt: time.now)
        try await services.storage.add(account, audit: .sample(.accountCreated))
        return try await signIn(name)
    }
}
