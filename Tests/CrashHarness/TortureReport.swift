import Foundation
import PSACore

/// What came of all runs.
public struct TortureReport: Sendable {
    private var names: [String] = []
    private var results: [String: TortureResult] = [:]
    private var failures: [(plan: TorturePlan, result: TortureResult)] = []

    init() {}

    mutating func add(_ result: TortureResult, of plan: TorturePlan) {
        if results[plan.name] == nil { names.append(plan.name) }
        results[plan.name, default: .nothing] += result
        if !result.isGood { failures.append((plan, result)) }
    }

    var sum: TortureResult { results.values.reduce(into: .nothing) { $0 += $1 } }

    /// How many events were sent and accepted.
    public var events: Int { sum.events }
    /// How many runs there were.
    public var runs: Int { sum.runs }
    /// How often a host was killed.
    public var deaths: Int { sum.deaths }
    /// How many writes were looked for because nobody knew their outcome.
    public var lookedFor: Int { sum.lookedFor }

    /// Whether each event has exactly one ticket or note, and every history says so.
    public var isGood: Bool { failures.isEmpty }

    /// The table of all kinds of runs, and what went wrong.
    public var text: String {
        let heads = ["runs", "kills", "events", "written", "lost", "doubled", "looked for", "seconds"]
        var lines = [Self.line("step or fault", heads)]
        for name in names { if let result = results[name] { lines.append(Self.line(name, result.cells)) } }
        lines.append(Self.line("all", sum.cells))
        for (plan, result) in failures {
            lines.append("FAILED \(plan.name) \(plan.number), \(plan.crash), \(plan.faults), kills at \(plan.kills): \(result.folder)")
            lines += (result.isSettled ? [] : ["  something still waits"]) + (result.damages + result.complaints).map { "  " + $0 }
        }
        return lines.joined(separator: "\n")
    }

    private static func line(_ title: String, _ cells: [String]) -> String {
        title.padding(toLength: 30, withPad: " ", startingAt: 0)
            + cells.map { String(repeating: " ", count: max(1, 11 - $0.count)) + $0 }.joined()
    }
}

extension TortureResult {
    fileprivate var cells: [String] {
        [runs, deaths, events, writes, lost, doubled, lookedFor].map(String.init) + [String(format: "%.1f", took.seconds)]
    }
}
