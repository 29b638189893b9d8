import Synchronization

/// One browser for many tests, which use it one at a time.
///
/// A suite holds it in a `static let`. Each turn begins with an empty page, no cookies, no storage of the page shown last, an empty
/// console and the requested options; that costs a tenth of starting a browser. A browser that crashed is replaced for the next use.
/// It ends with the test process.
public final class SharedBrowser: Sendable {
    private let driver: ChromeDriver?
    private let current = Mutex<Browser?>(nil)
    private let turns = Turns()

    /// Declares a browser; it starts with the first use.
    ///
    /// - Parameter driver: The driver to use; nil for the shared one.
    public init(driver: ChromeDriver? = nil) { self.driver = driver }

    /// Waits for exclusive use and runs a body with the browser.
    ///
    /// - Parameters:
    ///   - options: The browser's emulation during this use.
    ///   - body: The test.
    /// - Returns: What the body returns.
    /// - Throws: ``BrowserError`` if the browser does not start, or what the body throws.
    public func use<Result>(_ options: BrowserOptions = BrowserOptions(), _ body: (Browser) async throws -> Result) async throws -> Result {
        await turns.take()
        defer { turns.pass() }
        try Task.checkCancellation()
        return try await body(ready(options))
    }

    /// Ends the browser; a later use starts another.
    public func close() async {
        await turns.take()
        defer { turns.pass() }
        await current.withLock { $0.take() }?.close()
    }

    private func ready(_ options: BrowserOptions) async throws -> Browser {
        if let browser = current.withLock({ $0 }) {
            do {
                try await browser.reset(to: options)
                return browser
            } catch is BrowserError {
                // It crashed in an earlier use, which has reported that.
                await browser.close()
            }
        }
        let browser = try await Browser.start(options, driver: driver)
        current.withLock { $0 = browser }
        return browser
    }
}

/// First come, first served.
private final class Turns: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func take() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isTaken { state.waiting.append(continuation) }
                defer { state.isTaken = true }
                return !state.isTaken
            }
            if isFree { continuation.resume() }
        }
    }

    func pass() {
        let next = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isTaken = false
                return nil as CheckedContinuation<Void, Never>?
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
