import PSAEngine
import PSATesting

/// Runs in which the host dies: at the steps of a write, by faults of the simulator, by kills from outside.
extension TorturePlan {
    /// The steps of a write at which a host ends itself; the requests of uploads are among those of `during-request`.
    static let steps = WriteStep.allCases.filter { $0 != .duringUpload }.map(\.rawValue)
    /// The steps that only an event with files reaches.
    static let uploadSteps = [WriteStep.beforeUpload, .afterUpload, .afterUploadRecord].map(\.rawValue)
    /// The steps of a transaction that stores several events.
    static let groupSteps = [WriteStep.betweenEvents, .beforeCommit, .afterCommit].map(\.rawValue)
    static let faultKinds: [(name: String, faults: [String])] = [
        ("answer lost after storing", ["create-lost-reply"]),
        ("500 after storing", ["create-500-stored"]),
        ("504 after storing", ["create-504-stored"]),
        ("401 after storing", ["create-status-stored:401"]),
        ("302 after storing", ["create-status-stored:302/login"]),
        ("request lost before storing", ["create-lost-request"]),
        (searchIsBlind, ["create-lost-reply"]),
        (pagesAreOdd, ["create-lost-reply"]),
        (totalsAreWrong, ["create-lost-reply"]),
        (listsLag, ["create-lost-reply", "empty:tickets"]),
        ("everything hangs up", ["hang-up"]),
        ("500 to everything", ["server-error"]),
        ("429 three times", ["rate-limit-times:3"]),
        ("answers late", ["latency:300"]),
        ("half an answer", ["truncated-halfway"]),
    ]
    static let searchIsBlind = "search ignores the filter"
    static let pagesAreOdd = "pages of odd sizes"
    static let totalsAreWrong = "totals larger than the lists"
    static let listsLag = "lists lag behind"
    static let kills = "kill -9 from outside"
    static let killsAndFaults = "kill -9 and lost answers"

    /// Senders that send at the same time, so that the host stores their events together, and dies in the middle of it.
    static func group(_ step: String, _ number: Int, _ generator: inout SeededGenerator) -> TorturePlan {
        var plan = TorturePlan(step, number, events: 64)
        plan.isAtOnce = true
        // How many transactions the events share is up to chance; the first one with several events is reached in every run.
        let latest = step == WriteStep.betweenEvents.rawValue ? 12 : 1
        plan.crash = "\(step):\(Int.random(in: 1...latest, using: &generator))"
        return plan
    }

    static func step(_ step: String, _ number: Int, _ generator: inout SeededGenerator) -> TorturePlan {
        if groupSteps.contains(step) { return group(step, number, &generator) }
        var plan = TorturePlan(step, number, events: 2, isAppending: number % 3 == 2)
        let isSearch = step.hasSuffix("search")
        plan.crash = "\(step):\(Int.random(in: 1...2, using: &generator))"
        if uploadSteps.contains(step) || number % 2 == 1 {
            for index in plan.events.indices { plan.events[index].fileCount = 2 }
        }
        if uploadSteps.contains(step) {
            // Each of the two events has two files.
            plan.crash = "\(step):\(Int.random(in: 1...4, using: &generator))"
        } else if isSearch {
            // There is nothing to search for without a lost answer, or a lost request, which is searched for more than once.
            plan.faults = [Bool.random(using: &generator) ? "create-lost-reply" : "create-lost-request"]
            plan.faultTime = Int.random(in: 400...1_200, using: &generator)
        } else if step == "during-request", Bool.random(using: &generator) {
            // The host is dead by the time at which its request is executed.
            plan.faults = ["latency:50"]
        }
        return plan
    }

    static func fault(_ kind: (name: String, faults: [String]), _ number: Int, _ generator: inout SeededGenerator) -> TorturePlan {
        var plan = TorturePlan(kind.name, number, events: 3, isAppending: number % 3 == 2)
        plan.faults = kind.faults
        plan.faultTime = Int.random(in: 200...1_500, using: &generator)
        switch kind.name {
        case searchIsBlind: plan.lastingFaults = ["third-party-filter-unsupported", "third-party-hidden-on-rows"]
        case pagesAreOdd: plan.lastingFaults = ["third-party-filter-unsupported", "rows-thin", "page-sizes:3/2/4/1"]
        case totalsAreWrong: plan.lastingFaults = ["third-party-filter-unsupported", "rows-thin", "record-count-more:7"]
        // By the last look they have caught up; later than that is the limit that the documents state.
        case listsLag: plan.faultTime = Int.random(in: 200...1_000, using: &generator)
        default: break
        }
        return plan
    }

    static func killing(_ name: String, _ faults: [String], _ number: Int, _ generator: inout SeededGenerator) -> TorturePlan {
        var plan = TorturePlan(name, number, events: 4, isAppending: number % 3 == 2)
        plan.faults = faults
        plan.faultTime = Int.random(in: 200...1_500, using: &generator)
        plan.pause = 30
        plan.kills = [Int.random(in: 0...150, using: &generator), Int.random(in: 150...600, using: &generator)]
        return plan
    }
}
