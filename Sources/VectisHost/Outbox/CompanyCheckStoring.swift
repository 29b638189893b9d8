import FoundationEssentials
import PSACore

/// How a firing goes on whose company was looked at.
struct CheckOutcome: Sendable, Equatable {
    var state: FiringState
    var dueAt: Date
    /// The pause that begins for its rule; nil if none does.
    var pauses: RulePause?
}

/// The part of the storage that keeps firings until their company is known.
protocol CompanyCheckStoring: Sendable {
    /// Firings of a connection whose company is to be looked at now, in the order of decisions.
    ///
    /// What has come while a try is put off is put off with it, and is not among them.
    func dueChecks(of connection: ConnectionID, now: Date, lease: Duration, limit: Int) async throws -> [Firing]

    /// Notes that the companies of a connection could not be read, and when they are read next.
    func putOffChecks(of connection: ConnectionID, until due: Date, at moment: Date) async throws

    /// Writes down what becomes of firings, all or none of them; what is not looked at any more is left alone.
    ///
    /// The closure runs inside the transaction, and the counts know what it has decided so far.
    func finishChecks(
        _ ids: [Firing.ID], at moment: Date, deciding decide: @escaping @Sendable (Firing, Rule, any FiringCounts) throws -> CheckOutcome
    ) async throws
}
