import BrowserSupport
import HaloSimulator
import PSACore
import Testing

/// A page in a state worth looking at: for the audits, and for pictures.
struct PageState: Sendable, CustomTestStringConvertible {
    let name: String
    /// Whether a user is signed in.
    var isSignedIn = true
    /// Whether its host reads local copies.
    var syncs = false
    /// Brings a browser there from the overview of a host without connections.
    let open: @Sendable (Browser, AdminHost) async throws -> Void

    var testDescription: String { name }

    init(
        _ name: String, isSignedIn: Bool = true, syncs: Bool = false, _ open: @escaping @Sendable (Browser, AdminHost) async throws -> Void
    ) {
        self.name = name
        self.isSignedIn = isSignedIn
        self.syncs = syncs
        self.open = open
    }

    /// A page that its address alone brings up.
    init(_ name: String, isSignedIn: Bool = true, path: String) {
        self.init(name, isSignedIn: isSignedIn) { try await $0.open($1.url + path) }
    }

    /// Every page, in the states that look different.
    static let all: [PageState] = plain + integrations + form + ticketDefaults + rules + notifications + data

    private static let plain = [
        PageState("sign-in", isSignedIn: false, path: "/sign-in"),
        PageState("sign-in-refused", isSignedIn: false) { browser, host in
            try await browser.open(host.url + "/sign-in")
            try await browser.fill("#name", with: "nobody")
            try await browser.fill("#password", with: "wrong")
            try await browser.follow("main button")
        },
        PageState("audit") { browser, host in
            try await host.connect("Acme")
            try await browser.open(host.url + "/audit")
        },
        PageState("audit-empty", path: "/audit?user=nobody"),
        PageState("audit-problem", path: "/audit?from=soon"),
        PageState("guides", path: "/guides"),
        PageState("guide", path: "/guides/connect-halopsa"),
        PageState("errors", path: "/errors"),
        PageState("errors-found", path: "/errors?q=certificate"),
        PageState("error", path: "/errors/auth.invalid_client"),
        PageState("accounts", path: "/accounts"),
        PageState("accounts-problems") { browser, host in
            try await browser.open(host.url + "/accounts")
            try await browser.follow("main form .primary")
        },
        PageState("own-account", path: "/account"),
        PageState("sign-in-code", isSignedIn: false, path: "/sign-in/code"),
        PageState("second-factor") { browser, host in
            try await host.admin.send(.post, "/api/v1/account/second-factor", ["password": .string(host.password)])
            try await browser.open(host.url + "/account/second-factor")
        },
        PageState("not-found", path: "/nowhere"),
    ]

    private static let integrations = [
        PageState("integrations-empty", path: "/integrations"),
        PageState("integrations") { browser, host in
            let id = try await host.connect("Acme Managed Services")
            try await host.connect("Boreal Dental", to: HaloSimulatorProcess(url: "http://127.0.0.2"), tested: false)
            try await host.tenant.show("deny:ClientContract")
            try await host.admin.send(.post, "/api/v1/connections/\(id)/test")
            try await browser.open(host.url + "/integrations")
        },
        PageState("integrations-connected") { browser, host in
            try await host.connect("Acme Managed Services")
            try await browser.open(host.url + "/integrations?notice=saved")
        },
        PageState("form-issues") { browser, host in
            let id = try await host.connect("Acme Managed Services")
            try await host.tenant.show("server-error")
            try await host.admin.send(.post, "/api/v1/connections/\(id)/test")
            try await host.tenant.show()
            try await browser.open(host.url + "/integrations/\(id)/settings")
        },
        PageState("connection-issues") { browser, host in
            let id = try await host.connect("Acme Managed Services")
            try await host.tenant.show("server-error")
            try await host.admin.send(.post, "/api/v1/connections/\(id)/test")
            try await host.tenant.show()
            try await browser.open(host.url + "/integrations/\(id)")
        },
        PageState("connection") { browser, host in
            let id = try await host.connect("Acme Managed Services")
            try await browser.open(host.url + "/integrations/\(id)")
        },
        PageState("connection-test") { browser, host in
            let id = try await host.connect("Acme Managed Services")
            try await host.tenant.show("server-error")
            try await host.admin.send(.post, "/api/v1/connections/\(id)/test")
            try await host.tenant.show()
            try await browser.open(host.url + "/integrations/\(id)")
            try await browser.follow("[aria-labelledby=tests] tbody a")
        },
        PageState("remove") { browser, host in
            let id = try await host.connect("Acme")
            try await browser.open(host.url + "/integrations/\(id)/remove")
        },
    ]

    private static let form = [
        PageState("form", path: "/integrations/new/halopsa"),
        PageState("form-placeholder", path: "/integrations/new/autotask"),
        PageState("form-demo", path: "/integrations/new/halopsa?fill=demo"),
        PageState("form-problems") { browser, host in
            try await browser.open(host.url + "/integrations/new/halopsa")
            try await browser.fillConnection(["tenantURL": "ftp://acme"])
            try await browser.follow(Browser.save)
        },
        PageState("guidance") { browser, host in
            try await browser.open(host.url + "/integrations/new/halopsa")
            try await browser.fillConnection(host.tenant.settings.merging(["clientSecret": "wrong"]) { $1 })
            try await browser.test()
        },
        PageState("guidance-suggestion") { browser, host in
            try await browser.open(host.url + "/integrations/new/halopsa")
            try await browser.fillConnection(host.tenant.settings.merging(Signal.unknownTenant.wrong) { $1 })
            try await browser.test()
            try await browser.click(".guidance details:not(.support) summary")
        },
        PageState("form-success") { browser, host in
            try await browser.open(host.url + "/integrations/new/halopsa")
            try await browser.fillConnection(host.tenant.settings)
            try await browser.test()
        },
        PageState("form-untested") { browser, host in
            try await browser.open(host.url + "/integrations/new/halopsa")
            try await browser.fillConnection(host.tenant.settings)
            try await browser.follow(Browser.save)
        },
    ]

    private static let ticketDefaults = [
        PageState("defaults-lists") { browser, host in
            let id = try await host.connect("Acme", changing: ["ticketTypeID": "4"])
            try await browser.open(host.url + "/integrations/\(id)/ticket-defaults?notice=defaults")
        },
        PageState("defaults-fields") { browser, host in
            let id = try await host.connect("Acme", changing: ["ticketTypeID": "40"])
            try await browser.open(host.url + "/integrations/\(id)/ticket-defaults")
            try await browser.script("for (const part of document.querySelectorAll('details')) part.open = true")
        },
        PageState("defaults-field-unsupported") { browser, host in
            let id = try await host.connect("Acme", changing: ["ticketTypeID": "43"])
            try await browser.open(host.url + "/integrations/\(id)/ticket-defaults")
        },
        PageState("defaults-typed") { browser, host in
            let id = try await host.connect("Acme")
            try await browser.open(host.url + "/integrations/\(id)/ticket-defaults?ids=typed")
            try await browser.fill("#field-type", with: "999")
            try await browser.follow(Browser.save)
        },
        PageState("defaults-unreadable") { browser, host in
            let id = try await host.connect("Acme")
            try await host.tenant.show("deny:TicketType")
            try await browser.open(host.url + "/integrations/\(id)/ticket-defaults")
        },
        PageState("defaults-test-ticket") { browser, host in
            let id = try await host.connect("Acme", tested: false, changing: ["ticketTypeID": "999"])
            try await browser.open(host.url + "/integrations/\(id)/ticket-defaults")
            try await browser.follow("form[action$='/test-ticket'] button")
        },
    ]
}
