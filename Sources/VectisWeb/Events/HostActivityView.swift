import FoundationEssentials
import VectisCore

/// Events, tickets and failures of each of the last hours, as charts with their tables.
struct HostActivityView: Sendable {
    let activity: HostActivity
    let now: Date

    var html: HTML {
        guard !activity.isEmpty else { return .empty }
        return """
            <section aria-labelledby="activity-title"><h2 id="activity-title">The last 24 hours</h2>
            <div class="cards">\(chart("activity-events", "Events per hour", [.init("Events", values: hours(activity.events))]))
            \(chart("activity-jobs", "Written to the PSA, and failed attempts, per hour", [
                .init("Tickets, notes, replies and statuses written", .good, values: hours(activity.written)),
                .init("Failed attempts", .bad, values: hours(activity.failures)),
            ]))</div></section>
            """
    }

    private func chart(_ id: String, _ title: HTML, _ series: [BarChart.Series]) -> HTML {
        BarChart(id: id, title: title, intervals: RuleActivity.beginnings(HostActivity.shownHours, until: now), series: series).html
    }

    private func hours(_ counts: [Int: Int]) -> [Int] { RuleActivity(counts: counts).hours(HostActivity.shownHours, until: now) }
}
