import PSATesting

/// Runs in which the PSA answers writes with any status, after storing or without it.
extension TorturePlan {
    static let anyStatusStored = "any status after storing"
    static let anyStatusNotStored = "any status without storing"
    static let refusedAfterStoring = "a refusal after storing"

    /// The representative statuses of each class, and those with a common special meaning.
    static let sampledStatuses: [Int] = {
        let special = Array(300...308) + [400, 401, 403, 404, 407, 408, 409, 413, 422, 425, 451] + Array(500...511) + Array(520...530)
        return [100, 101, 102, 103, 199, 200, 202, 204, 206, 226, 299] + special + [399, 418, 499, 598, 599, 600, 700, 800, 999]
    }()
    /// An error in the vendor's format, or 429: a response that means nothing was executed, unless the vendor is wrong.
    static let proofs = [400, 403, 404, 413, 422]
    /// Every status but the one that says “come back later”, which has a row of its own.
    static let allStatuses = (100...999).filter { $0 != 429 }

    /// One run with a ticket for each status; or a ticket and a note for each, of a device of its own, whose note gets the answer.
    ///
    /// The bodies are never a refusal in the vendor's own words: those are believed.
    static func statuses(_ statuses: [Int], _ number: Int, isAppending: Bool, _ generator: inout SeededGenerator) -> TorturePlan {
        var plan = TorturePlan(anyStatusStored, number)
        plan.timeout = 40
        let answered = statuses.indices.map { index in
            TortureEvent(
                "\(plan.label).\(statuses[index])", type: isAppending ? PreparedData.appending : PreparedData.single,
                device: "\(plan.label).\(statuses[index])")
        }
        // The tickets come before the notes.
        let tickets = isAppending ? answered.map { TortureEvent($0.key + "a", type: $0.type, device: $0.device) } : []
        plan.events = tickets + answered
        plan.lastingFaults = zip(statuses, answered).map { status, event in
            let bodies =
                (200...299).contains(status)
                ? ["empty", "text", "html", "login", "zero", "negative", "no-id", "empty-array"] : ["empty", "text", "html", "login"]
            return fault("create-status-stored:\(status)/\(generator.pick(bodies) ?? "empty")", of: event)
        }
        return plan
    }

    /// The statuses in groups below the host's rate limit.
    static func sweep(_ statuses: [Int], from number: Int = 0, _ generator: inout SeededGenerator) -> [TorturePlan] {
        let groups = stride(from: 0, to: statuses.count, by: 45).map { Array(statuses[$0..<min($0 + 45, statuses.count)]) }
        return groups.enumerated().flatMap { index, group in
            [false, true].map { Self.statuses(group, number + 2 * index + ($0 ? 1 : 0), isAppending: $0, &generator) }
        }
    }

    /// Eight events with a status each, of which nothing is stored until the fault is over.
    static func unstored(_ number: Int, _ generator: inout SeededGenerator) -> TorturePlan {
        var plan = TorturePlan(anyStatusNotStored, number, events: 8, isAppending: number % 3 == 2)
        plan.faults = plan.events.map { event in
            fault(
                "create-status:\(Int.random(in: 100...999, using: &generator))/\(generator.pick(["empty", "text", "html"]) ?? "text")",
                of: event)
        }
        plan.faultTime = Int.random(in: 1_000...2_500, using: &generator)
        // A ticket that is proven absent and got an error response may end as a reported failure.
        plan.believesRefusals = true
        return plan
    }

    /// One event that is stored and then rejected in the vendor's format, or deferred: it must not be duplicated.
    static func refused(_ number: Int, _ generator: inout SeededGenerator) -> TorturePlan {
        var plan = TorturePlan(refusedAfterStoring, number, events: 1)
        let status = generator.pick(proofs + [429]) ?? 400
        plan.faults = ["create-status-stored:\(status)/\(generator.pick(["string", "exception", "modelstate", "older"]) ?? "string")"]
        plan.faultTime = 1_000
        plan.believesRefusals = true
        return plan
    }
}
