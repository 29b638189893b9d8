import PSACore

/// How a call to a connector ended, with the host's own record of its requests.
struct CallOutcome: Sendable {
    /// The outcome.
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

/// What the host did for a call: it is more reliable than the connector's account, and the only one after a crash.
struct CallTrace: Sendable {
    /// Requests that can't be repeated and may have been executed.
    var openWrites = 0
    /// The latest request: method, host and route.
    var request: String?
    /// The server of the latest request.
    var host: String?
    /// The last lines of its standard error, without secrets.
    var stderrTail: [String] = []

    /// Whether something may have been changed at the vendor.
    var mayHaveWritten: Bool { openWrites > 0 }
}
