import PSACore

/// A line of a connector, parsed as far as its envelope.
enum IncomingMessage: Sendable {
    case hello(contract: Int)
    case result(call: Int, JSONView)
    case error(call: Int, JSONView)
    case progress(call: Int, JSONView)
    case request(call: Int, id: String, JSONView)
    case log(level: LogLevel, text: String)

    /// The level of a log line.
    enum LogLevel: String, Sendable, CaseIterable {
        case info, warning, error
    }

    private enum Kind: String, CaseIterable {
        case hello, result, error, progress, request, log
    }

    /// Reads a line.
    ///
    /// - Throws: ``WireMismatch``.
    init(_ line: [UInt8]) throws(WireMismatch) {
        let root: JSONView
        do {
            root = try JSONDocument(line).root
        } catch {
            throw WireMismatch(path: "", wanted: .json)
        }
        let message = try WireObject(root)
        switch try message.word("type", Kind.self) {
        case .hello: self = .hello(contract: try message.number("contract"))
        case .result: self = .result(call: try message.number("id"), try message.content("value"))
        case .error: self = .error(call: try message.number("id"), try message.content("error"))
        case .progress: self = .progress(call: try message.number("call"), try message.content("check"))
        case .request:
            self = .request(
                call: try message.number("call"), id: try message.id("id", of: IncomingMessage.self).rawValue, root)
        case .log: self = .log(level: try message.word("level", LogLevel.self), text: try message.text("text"))
        }
    }
}

extension WireObject {
    fileprivate func number(_ name: String) throws(WireMismatch) -> Int { try required(name, .wholeNumber, \.integer) }

    fileprivate func content(_ name: String) throws(WireMismatch) -> JSONView { try required(name, .object) { $0.isObject ? $0 : nil } }
}
