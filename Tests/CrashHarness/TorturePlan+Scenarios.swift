import HaloSimulator
import PSATesting

/// Runs about more than one write: customers, poison, tokens, backups, keys, and tickets that change.
extension TorturePlan {
    static let customers = "customers with equal devices"
    static let poisoned = "poisoned events between good ones"
    static let tokens = "two tokens, one source and id"
    static let restores = "a backup is put back"
    static let wrongKey = "a wrong key"
    static let changed = "tickets that people change"
    static let mixed = "everything at once"

    /// Ways in which programs write the name of a customer that the PSA knows.
    private static let spellings: [@Sendable (String) -> String] = [
        { $0 }, { $0.uppercased() }, { "  \($0)\u{A0}" }, { $0.replacing(" ", with: "  ") }, { $0.replacing(" ", with: "\u{2003}") },
    ]

    /// Events of many customers whose devices have the same name, in any order; every other run identifies customers by name.
    static func customers(_ number: Int, _ generator: inout SeededGenerator) -> TorturePlan {
        var plan = TorturePlan(customers, number)
        plan.events = (0..<24).map { index in
            TortureEvent(
                "\(plan.label).\(index)", type: PreparedData.appending, device: ["SRV-01", "srv-01 "][index / 12 % 2],
                client: generator.pick(Array(Simulator.clients.prefix(6))))
        }
        if number % 2 == 1 { for index in plan.events.indices { plan.events[index].spelling = generator.pick(spellings) } }
        plan.faults = [
            generator.pick(["create-lost-reply", "create-lost-reply:actions", "latency:30", "unavailable:1", "hang-up"]) ?? "latency:30"
        ]
        plan.faultTime = Int.random(in: 100...800, using: &generator)
        return plan
    }

    /// Valid events, and between them some that the PSA rejects for their content.
    static func poisoned(_ number: Int, _ generator: inout SeededGenerator) -> TorturePlan {
        var plan = TorturePlan(poisoned, number, events: 9, isAppending: number % 3 == 2)
        plan.lastingFaults = ["poison:arsenic"]
        for index in [1, 4, 5] {
            plan.events[index].isPoisoned = true
            switch Int.random(in: 0...2, using: &generator) {
            case 0: plan.events[index].words = " It contains arsenic."
            case 1: plan.events[index].client = 777_777
            default: plan.events[index].client = Simulator.inactiveClient
            }
        }
        plan.timeout = 20
        return plan
    }

    /// Two programs that call different events by the same name.
    static func tokens(_ number: Int) -> TorturePlan {
        var plan = TorturePlan(tokens, number, events: 6)
        plan.timeout = 15
        for index in plan.events.indices {
            plan.events[index].id = "\(plan.label).\(index / 2)"
            plan.events[index].token = index % 2
        }
        return plan
    }

    /// Events wait for one reason or another while the folder is copied.
    static func restore(_ number: Int, _ generator: inout SeededGenerator) -> TorturePlan {
        var plan = TorturePlan(restores, number, events: 5, isAppending: number % 3 == 2)
        plan.scenario = .restore
        let faults = [
            "hang-up", "server-error", "create-lost-reply", "create-lost-request", "latency:200", "rate-limit-times:100", "unavailable:1",
        ]
        plan.faults = [faults[number % faults.count]]
        plan.faultTime = Int.random(in: 50...900, using: &generator)
        return plan
    }

    static func wrongKey(_ number: Int) -> TorturePlan {
        var plan = TorturePlan(wrongKey, number, events: 3)
        plan.scenario = .wrongKey
        return plan
    }

    /// The first event of a device creates a ticket; then the ticket is changed, and two more events follow.
    static func changed(_ number: Int, _ generator: inout SeededGenerator) -> TorturePlan {
        var plan = TorturePlan(changed, number)
        plan.events = (0..<3).map {
            TortureEvent("\(plan.label).\($0)", type: PreparedData.appending, device: plan.label, client: Simulator.clients[0])
        }
        let other = Simulator.clients[1]
        let changes: [TicketChange] = [
            .closed, .merged(into: 1001), .deleted, .hidden(true), .moved(toClient: other), .locked(true), .merged(into: 1002),
        ]
        plan.scenario = .changed(changes[number % changes.count])
        // Whether the vendor silently accepts notes on such tickets, or rejects them.
        if number / changes.count % 2 == 0 { plan.lastingFaults = ["notes-refused:all"] }
        if Bool.random(using: &generator) { plan.lastingFaults.append("deleted-stays-readable") }
        plan.timeout = 20
        return plan
    }

    /// Some of everything: customers, answers, changed texts, blind lists, a clock that is off, and a host that dies.
    static func mixed(_ number: Int, _ generator: inout SeededGenerator) -> TorturePlan {
        var plan = TorturePlan(mixed, number)
        let isAppending = Bool.random(using: &generator)
        plan.events = (0..<8).map { index in
            TortureEvent(
                "\(plan.label).\(index)", type: isAppending ? PreparedData.appending : PreparedData.single, device: "R&D  SRV-01 💾",
                client: generator.pick(Array(Simulator.clients.prefix(3))))
        }
        var lists = [["third-party-filter-unsupported", "rows-thin"], ["third-party-hidden-on-rows"], ["page-sizes:7/3/11"], []]
        lists.append(["third-party-dropped"])
        plan.lastingFaults = generator.pick(lists) ?? []
        plan.lastingFaults.append("clock:\(generator.pick(["-26", "-3", "+0", "+2", "+26"]) ?? "+0")h")
        plan.lastingFaults.append("subject:\(generator.pick(changes) ?? "trimmed")")
        for event in plan.events where Bool.random(using: &generator) {
            let status = generator.pick(sampledStatuses) ?? 500
            let name = Bool.random(using: &generator) ? "create-status-stored" : "create-status"
            // A ticket that is not stored must not be reported as rejected.
            plan.faults.append(
                fault("\(name):\(name == "create-status" ? 502 : status)/\(generator.pick(["empty", "html"]) ?? "empty")", of: event))
        }
        plan.faultTime = Int.random(in: 300...1_500, using: &generator)
        plan.pause = 20
        if Bool.random(using: &generator) {
            plan.crash = "\(generator.pick(steps) ?? "after-answer"):\(Int.random(in: 1...4, using: &generator))"
        }
        plan.kills = [Int.random(in: 100...1_500, using: &generator)]
        return plan
    }

    private typealias TicketChange = HaloSimulator.TicketChange
}
