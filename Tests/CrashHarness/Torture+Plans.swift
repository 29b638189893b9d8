import PSATesting

/// What is planned for an amount.
extension TorturePlan {
    /// The plans of a whole torture run, interleaved by kind.
    static func all(_ amount: Torture.Amount, seed: UInt64) -> [TorturePlan] {
        var generator = SeededGenerator(seed: seed)
        var plans: [TorturePlan] = []
        for number in 0..<max(amount.perStep, amount.perFault, amount.kills, amount.perKind) {
            if number < amount.perStep { plans += steps.map { step($0, number, &generator) } }
            if number < amount.perFault { plans += faultKinds.map { fault($0, number, &generator) } }
            if number < amount.kills {
                plans.append(killing(kills, [], number, &generator))
                plans.append(killing(killsAndFaults, ["create-lost-reply"], number, &generator))
            }
            if number < amount.perKind {
                plans += [
                    unstored(number, &generator), refused(number, &generator), clock(number, &generator), customers(number, &generator),
                    poisoned(number, &generator), tokens(number), restore(number, &generator), changed(number, &generator),
                    mixed(number, &generator),
                    subjects((0..<6).compactMap { _ in generator.pick(changes) }, number),
                    subjects((0..<2).compactMap { _ in generator.pick(changes) }, number, isOpenable: false),
                ]
                if number % 4 == 0 { plans.append(wrongKey(number)) }
            }
        }
        return plans + amount.sweep.plans(&generator)
    }
}

extension Torture.Sweep {
    func plans(_ generator: inout SeededGenerator) -> [TorturePlan] {
        let first = 1_000
        switch self {
        case .none: return []
        case .sample: return TorturePlan.sweep(TorturePlan.sampledStatuses, from: first, &generator)
        case .everything:
            let hours = Array(-26...26)
            let clocks = hours.map { TorturePlan.clock("clock", $0, first + 100 + $0) }
            let stored = hours.map { TorturePlan.clock("clock-stored", $0, first + 200 + $0) }
            let zones = (-14...14).map { TorturePlan.clock("date-filter-local", $0, first + 300 + $0) }
            return TorturePlan.sweep(TorturePlan.allStatuses, from: first, &generator) + TorturePlan.allSubjects(from: first) + clocks
                + stored
                + zones
        }
    }
}
