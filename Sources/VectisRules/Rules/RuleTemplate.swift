import PSACore
package import PSAEngine

/// A rule to start from: all values except the connection.
package struct RuleTemplate: Sendable {
    package let id: String
    package let name: String
    /// Its purpose, in a sentence.
    package let purpose: String
    private let eventTypes: [String]
    private let groups: [ConditionGroup]
    private let summary: String
    private let details: String
    private var appendMinutes = 0
    /// The detector whose events it listens to; nil for events that programs send.
    package var detector: DetectorKind? { eventTypes.first.flatMap(DetectorKind.init(rawValue:)) }

    /// The definition for a connection.
    package func definition(for connection: ConnectionID) -> RuleDefinition {
        RuleDefinition(
            eventTypes: eventTypes, groups: groups,
            action: TicketAction(
                connection: connection, summary: TextTemplate(summary), details: TextTemplate(details), appendMinutes: appendMinutes))
    }

    private static let facts = "{text}\n\nCompany: {company}\nDevice: {device}\nSeverity: {severity}\nReported by {source} at {time}"

    /// A rule for events like one that came: of its type, from its source, about its company and at least as severe.
    package static func definition(for event: HostEvent, through connection: ConnectionID) -> RuleDefinition {
        var tests: [Condition] = []
        // What Vectis detects has one source.
        if event.connection == nil { tests.append(Condition(field: .source, comparison: .equals, value: event.source)) }
        tests.append(Condition(field: .severity, comparison: .atLeast, value: event.severity.rawValue))
        if !event.company.trimmingSpaces.isEmpty {
            tests.append(Condition(field: .company, comparison: .equals, value: String(event.company.prefix(Condition.maxLength))))
        }
        return RuleDefinition(
            eventTypes: [event.type], groups: [ConditionGroup(tests: tests)],
            action: TicketAction(
                connection: connection, summary: TextTemplate(event.device.isEmpty ? "{text}" : "{device}: {text}"),
                details: TextTemplate(facts), appendMinutes: 60))
    }

    private static func atLeast(_ severity: String) -> ConditionGroup {
        ConditionGroup(tests: [Condition(field: .severity, comparison: .atLeast, value: severity)])
    }

    package static let all: [RuleTemplate] = [
        RuleTemplate(
            id: "critical-alert", name: "Critical alert",
            purpose: "A ticket for each critical alert; further ones of the device become notes.",
            eventTypes: ["alert.raised"], groups: [atLeast("critical")], summary: "{device}: {text}", details: facts, appendMinutes: 60),
        RuleTemplate(
            id: "backup-failed", name: "Backup failed",
            purpose: "A ticket when a backup has failed; the next night's failure becomes a note.",
            eventTypes: ["backup.failed"], groups: [atLeast("error")], summary: "Backup of {device} failed", details: facts,
            appendMinutes: 2_880),
        RuleTemplate(
            id: "agreement-ending", name: "Agreement ends soon", purpose: "A ticket when an agreement of a company is about to end.",
            eventTypes: [DetectorKind.agreementEnding.rawValue], groups: [], summary: "Agreement of {company} ends soon: {device}",
            details: facts, appendMinutes: 10_080),
        RuleTemplate(
            id: "ticket-waiting", name: "Ticket waits", purpose: "A ticket when another ticket has had no activity for too long.",
            eventTypes: [DetectorKind.ticketWaiting.rawValue], groups: [], summary: "{device} of {company} waits", details: facts,
            appendMinutes: 10_080),
        RuleTemplate(
            id: "company-without-agreement", name: "Company without an agreement",
            purpose: "A ticket when a company without an active agreement has open tickets.",
            eventTypes: [DetectorKind.companyWithoutAgreement.rawValue], groups: [],
            summary: "{company} has open tickets and no active agreement", details: facts, appendMinutes: 10_080),
        RuleTemplate(
            id: "device-too-old", name: "Device is too old", purpose: "A ticket when a device has passed its age.",
            eventTypes: ["device.aged"], groups: [], summary: "{device} should be replaced", details: facts, appendMinutes: 10_080),
        RuleTemplate(
            id: "night-alert", name: "Alert outside working hours",
            purpose: "A ticket for errors between 18:00 and 07:00, and for all that is critical.",
            eventTypes: ["alert.raised"],
            groups: [
                ConditionGroup(tests: [
                    Condition(field: .severity, comparison: .atLeast, value: "error"),
                    Condition(field: .hour, comparison: .betweenHours, value: "18:00-07:00"),
                ]), atLeast("critical"),
            ], summary: "At night: {device}: {text}", details: facts, appendMinutes: 60),
        RuleTemplate(
            id: "sync-stale", name: "Data has gone stale", purpose: "A ticket when a list of the local copy is too old to be relied on.",
            eventTypes: [DetectorKind.syncStale.rawValue], groups: [], summary: "{device} is stale", details: facts,
            appendMinutes: 1_440),
    ]
}
