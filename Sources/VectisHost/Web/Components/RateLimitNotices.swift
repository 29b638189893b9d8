import PSACore

/// One notice for each rule that exceeded its rate limit, on pages that an administrator opens anyway: nothing of it goes on until somebody decides.
struct RateLimitNotices: Sendable {
    let rateLimitTrips: [RateLimitTrip]

    var html: HTML { .all(rateLimitTrips.map { notice($0).html }) }

    private func notice(_ trip: RateLimitTrip) -> Notice {
        let path = "/rules/\(trip.rule)"
        return Notice(
            .warning,
            """
            The rule <a href="\(path)">\(trip.name)</a> exceeded its rate limit.
            \(trip.count == 1 ? "One job needs" : "\(trip.count) jobs need") review since \(TimestampView(trip.since).html).
            <a href="\(path)#needs-review">Release or drop \(trip.count == 1 ? "it" : "them")</a>
            """)
    }
}
