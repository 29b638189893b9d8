import PSACore
import Testing
@testable import VectisRules
@testable import VectisWeb

@Suite("The state of a rule") struct RuleStateTests {
    private static let fields = TicketFieldsPause(type: "Incident", fields: ["Cost centre"])
    private static let pauses: [[RulePause]] = [
        [], [.rateLimited], [.refused(.permissionActionDenied)], [.refused(.permissionActionDenied), .rateLimited],
    ]

    @Test(arguments: Rule.Mode.allCases, pauses)
    func theStateFollowsFromModeAndPauses(mode: Rule.Mode, pauses: [RulePause]) {
        for fields in [nil, Self.fields] {
            let state = RuleState(mode, pauses, fields)
            var reasons: [RuleState.Reason] = fields.map { [.fields($0)] } ?? []
            for pause in pauses {
                switch pause {
                case .rateLimited: reasons.append(.rateLimited)
                case .refused(let code): reasons.append(.refused(code))
                }
            }
            switch mode {
            case .off:
                #expect(state.name == .off)
                #expect(state.reasons.isEmpty)
            case .dryRun:
                #expect(state.name == .dryRun)
                #expect(state.reasons == reasons)
            case .active:
                #expect(state.name == (reasons.isEmpty ? .active : .paused))
                #expect(state.reasons == reasons)
            }
        }
    }

    @Test(arguments: pauses) func aRuleWithoutItsConnectionIsPausedForThatAlone(pauses: [RulePause]) {
        let state = RuleState(.active, pauses, Self.fields, lacksConnection: true)
        #expect(state.name == .paused && state.reasons == [.connectionRemoved])
        #expect(RuleState(.off, pauses, nil, lacksConnection: true).reasons.isEmpty)
    }

    @Test(arguments: RuleState.Name.allCases) func pagesAndAPIUseTheSameWords(name: RuleState.Name) {
        #expect(name.words.description == name.title)
    }
}
