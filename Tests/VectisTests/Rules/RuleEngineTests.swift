import FoundationEssentials
import PSACore
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Rule engine") struct RuleEngineTests {
    /// Counts as a test sets them.
    private struct Counts: TicketJobCounts {
        var ofRule = 0
        var ofConnection = 0

        func jobs(of rule: RuleID, since moment: Date) -> Int { ofRule }
        func jobs(through connection: ConnectionID, since moment: Date) -> Int { ofConnection }
    }

    private static let severe = Condition(field: .severity, comparison: .atLeast, value: "error")
    private static let onServer2 = Condition(field: .device, comparison: .equals, value: "SRV-2")

    @Test(arguments: [
        ([], true),
        ([ConditionGroup(tests: [severe])], true),
        ([ConditionGroup(tests: [severe, onServer2])], false),
        ([ConditionGroup(tests: [severe, onServer2]), ConditionGroup(tests: [severe])], true),
        ([ConditionGroup(tests: [onServer2])], false),
    ])
    func allTestsOfAnyGroupHaveToHold(groups: [ConditionGroup], fires: Bool) {
        #expect(RuleDefinition.sample(groups: groups).verdict(on: .sample()) == (fires ? .fires : .doesNotFire))
    }

    @Test(arguments: [([], true), (["backup.failed"], true), (["BACKUP.failed", "x"], true), (["backup"], false)])
    func aRuleListensToItsEventTypes(types: [String], fires: Bool) {
        #expect(RuleDefinition.sample(eventTypes: types).verdict(on: .sample()) == (fires ? .fires : .doesNotFire))
    }

    @Test(arguments: [
        (Rule.Mode.dryRun, nil, [TicketJob.State.wouldCreate]),
        (.dryRun, RulePause.rateLimited, [.wouldCreate]),
        (.active, nil, [.waiting]),
        (.active, .rateLimited, [.needsReview(.rateLimited)]),
        (.active, .refused(.requestRejected), [.waiting]),
        (.off, nil, []),
    ])
    func modeAndPauseDetermineTheJobState(mode: Rule.Mode, pause: RulePause?, states: [TicketJob.State]) throws {
        let decisions = try RuleEngine.decide(.sample(), [.sample(mode: mode, pause: pause)], Counts())
        #expect(decisions.map(\.state) == states)
    }

    @Test(arguments: [
        (29, 0, false), (30, 0, true), (31, 0, true), (0, RuleRateLimit.perConnection.count - 1, false),
        (0, RuleRateLimit.perConnection.count, true),
    ])
    func aboveTheRateLimitAJobNeedsReviewAndTheRuleIsPaused(ofRule: Int, ofConnection: Int, exceedsLimit: Bool) throws {
        let decision = try #require(
            try RuleEngine.decide(.sample(), [.sample()], Counts(ofRule: ofRule, ofConnection: ofConnection)).first)
        #expect(decision.state == (exceedsLimit ? .needsReview(.rateLimited) : .waiting))
        #expect(decision.exceedsRateLimit == exceedsLimit)
    }

    @Test func aDryRunMatchesWhatAnActiveRuleWouldSend() throws {
        let definition = RuleDefinition.sample(appendMinutes: 60)
        let dry = try RuleEngine.decide(.sample(), [.sample(definition, mode: .dryRun)], Counts())
        let real = try RuleEngine.decide(.sample(), [.sample(definition, mode: .active)], Counts())
        #expect(dry.map(\.payload) == real.map(\.payload))
        #expect(real.first?.payload.summary == "Backup of SRV-1 failed")
        #expect(real.first?.payload.appendsSince == Date.sampleNow.addingTimeInterval(-3_600))
    }

    @Test func twoRulesDecideIndependently() throws {
        let decisions = try RuleEngine.decide(.sample(), [.sample(), .sample(mode: .dryRun)], Counts())
        #expect(decisions.map(\.state) == [.waiting, .wouldCreate])
    }
}
