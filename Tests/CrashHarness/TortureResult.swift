/// What came of one run, or of several.
struct TortureResult: Sendable {
    var runs = 1
    /// Events that the host accepted: all that were sent.
    var events: Int
    /// Tickets and notes of these events in the simulator.
    var writes = 0
    /// Valid events that are neither in the PSA nor in review.
    var lost = 0
    /// Tickets and notes above the first of an event.
    var duplicated = 0
    /// Tickets and notes of another customer than the event's, or on a hidden ticket.
    var misfiled = 0
    /// Good events that wait for a person's decision, with the reason.
    var inReview = 0
    /// Poisoned events that failed by themselves, as they should.
    var refused = 0
    /// Writes of unknown outcome that were searched for.
    var searchedFor = 0
    /// How often the host died before its time.
    var deaths = 0
    var isComplete = true
    var damages: [String] = []
    /// Where history and simulator disagree.
    var complaints: [String] = []
    /// The events that wait for a person, with what the history says of them.
    var reviews: [String] = []
    var took = Duration.zero
    /// Where the data folder is, for a run that went wrong.
    var folder = ""

    /// Whether each good event has exactly one ticket or note, of the right customer, or a person is asked, and the history says so.
    var isGood: Bool { lost == 0 && duplicated == 0 && misfiled == 0 && isComplete && damages.isEmpty && complaints.isEmpty }

    static func += (sum: inout TortureResult, other: TortureResult) {
        sum.runs += other.runs
        sum.events += other.events
        sum.writes += other.writes
        sum.lost += other.lost
        sum.duplicated += other.duplicated
        sum.misfiled += other.misfiled
        sum.inReview += other.inReview
        sum.refused += other.refused
        sum.searchedFor += other.searchedFor
        sum.deaths += other.deaths
        sum.isComplete = sum.isComplete && other.isComplete
        sum.damages += other.damages
        sum.complaints += other.complaints
        sum.reviews += other.reviews
        sum.took += other.took
    }

    static let nothing: TortureResult = {
        var result = TortureResult(events: 0)
        result.runs = 0
        return result
    }()
}
