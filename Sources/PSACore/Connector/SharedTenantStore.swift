#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What several processes know together about the tenants that they share: the requests in the window of a limit, and who may write.
///
/// A host of several processes gives it to ``TenantRateLimits/init(pace:shared:time:)``; the stores of `PSAEngine` conform. Each method is one
/// transaction, and returns or throws within seconds. A store with a clock of its own, such as a database server, uses it instead of the
/// time it is given, so that the clocks of the machines don't matter.
public protocol SharedTenantStore: Sendable {
    /// Reserves requests for the next moments, as ``SharedRateWindow/reserve(_:at:)`` decides.
    ///
    /// - Parameters:
    ///   - request: What is asked for.
    ///   - now: The wall clock of the process.
    /// - Returns: The reserved requests, or how long to wait.
    /// - Throws: Errors of the store; then no request may be made.
    func reserveRequests(_ request: RateReservationRequest, now: Date) async throws -> RateReservationAnswer

    /// Gives back reserved requests that were not made and never will be.
    ///
    /// - Parameters:
    ///   - count: How many of the reservation.
    ///   - reservation: The reservation.
    ///   - tenant: The tenant.
    ///   - now: The wall clock of the process.
    /// - Throws: Errors of the store; then the requests count as made.
    func returnRequests(_ count: Int, of reservation: RateReservation, tenant: String, now: Date) async throws

    /// Lets no process reserve requests of a tenant for some time, because its PSA has refused one.
    ///
    /// - Parameters:
    ///   - tenant: The tenant.
    ///   - duration: For how long.
    ///   - now: The wall clock of the process.
    /// - Throws: Errors of the store.
    func holdBackRequests(of tenant: String, for duration: Duration, now: Date) async throws

    /// Takes a lease that no other process holds, or renews the own one.
    ///
    /// - Parameters:
    ///   - name: What is leased, such as the creation of tickets of a tenant.
    ///   - holder: The process.
    ///   - duration: How long it lasts, from the time at which the store is asked.
    ///   - now: The wall clock of the process.
    /// - Returns: Whether the process holds the lease.
    /// - Throws: Errors of the store.
    func takeLease(_ name: String, by holder: String, for duration: Duration, now: Date) async throws -> Bool

    /// Ends a lease, if the process holds it.
    ///
    /// - Throws: Errors of the store; then the lease ends by itself.
    func releaseLease(_ name: String, by holder: String) async throws
}

/// The requests that a process wants to reserve.
public struct RateReservationRequest: Sendable, Hashable {
    /// The tenant.
    public var tenant: String
    /// How many, at least 1.
    public var count: Int
    /// The limit of the tenant.
    public var limit: RateLimit
    /// How urgent they are.
    public var urgency: RequestUrgency

    /// Creates a request.
    public init(tenant: String, count: Int, limit: RateLimit, urgency: RequestUrgency) {
        self.tenant = tenant
        self.count = count
        self.limit = limit
        self.urgency = urgency
    }
}

/// Requests that one process may make within ``SharedRateWindow/slice(of:)``, measured from before it asked.
public struct RateReservation: Sendable, Hashable {
    /// How many.
    public let count: Int
    /// Until when they may be made by the clock of the store, in milliseconds; the store counts them as made then.
    public let countedAt: Int64

    /// Creates a reservation.
    public init(count: Int, countedAt: Int64) {
        self.count = count
        self.countedAt = countedAt
    }
}

/// The answer to a ``RateReservationRequest``.
public enum RateReservationAnswer: Sendable, Hashable {
    /// Requests are reserved, at least one and at most as many as were asked for.
    case granted(RateReservation)
    /// None is free for the urgency; ask again after the duration.
    case wait(Duration)
}
