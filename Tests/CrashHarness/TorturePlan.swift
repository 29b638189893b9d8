/// What happens in one run; the same seed plans the same.
struct TorturePlan: Sendable {
    /// What the run counts as in the table.
    let name: String
    /// Its number; two runs of one name differ by it.
    let number: Int
    /// Where the host ends itself, such as `after-answer:1`.
    var crash = "none:0"
    /// What the stand-in does until the time is up.
    var faults: [String] = []
    /// For how many milliseconds from the first event on.
    var faultTime = 0
    /// What the stand-in does all the time.
    var lastingFaults: [String] = []
    /// The milliseconds from the first event on at which the host is killed from outside.
    var kills: [Int] = []
    var events = 2
    /// The milliseconds between two events.
    var pause = 0
    /// Whether all events are of one device and become notes on its first ticket.
    var isAppending = false

    /// What a run of each kind can be: the steps of a write, faults of the stand-in, kills from outside.
    static let steps = [
        "before-decision", "after-decision", "after-taking", "before-request", "during-request", "after-answer", "after-settling",
        "before-look", "after-look",
    ]
    static let faults: [(name: String, faults: [String])] = [
        ("answer lost after storing", ["create-lost-reply"]),
        ("500 after storing", ["create-500-stored"]),
        ("504 after storing", ["create-504-stored"]),
        ("request lost before storing", ["create-lost-request"]),
        (searchIsBlind, ["create-lost-reply"]),
        ("everything hangs up", ["hang-up"]),
        ("500 to everything", ["server-error"]),
        ("429 three times", ["rate-limit-times:3"]),
        ("answers late", ["latency:300"]),
        ("half an answer", ["truncated-halfway"]),
    ]
    static let searchIsBlind = "search ignores the filter"
    static let kills = "kill -9 from outside"
    static let killsAndFaults = "kill -9 and lost answers"

    /// The plans of a whole torture, in a fair order: each kind in turn.
    static func all(seed: UInt64, perStep: Int, perFault: Int, kills: Int) -> [TorturePlan] {
        var generator = SeededGenerator(seed: seed)
        var plans: [TorturePlan] = []
        for number in 0..<max(perStep, perFault, kills) {
            if number < perStep { plans += steps.map { step($0, number, &generator) } }
            if number < perFault { plans += faults.map { fault($0.name, $0.faults, number, &generator) } }
            if number < kills {
                plans.append(killing(Self.kills, [], number, &generator))
                plans.append(killing(killsAndFaults, ["create-lost-reply"], number, &generator))
            }
        }
        return plans
    }

    private static func step(_ step: String, _ number: Int, _ generator: inout SeededGenerator) -> TorturePlan {
        var plan = TorturePlan(name: step, number: number)
        let isLook = step.hasSuffix("look")
        plan.crash = "\(step):\(Int.random(in: 1...2, using: &generator))"
        plan.isAppending = number % 3 == 2
        if isLook {
            // There is nothing to look for without a lost answer, or a lost request, which is looked for more than once.
            plan.faults = [Bool.random(using: &generator) ? "create-lost-reply" : "create-lost-request"]
            plan.faultTime = Int.random(in: 400...1_200, using: &generator)
        } else if step == "during-request", Bool.random(using: &generator) {
            // The host is dead by the time at which its request is executed.
            plan.faults = ["latency:50"]
        }
        return plan
    }

    private static func fault(_ name: String, _ faults: [String], _ number: Int, _ generator: inout SeededGenerator) -> TorturePlan {
        var plan = TorturePlan(name: name, number: number)
        plan.faults = faults
        plan.faultTime = Int.random(in: 200...1_500, using: &generator)
        plan.events = 3
        plan.isAppending = number % 3 == 2
        if name == searchIsBlind { plan.lastingFaults = ["third-party-filter-unsupported", "third-party-hidden-on-rows"] }
        return plan
    }

    private static func killing(_ name: String, _ faults: [String], _ number: Int, _ generator: inout SeededGenerator) -> TorturePlan {
        var plan = fault(name, faults, number, &generator)
        plan.events = 4
        plan.pause = 30
        plan.kills = [Int.random(in: 0...150, using: &generator), Int.random(in: 150...600, using: &generator)]
        return plan
    }
}

/// SplitMix64: the same seed gives the same numbers everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
