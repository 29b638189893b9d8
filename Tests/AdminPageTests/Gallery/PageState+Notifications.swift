import BrowserSupport
import PSACore

extension PageState {
    /// The pages about contact points and messages.
    static let notifications: [PageState] = [
        PageState("notifications-empty", path: "/notifications"),
        PageState("contact-point-form-email", path: "/notifications/new?kind=email"),
        PageState("contact-point-form-webhook") { browser, host in
            try await host.connect("Acme Managed Services")
            try await browser.open(host.url + "/notifications/new?kind=webhook")
        },
        PageState("contact-point-form-problems") { browser, host in
            try await browser.open(host.url + "/notifications/new?kind=email")
            try await browser.fill("#field-server", with: "127.0.0.1")
            try await browser.click("details.advanced summary")
            try await browser.fill("#field-groupingMinutes", with: "often")
            try await browser.follow("main form .primary")
        },
        PageState("contact-point") { browser, host in
            try await addContactPoint(browser, host)
        },
        PageState("contact-point-test-refused") { browser, host in
            try await addContactPoint(browser, host)
            try await browser.follow("form[action$='/test'] button")
        },
        PageState("contact-point-remove") { browser, host in
            try await addContactPoint(browser, host)
            try await browser.follow("a[href$='/remove']")
        },
        PageState("notifications") { browser, host in
            try await addContactPoint(browser, host)
            try await browser.follow("form[action$='/test'] button")
            try await browser.open(host.url + "/notifications")
        },
    ]

    /// Saves one whose server does not exist, and opens its page.
    private static func addContactPoint(_ browser: Browser, _ host: AdminHost) async throws {
        try await browser.open(host.url + "/notifications/new?kind=email")
        try await browser.fill("#field-name", with: "On-call team")
        try await browser.fill("#field-server", with: "smtp.acme.invalid")
        try await browser.fill("#field-sender", with: "vectis@acme.example")
        try await browser.fill("#field-recipients", with: "noc@acme.example")
        try await browser.follow("main form .primary")
    }
}
