package import FoundationEssentials
import PSACore
package import PSAEngine
package import VectisRules

/// What a rule would make of the latest events, before it is saved or promoted; nothing is stored and nothing is sent.
package struct RulePreview: Sendable {
    /// How many of the latest events were looked at.
    package var events = 0
    /// How many of them the rule would have fired for.
    package var matched = 0
    /// How many of those that it would have fired for would have been on hold, because it exceeds its own limit and no person has decided.
    package var held = 0
    /// For how many that depends on the company in the PSA.
    package var open = 0
    /// When the earliest of them arrived; nil without events.
    package var since: Date?
    /// The event with which the ticket is shown; nil for a sample.
    package var event: StoredEvent?
    /// The texts of the ticket for that event.
    package var ticket: TicketJob.Payload
    /// Which conditions hold for that event.
    package var explanation: RuleExplanation
    /// The newest events, from which a person chooses.
    package var recent: [StoredEvent] = []

    /// How many events are looked at unless another number is asked for.
    package static let usualEvents = 200
    /// How many are looked at most.
    package static let maxEvents = 500
    /// How many are offered to be chosen.
    package static let maxRecent = 10

    /// With which event a ticket is shown.
    package enum Choice: Sendable, Hashable {
        /// The latest that the rule fires for; a sample if there is none.
        case latestMatch
        /// One that is stored.
        case event(HostEvent.ID)
        case sample
    }
}

extension RuleService {
    /// Runs the latest events through a definition.
    ///
    /// - Parameters:
    ///   - definition: The rule; what is wrong with it makes no event match.
    ///   - choice: With which event the ticket is shown.
    ///   - count: How many events are looked at, up to ``RulePreview/maxEvents``.
    ///   - start: Earlier events don't count; nil for all.
    /// - Returns: What the rule would have made of them.
    /// - Throws: ``StoreError/notFound`` if the chosen event is not stored, or another error of the storage.
    package func preview(
        _ definition: RuleDefinition, with choice: RulePreview.Choice = .latestMatch, of count: Int = RulePreview.usualEvents,
        since start: Date? = nil
    ) async throws -> RulePreview {
        let stored = Rule(
            id: RuleID(), name: "", revision: 0, mode: .dryRun, definition: definition, createdAt: time.now(), changedAt: time.now())
        // Its conditions are parsed once for all events.
        let index = RuleIndex([stored])
        var latestMatch: StoredEvent?
        var counts = (events: 0, matched: 0, open: 0)
        var earliest: Date?
        var recent: [StoredEvent] = []
        var fired: [Date] = []
        var place: HostEvent.ID?
        let most = min(count, RulePreview.maxEvents)
        search: while counts.events < most {
            let events = try await storage.events(before: place, limit: min(100, most - counts.events))
            guard let last = events.last else { break }
            for event in events {
                if let start, event.event.receivedAt < start { break search }
                counts.events += 1
                earliest = event.event.receivedAt
                if recent.count < RulePreview.maxRecent { recent.append(event) }
                switch index.verdicts(on: event.event).first?.verdict {
                case .fires?:
                    counts.matched += 1
                    fired.append(event.event.receivedAt)
                    if latestMatch == nil { latestMatch = event }
                case .depends?: counts.open += 1
                case .doesNotFire?, nil: break
                }
            }
            place = last.id
        }
        var shown: StoredEvent?
        switch choice {
        case .latestMatch: shown = latestMatch
        case .sample: break
        case .event(let id):
            guard let event = try await storage.event(id) else { throw StoreError.notFound }
            shown = event
        }
        let event = shown?.event ?? HostEvent.example(for: definition, at: time.now())
        return RulePreview(
            events: counts.events, matched: counts.matched, held: definition.limit.held(of: fired), open: counts.open, since: earliest,
            event: shown,
            ticket: RuleEngine.payload(event, definition), explanation: RuleExplanation(definition, event), recent: recent)
    }

    /// How many tickets or notes a rule would have created in the last 24 hours.
    ///
    /// - Returns: The numbers; they concern the latest ``RulePreview/maxEvents`` events only.
    /// - Throws: Errors of the storage.
    package func lastDay(of definition: RuleDefinition) async throws -> RulePreview {
        try await preview(
            definition, with: .sample, of: RulePreview.maxEvents, since: time.now().addingTimeInterval(-86_400))
    }
}

extension RuleRateLimit {
    /// How many jobs of these times are on hold: the first that exceeds the limit, and all later ones, because the rule waits for a decision.
    func held(of times: [Date]) -> Int {
        let times = times.sorted()
        let trip = times.indices.first { $0 >= count && times[$0 - count] > times[$0].addingTimeInterval(-Double(minutes) * 60) }
        return trip.map { times.count - $0 } ?? 0
    }
}

extension HostEvent {
    /// An event that could make a rule fire, for those who have none yet.
    package static func example(for definition: RuleDefinition, at time: Date) -> HostEvent {
        HostEvent(
            source: "backup-monitor", senderID: "sample", type: definition.eventTypes.first ?? "backup.failed", severity: .error,
            company: "Northwind Ltd", companyID: "", device: "SRV-01", text: "The nightly backup failed: the disk is full.", at: time,
            receivedAt: time)
    }
}
