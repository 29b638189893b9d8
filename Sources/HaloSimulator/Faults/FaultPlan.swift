/// The active faults, and how often each counted fault has been triggered.
struct FaultPlan: Sendable {
    private(set) var faults: [HaloFault] = []
    private var triggerCounts: [HaloFault: Int] = [:]
    private var kinds: Set<HaloFault.Kind> = []
    /// The faults that apply to the current request.
    private var active: [HaloFault] = []

    /// Replaces the faults and resets every count.
    mutating func replace(with faults: [HaloFault]) {
        self.faults = faults
        triggerCounts = [:]
        activate { $0.contentFilter == nil }
    }

    /// Adds a fault, unless it is active, or removes it; the counts of the others stay.
    mutating func set(_ fault: HaloFault, isActive: Bool) {
        guard faults.contains(fault) != isActive else { return }
        faults = isActive ? faults + [fault] : faults.filter { $0 != fault }
        triggerCounts[fault] = nil
        activate { $0.contentFilter == nil }
    }

    /// Whether lists of a resource ignore the filter for changes.
    func ignoresDateFilter(of resource: Resource) -> Bool {
        all(.dateFilterIgnored).contains { $0.argument.map { Resource.named($0).contains(resource) } ?? true }
    }

    /// Returns the plan for one write, which also contains the faults limited to writes with a text that this write contains.
    func filtered(forContent text: String) -> FaultPlan {
        guard active.count < faults.count else { return self }
        var plan = self
        plan.activate { $0.contentFilter.map(text.contains) ?? true }
        return plan
    }

    private mutating func activate(where applies: (HaloFault) -> Bool) {
        active = faults.filter(applies)
        kinds = Set(active.map(\.kind))
    }

    func isOn(_ kind: HaloFault.Kind) -> Bool { kinds.contains(kind) }

    func fault(_ kind: HaloFault.Kind) -> HaloFault? { isOn(kind) ? active.first { $0.kind == kind } : nil }

    func all(_ kind: HaloFault.Kind) -> [HaloFault] { isOn(kind) ? active.filter { $0.kind == kind } : [] }

    /// Returns a text as the vendor stores it, after the text transforms of this kind.
    func storedText(_ text: String, _ kind: HaloFault.Kind) -> String {
        all(kind).reduce(text) { text, fault in fault.argument.flatMap(TextTransform.init)?.applied(to: text) ?? text }
    }

    /// Returns the clock offset in seconds, the sum over the faults of these kinds.
    func clockOffset(_ kinds: HaloFault.Kind...) -> Int {
        kinds.flatMap(all).reduce(0) { $0 + ($1.argument.flatMap(ClockOffset.seconds) ?? 0) }
    }

    /// Returns true for the first call since the fault was activated, and false afterwards.
    mutating func triggersOnce(_ kind: HaloFault.Kind) -> Bool {
        guard let fault = fault(kind) else { return false }
        return trigger(fault, atMost: 1)
    }

    /// Returns the reply that replaces the real one before the request is processed.
    mutating func cannedReply(to route: Route, method: String) -> Reply? {
        for fault in active {
            guard case .answer(let stage, let canned) = FaultDefinition.of(fault.kind).effect else { continue }
            let applies =
                switch stage {
                case .everywhere: true
                case .token: route == .token
                case .api: route.isAPI
                case .firstCalls: route.isAPI && trigger(fault, atMost: fault.number)
                case .firstReads: route.isAPI && method == "GET" && trigger(fault, atMost: fault.number)
                case .resource, .beforeCreate, .afterCreate: false
                }
            if applies { return canned.reply(for: fault) }
        }
        return nil
    }

    /// Returns the reply that replaces the real one for this resource once the token was accepted.
    func denial(of resource: Resource) -> Reply? {
        first(at: .resource, resource, orTickets: false)
    }

    func replyBeforeCreating(_ resource: Resource) -> Reply? {
        first(at: .beforeCreate, resource, orTickets: true) ?? writeReply(.createStatus, resource, record: nil)
    }

    func replyAfterCreating(_ resource: Resource, record: [UInt8]?) -> Reply? {
        first(at: .afterCreate, resource, orTickets: true) ?? writeReply(.createStatusStored, resource, record: record)
    }

    private func writeReply(_ kind: HaloFault.Kind, _ resource: Resource, record: [UInt8]?) -> Reply? {
        all(kind).lazy.compactMap { $0.argument.flatMap(WriteReply.init) }.first { $0.resources.contains(resource) }?.reply(record: record)
    }

    /// Returns the transforms of a finished reply, in the order in which the faults were given.
    func transforms(for resource: Resource?) -> [(fault: HaloFault, transform: FaultDefinition.ReplyTransform)] {
        active.compactMap { fault in
            guard case .transform(let transform) = FaultDefinition.of(fault.kind).effect else { return nil }
            if case .noRows = transform {
                guard let resource, let argument = fault.argument, Resource.named(argument).contains(resource) else { return nil }
            }
            return (fault, transform)
        }
    }

    private func first(at wanted: FaultDefinition.Stage, _ resource: Resource, orTickets appliesToTickets: Bool) -> Reply? {
        for fault in active {
            guard case .answer(let stage, let canned) = FaultDefinition.of(fault.kind).effect, stage == wanted else { continue }
            let named = fault.argument ?? (appliesToTickets ? "tickets" : "")
            if Resource.named(named).contains(resource) { return canned.reply(for: fault) }
        }
        return nil
    }

    private mutating func trigger(_ fault: HaloFault, atMost limit: Int) -> Bool {
        guard triggerCounts[fault, default: 0] < limit else { return false }
        triggerCounts[fault, default: 0] += 1
        return true
    }
}
