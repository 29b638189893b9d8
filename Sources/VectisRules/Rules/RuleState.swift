package import PSACore
import PSAEngine

/// What a rule does at present, in one word, and why.
package struct RuleState: Sendable, Hashable {
    /// The one state of a rule.
    package enum Name: String, Sendable, CaseIterable {
        /// It is evaluated, and nothing is sent.
        case dryRun = "dry_run"
        /// It creates tickets.
        case active
        /// It is to create tickets, and something keeps it from that.
        case paused
        /// It is not evaluated.
        case off

        /// The state for display.
        package var title: String {
            switch self {
            case .dryRun: "Dry run"
            case .active: "Active"
            case .paused: "Paused"
            case .off: "Off"
            }
        }
    }

    /// What keeps a rule from creating tickets, or will once it is active.
    package enum Reason: Sendable, Hashable {
        /// It exceeded its limit, or that of its connection.
        case rateLimited
        /// The PSA rejects its tickets.
        case refused(ErrorCode)
        /// Its tickets have no accepted value for fields that their type demands.
        case fields(TicketFieldsPause)
        /// Its connection was removed.
        case connectionRemoved

        /// The reason as one word, for programs.
        package var code: String {
            switch self {
            case .rateLimited: "rate_limited"
            case .refused(let code): code.rawValue
            case .fields: "fields_missing"
            case .connectionRemoved: "connection_removed"
            }
        }
    }

    package let name: Name
    /// Why it is paused, or, in dry run, why it would be.
    package let reasons: [Reason]

    /// The state of a rule.
    package init(_ rule: Rule) {
        self.init(rule.mode, rule.pauses, rule.fieldPause, lacksConnection: rule.lacksConnection)
    }

    /// The state that follows from the mode that a person chose, and from what was found since.
    package init(_ mode: Rule.Mode, _ pauses: [RulePause], _ fields: TicketFieldsPause?, lacksConnection: Bool = false) {
        let found = pauses.map { pause -> Reason in
            switch pause {
            case .rateLimited: .rateLimited
            case .refused(let code): .refused(code)
            }
        }
        // Without a connection nothing else keeps it from creating tickets.
        let reasons = lacksConnection ? [.connectionRemoved] : [fields.map(Reason.fields)].compactMap(\.self) + found
        switch mode {
        case .off: (name, self.reasons) = (.off, [])
        case .dryRun: (name, self.reasons) = (.dryRun, reasons)
        case .active: (name, self.reasons) = (reasons.isEmpty ? .active : .paused, reasons)
        }
    }
}
