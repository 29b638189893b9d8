import Foundation
import Glibc
import PSACore
import PSACurl
import Synchronization

/// A `chromedriver` process, which starts and controls headless browsers.
///
/// Tests share ``shared()``; it starts on first use and ends with the test process, however that ends. A driver made by
/// ``start(searchPath:within:)`` is the caller's to ``stop()``, and stops as well when the process ends.
public final class ChromeDriver: Sendable {
    /// The line that installs what is needed, on Debian.
    public static let installCommand =
        "sudo apt-get install -y --no-install-recommends chromium chromium-driver fonts-dejavu-core"

    private static let sharedStart = Mutex<Task<ChromeDriver, any Error>?>(nil)

    private let process: DriverProcess
    private let transport: CurlTransport
    private let origin: ServiceURL

    private init(process: DriverProcess) throws {
        self.process = process
        origin = try ServiceURL(typed: "http://127.0.0.1:\(process.port)", policy: .allowingLoopback)
        transport = CurlTransport(maximumConnectionsPerHost: 64)
    }

    /// The one driver of this process.
    ///
    /// - Throws: ``BrowserError`` if chromium is missing or the driver does not start; then each call says so again.
    public static func shared() async throws -> ChromeDriver {
        let start = sharedStart.withLock { start in
            let task = start ?? Task { try await ChromeDriver.start() }
            start = task
            return task
        }
        return try await start.value
    }

    /// Starts a driver.
    ///
    /// - Parameters:
    ///   - searchPath: Folders to look for `chromedriver` and `chromium` in, separated by colons; nil for those of `PATH`.
    ///   - limit: How long it may take until it listens.
    /// - Returns: The driver, ready for sessions.
    /// - Throws: ``BrowserError``.
    public static func start(searchPath: String? = nil, within limit: Duration = .seconds(30)) async throws -> ChromeDriver {
        let path = searchPath ?? ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        guard let executable = find("chromedriver", in: path), find("chromium", in: path) != nil else {
            throw BrowserError(.notInstalled, "Browser tests need chromium and chromedriver. Please run: \(installCommand)")
        }
        return try ChromeDriver(process: await DriverProcess.start(executable: executable, within: limit))
    }

    /// Ends the driver and every browser it started, and waits until they are gone.
    public func stop() async { await process.stop() }

    /// Sends one WebDriver command.
    ///
    /// - Parameters:
    ///   - method: The command's method.
    ///   - route: Its path; values in braces are filled from `values`.
    ///   - values: One value for each pair of braces.
    ///   - body: Its parameters; a POST without any sends an empty object.
    ///   - limit: How long the answer may take.
    /// - Returns: The `value` of the answer.
    /// - Throws: ``BrowserError``, or `CancellationError`.
    func send(
        _ method: TransportMethod, _ route: String, _ values: [String] = [], body: JSONValue? = nil, within limit: Duration = .seconds(45)
    ) async throws -> JSONValue {
        var request = TransportRequest(method, origin, route: route, pathValues: values, addressPolicy: .allowingLoopback)
        if method == .post {
            request.body = (body ?? .object([])).encoded
            request.headers["Content-Type"] = "application/json; charset=utf-8"
        }
        request.timeout = limit
        // Full-page screenshots travel as base64.
        request.maximumResponseBytes = 128 << 20
        let response: TransportResponse
        do {
            response = try await transport.send(request)
        } catch let error as TransportError where error.kind == .timedOut {
            throw BrowserError(.timedOut, "The browser did not answer \(method.rawValue) \(route) within \(limit).")
        } catch let error as TransportError {
            throw BrowserError(.driverGone, "chromedriver does not answer any more (\(error)). Was it stopped, or did it crash?")
        }
        guard let value = try? JSONDocument(response.body).root.member("value") else {
            throw BrowserError(.refused, "chromedriver answered \(method.rawValue) \(route) with \(response) that is not WebDriver.")
        }
        guard response.status < 400 else { throw BrowserError(driverCode: value["error"]?.string, message: value["message"]?.string) }
        return JSONValue(value)
    }

    private static func find(_ program: String, in path: String) -> String? {
        path.split(separator: ":").map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
    }
}

extension BrowserError {
    /// Reads an error of the WebDriver standard; only the first line of its message is of use, the rest is a stack of addresses.
    init(driverCode code: String?, message: String?) {
        let words = message.flatMap { $0.split(whereSeparator: \.isNewline).first }.map(String.init) ?? "no further words"
        switch code {
        case "no such element": self.init(.noSuchElement, "No element matches.")
        case "stale element reference", "detached shadow root", "no such frame", "no such window":
            self.init(.staleElement, "The element is not on the page any more; find it again.")
        case "element not interactable", "element click intercepted", "invalid element state":
            self.init(.notInteractable, "The element can't be used: \(words).")
        case "tab crashed": self.init(.crashed, "The page's process crashed. This session is of no further use.")
        case "invalid session id", "disconnected", "session not created", "chrome not reachable":
            self.init(.crashed, "Chromium did not start, crashed or was closed: \(words).")
        case "javascript error", "script timeout": self.init(.scriptFailed, "\(words).")
        case "timeout": self.init(.timedOut, "\(words).")
        default: self.init(.refused, "chromedriver refused (\(code ?? "no code")): \(words).")
        }
    }
}
