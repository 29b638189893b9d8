import PSACore

/// A fault of a connector's program that the host detected.
enum ProgramFault: Error, Sendable, Hashable {
    /// The system could not start it: the error number.
    case notStarted(code: Int32)
    /// It exited while it was needed.
    case ended(ProcessEnd)
    /// It sent nothing for this long.
    case silent(seconds: Int)
    /// It wrote a line of more than this many bytes.
    case lineTooLong(limit: Int)
    /// It sent more requests or log lines, or left more calls unanswered, than allowed.
    case tooMuch(Excess)
    /// It speaks another version of the contract.
    case otherContract(written: Int, current: Int)
    /// A line was not as specified.
    case nonsense(WireMismatch)
    /// It sent a message before `hello`, or sent `hello` twice.
    case outOfTurn
    /// It responded to a call that is not waiting for a response.
    case strayAnswer
    /// It failed so often that it is not restarted for this long.
    case backingOff(failures: Int, seconds: Int)

    /// What exceeded its limit.
    enum Excess: Sendable, Hashable {
        case requestsAtOnce(Int)
        case requestsInCall(Int)
        case logLines(Int)
        case unansweredCancellations(Int)
        case unreadBytes(Int)
    }

    /// Whether the same call may succeed with a restarted program.
    var isWorthAnotherTry: Bool {
        switch self {
        case .ended, .silent: true
        case .notStarted, .lineTooLong, .tooMuch, .otherContract, .nonsense, .outOfTurn, .strayAnswer, .backingOff: false
        }
    }
}
