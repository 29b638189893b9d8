import PSACore

/// How a call to a connector ended, with what the host knows about it itself.
struct CallOutcome: Sendable {
    /// What came of it.
    enum Ending: Sendable {
        /// The connector's result.
        case result(JSONView)
        /// The connector's error.
        case refusal(JSONView)
        /// The connector's program failed.
        case fault(ProgramFault)
    }

    var ending: Ending
    var trace: CallTrace
}

/// What the host did for a call: it knows better than the connector, and after a crash it alone knows.
struct CallTrace: Sendable {
    /// Requests that can't be repeated and may have been executed.
    var openWrites = 0
    /// The latest request: method, host and route.
    var request: String?
    /// The server of the latest request.
    var host: String?
    /// The last lines the connector wrote for people, without secrets.
    var stderrTail: [String] = []

    /// Whether something may have been changed at the vendor.
    var mayHaveWritten: Bool { openWrites > 0 }
}
