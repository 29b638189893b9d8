import Glibc
public import PSACore

/// One headless Chromium with its own profile, controlled over WebDriver.
///
/// Every command has a deadline. Errors are ``BrowserError`` and name the selector and the page. Commands wait for a page load they
/// know of. A click, a key or a script only asks for one, and the next command may come first: seen in one of twenty clicks on a submit
/// button with scripts off. ``expectPageLoad(within:_:)`` is sure; what a page's script does later needs one of the waiting variants.
///
/// Most tests take theirs from ``SharedBrowser``, which reuses one for many tests.
public final class Browser: Sendable {
    let driver: ChromeDriver
    let session: String

    private init(driver: ChromeDriver, session: String) {
        self.driver = driver
        self.session = session
    }

    /// Starts a browser.
    ///
    /// - Parameters:
    ///   - options: What it pretends to be.
    ///   - driver: The driver to use; nil for the shared one.
    /// - Returns: The browser, showing an empty page. Call ``close()`` in the end.
    /// - Throws: ``BrowserError``, or `CancellationError`.
    public static func start(_ options: BrowserOptions = BrowserOptions(), driver: ChromeDriver? = nil) async throws -> Browser {
        let driver = if let driver { driver } else { try await ChromeDriver.shared() }
        let answer = try await driver.send(.post, "/session", body: capabilities, within: .seconds(90))
        guard let session = answer["sessionId"]?.string else { throw BrowserError(.refused, "chromedriver gave no session id.") }
        let browser = Browser(driver: driver, session: session)
        do {
            try await browser.apply(options)
        } catch {
            await browser.close()
            throw error
        }
        return browser
    }

    /// Runs a body with a browser of its own, and closes it whether the body throws or not.
    public static func with<Result>(
        _ options: BrowserOptions = BrowserOptions(), driver: ChromeDriver? = nil, _ body: (Browser) async throws -> Result
    ) async throws -> Result {
        let browser = try await start(options, driver: driver)
        do {
            let result = try await body(browser)
            await browser.close()
            return result
        } catch {
            await browser.close()
            throw error
        }
    }

    /// Ends the browser; one that has crashed or is closed already is fine as well.
    public func close() async {
        // A cancelled test must end its browser all the same.
        let end = Task { _ = try? await driver.send(.delete, "/session/{id}", [session], within: .seconds(10)) }
        await end.value
    }

    /// Opens an address and waits until the page has loaded.
    ///
    /// - Throws: ``BrowserError`` of kind `pageNotLoaded` if the browser shows its own error page instead. An HTTP status such as 404 with a
    ///   body is a page.
    public func open(_ url: String) async throws {
        do {
            _ = try await command(.post, "/url", body: ["url": .string(url)])
        } catch let error as BrowserError where error.kind == .refused && error.message.contains("net::ERR") {
            throw BrowserError(.pageNotLoaded, error.message, pageURL: url)
        }
        if try await script("return location.protocol") == "chrome-error:" {
            throw BrowserError(.pageNotLoaded, "The address can't be reached.", pageURL: url)
        }
    }

    /// The address of the page.
    public func url() async throws -> String { try await text(.get, "/url") }

    /// The page's title.
    public func title() async throws -> String { try await text(.get, "/title") }

    /// The page as HTML, as it is now.
    public func pageSource() async throws -> String { try await text(.get, "/source") }

    /// Goes back one page.
    public func goBack() async throws { _ = try await command(.post, "/back") }

    /// Loads the page again.
    public func refresh() async throws { _ = try await command(.post, "/refresh") }

    /// Runs a script's text as the body of a function and brings back what it returns, as JSON.
    ///
    /// - Parameters:
    ///   - script: JavaScript with a `return`; it sees the values as `arguments[0]` and so on. A promise is awaited.
    ///   - arguments: Values for it; ``Element/argument`` hands over an element.
    /// - Returns: What it returned; null for undefined.
    /// - Throws: ``BrowserError`` of kind `scriptFailed` with the exception's message.
    @discardableResult
    public func script(_ script: String, _ arguments: [JSONValue] = []) async throws -> JSONValue {
        try await command(.post, "/execute/sync", body: ["script": .string(script), "args": .array(arguments)])
    }

    /// Sends a command of the Chrome DevTools protocol.
    @discardableResult
    public func devTools(_ name: String, _ parameters: JSONValue = [:]) async throws -> JSONValue {
        try await command(.post, "/goog/cdp/execute", body: ["cmd": .string(name), "params": parameters])
    }

    /// Sends a command of this session; an error gets the selector and, where the page still answers, its address.
    func command(
        _ method: TransportMethod, _ route: String, _ values: [String] = [], body: JSONValue? = nil, selector: String? = nil
    ) async throws -> JSONValue {
        do {
            return try await driver.send(method, "/session/{id}" + route, [session] + values, body: body)
        } catch var error as BrowserError {
            error.selector = selector
            if route != "/url", error.kind != .crashed, error.kind != .driverGone { error.pageURL = try? await url() }
            throw error
        }
    }

    private func text(_ method: TransportMethod, _ route: String) async throws -> String {
        try await command(method, route).string ?? ""
    }

    private static var capabilities: JSONValue {
        var arguments: [JSONValue] = [
            "--headless=new", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb",
            // Nothing but the pages under test is asked for.
            "--disable-background-networking", "--disable-component-update", "--no-first-run", "--no-proxy-server",
            // Without this the browser listens on a port and outlives a driver that was killed.
            "--remote-debugging-pipe",
        ]
        // Chromium's sandbox refuses to work for root.
        if geteuid() == 0 { arguments.append("--no-sandbox") }
        return [
            "capabilities": [
                "alwaysMatch": [
                    "browserName": "chrome",
                    "timeouts": ["implicit": 0, "pageLoad": 30_000, "script": 15_000],
                    "goog:loggingPrefs": ["browser": "ALL"],
                    "goog:chromeOptions": ["args": .array(arguments)],
                ]
            ]
        ]
    }
}
