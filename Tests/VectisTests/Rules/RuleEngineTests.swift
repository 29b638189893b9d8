import FoundationEssentials
import PSACore
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
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

        func jobs(of rule: RuleID, since moment: Date, until end: Date) -> Int { ofRule }
        func jobs(through connection: ConnectionID, since moment: Date, until end: Date) -> Int { ofConnection }
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

    @Test(arguments: [[], ["ticket.waiting"]]) func aFindingMakesOnlyRulesOfItsConnectionFire(types: [String]) {
        var event = HostEvent.sample(type: "ticket.waiting")
        let own = ConnectionID()
        event.connection = own
        #expect(RuleDefinition.sample(connection: own, eventTypes: types).verdict(on: event) == .fires)
        #expect(RuleDefinition.sample(eventTypes: types).verdict(on: event) == .doesNotFire)
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

@Suite("Rule definitions") struct RuleDefinitionTests {
    @Test func ruleDefinitionsRoundTrip() throws {
        let template = try #require(RuleTemplate.all.first { $0.id == "night-alert" })
        var definition = template.definition(for: ConnectionID())
        definition.action.overrides.values = [.type: "3", .status: "", .priority: "7"]
        definition.limit = RuleRateLimit(count: 5, minutes: 60)
        definition.action.details = TextTemplate("“quotes” \\ and\nlines {text} 😀")
        let root = try JSONDocument(definition.json.encoded).root
        #expect(RuleDefinition(json: root) == definition)
    }

    @Test(arguments: [
        "{}", #"{"connection":"no such id!","summary":"x"}"#, #"{"connection":"abc"}"#,
        #"{"connection":"abc","summary":"x","groups":[[{"field":"colour","comparison":"equals","value":"red"}]]}"#,
        #"{"connection":"abc","summary":"x","groups":[[{"field":"text","comparison":"resembles","value":"red"}]]}"#,
        #"{"connection":"abc","summary":"x","groups":[[{"field":"text","comparison":"equals"}]]}"#,
    ])
    func invalidDefinitionsAreNotRead(json: String) throws {
        #expect(RuleDefinition(json: try JSONDocument(Array(json.utf8)).root) == nil)
    }

    @Test(arguments: RuleTemplate.all.map(\.id))
    func everyTemplateIsReadyToSave(id: String) throws {
        let template = try #require(RuleTemplate.all.first { $0.id == id })
        #expect(template.definition(for: ConnectionID()).issues.map(\.problem) == [])
    }

    @Test func thereAreEightTemplatesWithUniqueNamesAndOneForEachDetector() {
        #expect(Set(RuleTemplate.all.map(\.id)).count == 8)
        #expect(Set(RuleTemplate.all.map(\.name)).count == 8)
        #expect(Set(RuleTemplate.all.compactMap(\.detector)) == Set(DetectorKind.allCases))
    }

    @Test func allProblemsAreReportedAtOnce() {
        var definition = RuleDefinition.sample(
            eventTypes: [String(repeating: "x", count: 101)], groups: [ConditionGroup(tests: [])], appendMinutes: -1,
            limit: RuleRateLimit(count: 0, minutes: 10))
        definition.action.summary = TextTemplate(" ")
        definition.action.details = TextTemplate("{nonsense}")
        #expect(Set(definition.issues.map(\.field)) == ["eventTypes", "groups.0", "summary", "details", "appendMinutes", "limitCount"])
    }

    @Test func aRuleThatIsStoredWithWhatIsRefusedNowStillRuns() throws {
        var definition = RuleDefinition.sample(
            eventTypes: ["", "backup.failed"],
            groups: [
                ConditionGroup(tests: [Condition(field: .text, comparison: .oneOf, value: ",,")]),
                ConditionGroup(tests: [Condition(field: .device, comparison: .equals, value: "SRV-1")]),
            ])
        definition.action.summary = TextTemplate("Backup of {device")
        definition.action.overrides.values[.priority] = "abc"
        let read = try #require(RuleDefinition(json: try JSONDocument(definition.json.encoded).root))
        #expect(read.json == definition.json && Set(read.issues.map(\.field)) == ["eventTypes.0", "groups.0.0", "summary"])
        #expect(read.verdict(on: .sample()) == .fires)
        #expect(RuleEngine.payload(.sample(), read).summary == "Backup of {device")
    }
}

extension HostEvent {
    /// An event with only what a test is about.
    static func sample(
        senderID: String = "1", type: String = "backup.failed", severity: Severity = .error, company: String = "Acme",
        device: String = "SRV-1",
        text: String = "The disk is full.", at: Date = .sampleNow, receivedAt: Date = .sampleNow
    ) -> HostEvent {
        HostEvent(
            source: "monitor", senderID: senderID, type: type, severity: severity, company: company, companyID: "", device: device,
            text: text,
            at: at, receivedAt: receivedAt)
    }
}

extension Date {
    /// 2026-11-24, 09:30:00 UTC.
    static let sampleNow = Date(timeIntervalSince1970: 1_795_512_600)
}

extension RuleDefinition {
    /// A rule for every event, with only what a test is about.
    static func sample(
        connection: ConnectionID = ConnectionID(), eventTypes: [String] = [], groups: [ConditionGroup] = [], appendMinutes: Int = 0,
        limit: RuleRateLimit = .default
    ) -> RuleDefinition {
        RuleDefinition(
            eventTypes: eventTypes, groups: groups,
            action: TicketAction(
                connection: connection, summary: TextTemplate("Backup of {device} failed"), details: TextTemplate("{text}"),
                appendMinutes: appendMinutes), limit: limit)
    }
}

extension Rule {
    static func sample(_ definition: RuleDefinition = .sample(), mode: Mode = .active, pause: RulePause? = nil) -> Rule {
        let refusal: ErrorCode? = if case .refused(let code)? = pause { code } else { nil }
        return Rule(
            id: RuleID(), name: "Backup failed", revision: 1, mode: mode, isRateLimited: pause == .rateLimited, refusal: refusal,
            definition: definition, createdAt: .sampleNow,
            changedAt: .sampleNow)
    }
}
