/// One authorised call, with everything a handler may depend on.
struct APICall: Sendable {
    var query: QueryParameters
    var plan: FaultPlan
    var now: HaloTime
    /// Scheme and host as the client addressed them.
    var origin: String
    var applicationID: String
}
