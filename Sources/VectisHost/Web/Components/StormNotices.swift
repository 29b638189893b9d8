import PSACore

/// One notice for each storm, on pages that an administrator opens anyway: nothing of it goes on until somebody decides.
struct StormNotices: Sendable {
    let storms: [Storm]

    var html: HTML { .all(storms.map { notice($0).html }) }

    private func notice(_ storm: Storm) -> Notice {
        let path = "/rules/\(storm.rule)"
        return Notice(
            .warning,
            """
            The rule <a href="\(path)">\(storm.name)</a> fired more often than its limit allows.
            \(storm.held == 1 ? "One firing has" : "\(storm.held) firings have") been held back since \(Moment(storm.since).html).
            <a href="\(path)#held">Release or drop \(storm.held == 1 ? "it" : "them")</a>
            """)
    }
}
