import FoundationEssentials
import PSACore

/// How a job goes on whose company was looked at.
struct CheckOutcome: Sendable, Equatable {
    var state: TicketJob.State
    var dueAt: Date
    /// The pause that begins for its rule; nil if none does.
    var pauses: RulePause?
}

/// The part of the storage that keeps jobs until their company is known.
protocol CompanyCheckStore: Sendable {
    /// Jobs of a connection whose company is to be looked at now, in the order of decisions.
    ///
    /// What has come while a try is put off is put off with it, and is not among them.
    func dueChecks(of connection: ConnectionID, now: Date, lease: Duration, limit: Int) async throws -> [TicketJob]

    /// Notes that the companies of a connection could not be read, and when they are read next.
    func putOffChecks(of connection: ConnectionID, until due: Date, at moment: Date) async throws

    /// Writes down what becomes of jobs, all or none of them; what is not looked at any more is left alone.
    ///
    /// The closure runs inside the transaction, and the counts know what it has decided so far.
    func finishChecks(
        _ ids: [TicketJob.ID], at moment: Date,
        deciding decide: @escaping @Sendable (TicketJob, Rule, any TicketJobCounts) throws -> CheckOutcome
    ) async throws
}
