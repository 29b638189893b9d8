import PSACore

/// What went wrong with a connector's program, beside anything it said itself.
enum ProgramFault: Error, Sendable, Hashable {
    /// The system could not start it: the error number.
    case notStarted(code: Int32)
    /// It ended while it was needed.
    case ended(ProcessEnd)
    /// It said nothing for this long.
    case silent(seconds: Int)
    /// It wrote a line of more than this many bytes.
    case lineTooLong(limit: Int)
    /// It asked, logged or left unanswered more than it may.
    case tooMuch(Excess)
    /// It speaks another version of the contract.
    case otherContract(written: Int, current: Int)
    /// A line was not as specified.
    case nonsense(WireMismatch)
    /// It spoke before it said hello, or said hello twice.
    case outOfTurn
    /// It answered a call that is not waiting for an answer.
    case strayAnswer
    /// It failed so often that it is left alone for this long.
    case backingOff(failures: Int, seconds: Int)

    /// What there was too much of.
    enum Excess: Sendable, Hashable {
        case requestsAtOnce(Int)
        case requestsInCall(Int)
        case logLines(Int)
        case unansweredCancellations(Int)
    }

    /// Whether the same may go well with a program that is started anew.
    var isWorthAnotherTry: Bool {
        switch self {
        case .ended, .silent: true
        case .notStarted, .lineTooLong, .tooMuch, .otherContract, .nonsense, .outOfTurn, .strayAnswer, .backingOff: false
        }
    }
}
