/// The faults that are switched on, and how often the counted ones have struck.
struct FaultPlan: Sendable {
    private(set) var faults: [HaloFault] = []
    private var struck: [HaloFault: Int] = [:]
    private var kinds: Set<HaloFault.Kind> = []

    /// Replaces the plan and starts every count again.
    mutating func replace(with faults: [HaloFault]) {
        self.faults = faults
        kinds = Set(faults.map(\.kind))
        struck = [:]
    }

    func isOn(_ kind: HaloFault.Kind) -> Bool { kinds.contains(kind) }

    func fault(_ kind: HaloFault.Kind) -> HaloFault? { isOn(kind) ? faults.first { $0.kind == kind } : nil }

    /// True the first time it is asked since the fault was switched on.
    mutating func strikesOnce(_ kind: HaloFault.Kind) -> Bool {
        guard let fault = fault(kind) else { return false }
        return strike(fault, atMost: 1)
    }

    /// The answer that replaces the real one before anything else is looked at.
    mutating func answer(to route: Route, method: String) -> Reply? {
        for fault in faults {
            guard case .answer(let stage, let canned) = FaultEntry.of(fault.kind).effect else { continue }
            let applies =
                switch stage {
                case .everywhere: true
                case .token: route == .token
                case .api: route.isAPI
                case .firstCalls: route.isAPI && strike(fault, atMost: fault.number)
                case .firstReads: route.isAPI && method == "GET" && strike(fault, atMost: fault.number)
                case .resource, .beforeCreate, .afterCreate: false
                }
            if applies { return canned.reply(for: fault) }
        }
        return nil
    }

    /// The answer that replaces the real one for this resource once the token was accepted.
    func denial(of resource: Resource) -> Reply? {
        first(at: .resource, resource, orTickets: false)
    }

    func answerBeforeCreating(_ resource: Resource) -> Reply? {
        first(at: .beforeCreate, resource, orTickets: true)
    }

    func answerAfterCreating(_ resource: Resource) -> Reply? {
        first(at: .afterCreate, resource, orTickets: true)
    }

    /// What happens to a finished answer on its way out, in the order in which the faults were given.
    func reshapings(for resource: Resource?) -> [(fault: HaloFault, reshaping: FaultEntry.Reshaping)] {
        faults.compactMap { fault in
            guard case .reshape(let reshaping) = FaultEntry.of(fault.kind).effect else { return nil }
            if case .noRows = reshaping {
                guard let resource, let argument = fault.argument, Resource.named(argument).contains(resource) else { return nil }
            }
            return (fault, reshaping)
        }
    }

    private func first(at wanted: FaultEntry.Stage, _ resource: Resource, orTickets: Bool) -> Reply? {
        for fault in faults {
            guard case .answer(let stage, let canned) = FaultEntry.of(fault.kind).effect, stage == wanted else { continue }
            let named = fault.argument ?? (orTickets ? "tickets" : "")
            if Resource.named(named).contains(resource) { return canned.reply(for: fault) }
        }
        return nil
    }

    private mutating func strike(_ fault: HaloFault, atMost limit: Int) -> Bool {
        guard struck[fault, default: 0] < limit else { return false }
        struck[fault, default: 0] += 1
        return true
    }
}
