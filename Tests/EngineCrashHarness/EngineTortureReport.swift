/// The counts of an ``EngineTorture``.
public struct EngineTortureReport: Sendable {
    /// The counts of some runs.
    public struct Result: Sendable, Equatable {
        /// How many there were.
        public var runs = 0
        /// How many processes were killed.
        public var deaths = 0
        /// Jobs of which the PSA has nothing.
        public var lost = 0
        /// Jobs that the PSA has more than once.
        public var doubled = 0
        /// Jobs that did not end as written.
        public var wrongStates = 0
        /// Files that are not attached exactly once, and uploads that no ticket refers to without being listed.
        public var files = 0

        static func += (lhs: inout Result, rhs: Result) {
            lhs.runs += rhs.runs
            lhs.deaths += rhs.deaths
            lhs.lost += rhs.lost
            lhs.doubled += rhs.doubled
            lhs.wrongStates += rhs.wrongStates
            lhs.files += rhs.files
        }

        /// Whether everything was written exactly once.
        public var isGood: Bool { lost == 0 && doubled == 0 && wrongStates == 0 && files == 0 }
    }

    /// The counts by the step at which processes were killed.
    public private(set) var byStep: [String: Result] = [:]
    /// The keys of the runs that went wrong.
    public private(set) var failures: [String] = []

    mutating func add(_ result: Result, step: String, key: String) {
        byStep[step, default: Result()] += result
        if !result.isGood { failures.append(key) }
    }

    /// The counts of all runs.
    public var sum: Result { byStep.values.reduce(into: Result()) { $0 += $1 } }

    /// The counts as a table, and the runs that went wrong.
    public var text: String {
        let header =
            "| Killed at | Runs | Killed | Lost | Doubled | Wrong state | Wrong files |\n| --- | --- | --- | --- | --- | --- | --- |"
        let rows = byStep.sorted { $0.key < $1.key }.map { step, result in
            "| engine: \(step) | \(result.runs) | \(result.deaths) | \(result.lost) | \(result.doubled) | \(result.wrongStates) | \(result.files) |"
        }
        let wrong = failures.isEmpty ? [] : ["Wrong: " + failures.sorted().joined(separator: ", ")]
        return ([header] + rows + wrong).joined(separator: "\n")
    }
}
