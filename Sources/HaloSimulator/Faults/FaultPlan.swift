/// The faults that are switched on, and how often the counted ones have struck.
struct FaultPlan: Sendable {
    private(set) var faults: [HaloFault] = []
    private var struck: [HaloFault: Int] = [:]
    private var kinds: Set<HaloFault.Kind> = []
    /// Those that hold for every request.
    private var general: [HaloFault] = []

    /// Replaces the plan and starts every count again.
    mutating func replace(with faults: [HaloFault]) {
        self.faults = faults
        struck = [:]
        sort { $0.only == nil }
    }

    /// The plan for one write: what is kept to writes with a text in them counts as well where the write has it.
    func focused(on text: String) -> FaultPlan {
        guard general.count < faults.count else { return self }
        var plan = self
        plan.sort { $0.only.map(text.contains) ?? true }
        return plan
    }

    private mutating func sort(_ counts: (HaloFault) -> Bool) {
        general = faults.filter(counts)
        kinds = Set(general.map(\.kind))
    }

    func isOn(_ kind: HaloFault.Kind) -> Bool { kinds.contains(kind) }

    func fault(_ kind: HaloFault.Kind) -> HaloFault? { isOn(kind) ? general.first { $0.kind == kind } : nil }

    func all(_ kind: HaloFault.Kind) -> [HaloFault] { isOn(kind) ? general.filter { $0.kind == kind } : [] }

    /// A text as the vendor stores it.
    func stored(_ text: String, _ kind: HaloFault.Kind) -> String {
        all(kind).reduce(text) { text, fault in fault.argument.flatMap(TextChange.init)?.applied(to: text) ?? text }
    }

    /// By how many seconds a clock is off, by the faults of these kinds together.
    func shift(_ wanted: HaloFault.Kind...) -> Int {
        wanted.flatMap(all).reduce(0) { $0 + ($1.argument.flatMap(TimeShift.seconds) ?? 0) }
    }

    /// True the first time it is asked since the fault was switched on.
    mutating func strikesOnce(_ kind: HaloFault.Kind) -> Bool {
        guard let fault = fault(kind) else { return false }
        return strike(fault, atMost: 1)
    }

    /// The answer that replaces the real one before anything else is looked at.
    mutating func answer(to route: Route, method: String) -> Reply? {
        for fault in general {
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
        first(at: .beforeCreate, resource, orTickets: true) ?? answer(.createStatus, resource, record: nil)
    }

    func answerAfterCreating(_ resource: Resource, record: [UInt8]?) -> Reply? {
        first(at: .afterCreate, resource, orTickets: true) ?? answer(.createStatusStored, resource, record: record)
    }

    private func answer(_ kind: HaloFault.Kind, _ resource: Resource, record: [UInt8]?) -> Reply? {
        all(kind).lazy.compactMap { $0.argument.flatMap(WriteAnswer.init) }.first { $0.resources.contains(resource) }?.reply(record: record)
    }

    /// What happens to a finished answer on its way out, in the order in which the faults were given.
    func reshapings(for resource: Resource?) -> [(fault: HaloFault, reshaping: FaultEntry.Reshaping)] {
        general.compactMap { fault in
            guard case .reshape(let reshaping) = FaultEntry.of(fault.kind).effect else { return nil }
            if case .noRows = reshaping {
                guard let resource, let argument = fault.argument, Resource.named(argument).contains(resource) else { return nil }
            }
            return (fault, reshaping)
        }
    }

    private func first(at wanted: FaultEntry.Stage, _ resource: Resource, orTickets: Bool) -> Reply? {
        for fault in general {
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
