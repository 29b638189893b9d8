package import FoundationEssentials
package import PSACore

/// A failure as plain text that a person sends to someone who helps: what a program needs to find it, and nothing else.
package struct SupportText: Sendable {
    private let lines: [(name: String, value: String)]

    /// Reads a failure.
    ///
    /// - Parameters:
    ///   - problem: Problem JSON.
    ///   - time: When it happened; nil if that is not known.
    ///   - versions: The versions of the host.
    package init(problem: JSONView?, at time: Date?, versions: String) {
        let vendor = problem?["vendor"]
        let values: [(String, String?)] = [
            ("Code", problem?["code"]?.string), ("Title", problem?["title"]?.string), ("Detail", problem?["detail"]?.string),
            ("Connector", problem?["connector"]?.string), ("Correlation id", problem?["correlationID"]?.string),
            ("Request", problem?["request"]?.string), ("Status", vendor?["status"]?.text.map { "HTTP \($0)" }),
            ("Vendor code", vendor?["code"]?.string), ("Vendor message", vendor?["message"]?.string),
            ("Vendor request id", vendor?["requestID"]?.string), ("Time", time?.formatted(.iso8601)), ("Versions", versions),
        ]
        lines = values.compactMap { name, value in value.flatMap { $0.isEmpty ? nil : (name, String($0.prefix(1_000))) } }
    }

    /// The text, a line for each fact.
    package var text: String { lines.map { "\($0.name): \($0.value)" }.joined(separator: "\n") }
}
