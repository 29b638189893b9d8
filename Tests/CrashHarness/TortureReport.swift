import Foundation
import PSACore

/// What came of all runs.
public struct TortureReport: Sendable {
    private var names: [String] = []
    private var results: [String: TortureResult] = [:]
    private var failures: [(plan: TorturePlan, result: TortureResult)] = []
    private var reviews: [String] = []

    init() {}

    mutating func add(_ result: TortureResult, of plan: TorturePlan) {
        if results[plan.name] == nil { names.append(plan.name) }
        results[plan.name, default: .nothing] += result
        if !result.isGood { failures.append((plan, result)) }
        reviews += result.reviews.map { "\(plan.name) \(plan.number): \($0)" }
    }

    var sum: TortureResult { results.values.reduce(into: .nothing) { $0 += $1 } }

    /// What came of the runs of one row.
    func result(of name: String) -> TortureResult { results[name] ?? .nothing }

    /// How many events were sent and accepted.
    public var events: Int { sum.events }
    /// How many runs there were.
    public var runs: Int { sum.runs }
    /// How often a host was killed.
    public var deaths: Int { sum.deaths }
    /// How many writes of unknown outcome were searched for.
    public var searchedFor: Int { sum.searchedFor }

    /// How many events wait for a person's decision.
    public var inReview: Int { sum.inReview }
    /// How many tickets and notes there are in the PSA.
    public var writes: Int { sum.writes }
    /// How many poisoned events failed by themselves.
    public var refused: Int { sum.refused }

    /// Whether each good event has exactly one ticket or note of the right customer or waits for a person, and every history says so.
    public var isGood: Bool { failures.isEmpty }

    /// The table of all kinds of runs, and what went wrong.
    public var text: String {
        let heads = [
            "runs", "kills", "events", "written", "lost", "duplicated", "misfiled", "review", "rejected", "searched for", "seconds",
        ]
        var lines = [Self.line("step or fault", heads)]
        for name in names { if let result = results[name] { lines.append(Self.line(name, result.cells)) } }
        lines.append(Self.line("all", sum.cells))
        for (plan, result) in failures {
            let faults = plan.faults + plan.lastingFaults
            lines.append(
                "FAILED \(plan.name) \(plan.number), \(plan.crash), \(faults.count < 12 ? "\(faults)" : "\(faults.count) faults"), "
                    + "kills at \(plan.kills), \(plan.scenario): \(result.folder)")
            let wrong = result.damages + result.complaints
            lines += (result.isComplete ? [] : ["  jobs are still open"]) + wrong.prefix(12).map { "  " + $0 }
            if wrong.count > 12 { lines.append("  and \(wrong.count - 12) more") }
        }
        // Correct, and not a failure; the table shows which.
        lines += reviews.map { "needs review: \($0)" }
        return lines.joined(separator: "\n")
    }

    private static func line(_ title: String, _ cells: [String]) -> String {
        title.padding(toLength: 36, withPad: " ", startingAt: 0)
            + cells.map { String(repeating: " ", count: max(1, 11 - $0.count)) + $0 }.joined()
    }
}

extension TortureResult {
    fileprivate var cells: [String] {
        [runs, deaths, events, writes, lost, duplicated, misfiled, inReview, refused, searchedFor].map(String.init) + [
            String(format: "%.1f", took.seconds)
        ]
    }
}
