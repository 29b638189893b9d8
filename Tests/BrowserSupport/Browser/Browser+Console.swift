import PSACore

/// A line of the browser's console.
public struct ConsoleMessage: Sendable, Equatable, CustomStringConvertible {
    /// `SEVERE`, `WARNING`, `INFO` or `DEBUG`.
    public var level: String
    /// Where it comes from: `javascript`, `network`, `security`, `console-api` and so on.
    public var source: String
    /// The text, with the address and line in front.
    public var text: String

    /// Whether it is an error: an exception, a failed request (a missing favicon counts), a breach of the content security policy.
    public var isError: Bool { level == "SEVERE" }

    /// Level, source and text.
    public var description: String { "\(level) \(source): \(text)" }
}

extension Browser {
    /// What the console got since the last call.
    public func consoleMessages() async throws -> [ConsoleMessage] {
        guard case .array(let lines) = try await command(.post, "/se/log", body: ["type": "browser"]) else { return [] }
        return lines.map {
            ConsoleMessage(
                level: $0["level"]?.string ?? "", source: $0["source"]?.string ?? "", text: $0["message"]?.string ?? "")
        }
    }

    /// The errors among what the console got since the last call.
    public func consoleErrors() async throws -> [ConsoleMessage] { try await consoleMessages().filter(\.isError) }
}
