package import FoundationEssentials
import PSAEngineSQL
import SQL
import Synchronization
package import VectisCore

/// Counts what happened in each hour, and remembers the hours that are over.
final class HostActivityCounts: Sendable {
    /// How long after its end an hour is counted once more, because a transaction can be stored later than the time that it names.
    private static let settling = 300.0
    private static let hour: Int64 = 3_600_000

    private struct State {
        /// The hours from `first` to before `end` are in `activity`.
        var first = 0
        var end = 0
        var activity = HostActivity()
    }

    private let state = Mutex(State())

    /// The hours of a range, and which of them have to be counted.
    func known(_ hours: Range<Int>) -> (activity: HostActivity, missing: Range<Int>) {
        state.withLock { state in
            // A clock that was set, or a longer time than before, begins again.
            guard state.first <= hours.lowerBound, state.end > hours.lowerBound, state.end < hours.upperBound else {
                return (HostActivity(), hours)
            }
            return (state.activity.hours(hours.lowerBound..<state.end), state.end..<hours.upperBound)
        }
    }

    /// Remembers the hours of a range that ended a while before a time.
    func remember(_ activity: HostActivity, _ hours: Range<Int>, at now: Date) {
        let settled = RuleActivity.hour(of: now.addingTimeInterval(-Self.settling))
        guard settled > hours.lowerBound else { return }
        let kept = hours.lowerBound..<min(settled, hours.upperBound)
        state.withLock { $0 = State(first: kept.lowerBound, end: kept.upperBound, activity: activity.hours(kept)) }
    }

    /// Counts the hours of a range.
    static func count(_ hours: Range<Int>, _ database: any Database) throws -> HostActivity {
        // A count of each hour reads its part of an index; grouped by the hour, the rows would be sorted first.
        let writtenJobs = "job \(database.dialect.indexed(by: "job_written_by_time"))"
        func counts(_ table: String, _ column: String, _ condition: String = "") throws -> [Int: Int] {
            var counts: [Int: Int] = [:]
            for number in hours {
                let row = try database.first(
                    "SELECT COUNT(*) AS number FROM \(table) WHERE \(condition)\(column) >= ? AND \(column) < ?",
                    [.integer(Int64(number) * hour), .integer(Int64(number + 1) * hour)])
                if let count = try row?.integer("number"), count > 0 { counts[number] = Int(count) }
            }
            return counts
        }
        return HostActivity(
            events: try counts("event", "received_at"), written: try counts(writtenJobs, "changed_at", "\(JobTables.isWritten) AND "),
            failures: try counts("job_attempt", "at", "code IS NOT NULL AND "))
    }
}

extension HostActivity {
    fileprivate func hours(_ hours: Range<Int>) -> HostActivity {
        HostActivity(
            events: events.filter { hours.contains($0.key) }, written: written.filter { hours.contains($0.key) },
            failures: failures.filter { hours.contains($0.key) })
    }

    fileprivate func adding(_ other: HostActivity) -> HostActivity {
        HostActivity(
            events: events.merging(other.events, uniquingKeysWith: +), written: written.merging(other.written, uniquingKeysWith: +),
            failures: failures.merging(other.failures, uniquingKeysWith: +))
    }
}

extension DatabaseStorage {
    package func hostActivity(hours: Int, until end: Date) async throws -> HostActivity {
        let last = RuleActivity.hour(of: end)
        let range = (last - min(max(hours, 1), RuleActivity.keptHours) + 1)..<(last + 1)
        let (known, missing) = activityCounts.known(range)
        let counted = try await queue.read { try HostActivityCounts.count(missing, $0) }
        let activity = known.adding(counted)
        activityCounts.remember(activity, range, at: end)
        return activity
    }
}
