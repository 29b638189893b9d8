import FoundationEssentials
import PSACore
import PSAEngine

/// What is decided about a job whose company was read.
struct CheckOutcome: Sendable, Equatable {
    var state: TicketJob.State
    var dueAt: Date
    /// Whether it exceeds the rate limit, and pauses the rule.
    var exceedsRateLimit = false
}

/// Stores what is decided about jobs that depend on their company.
protocol CompanyCheckStore: Sendable {
    /// Jobs of a connection whose company is to be read now, in the order of creation.
    ///
    /// While a retry is postponed, new jobs wait for it, and are not among them.
    func dueChecks(of connection: ConnectionID, now: Date, lease: Duration, limit: Int) async throws -> [TicketJob]

    /// Postpones the jobs of a connection, because its companies could not be read.
    func postponeChecks(of connection: ConnectionID, until due: Date, at time: Date) async throws

    /// Stores decisions, all or none; a job in another state by now is not changed.
    ///
    /// The closure runs inside the transaction, and the counts know what it has decided so far.
    func finishChecks(
        _ ids: [TicketJob.ID], at time: Date,
        deciding decide: @escaping @Sendable (TicketJob, Rule, any TicketJobCounts) throws -> CheckOutcome
    ) async throws
}
