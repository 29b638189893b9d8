import FoundationEssentials

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

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
        Rule(
            id: RuleID(), name: "Backup failed", revision: 1, mode: mode, pause: pause, definition: definition, createdAt: .sampleNow,
            changedAt: .sampleNow)
    }
}
