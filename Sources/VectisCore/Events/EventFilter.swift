package import FoundationEssentials
import PSACore
package import VectisRules

/// Selects events; nil means any.
package struct EventFilter: Sendable, Equatable {
    /// A part of the text, in any case.
    package var text: String?
    /// A part of the company’s name, or its id.
    package var company: String?
    /// A part of the device’s name.
    package var device: String?
    /// A part of the source’s name.
    package var source: String?
    /// A part of the type.
    package var type: String?
    /// Whether a rule created a job from it.
    package var isMatched: Bool?
    /// The earliest time of arrival.
    package var from: Date?
    /// The time before which it arrived.
    package var before: Date?

    /// The most events that are looked at for one page, where no index finds those that match.
    package static let searchWindow = 10_000

    /// Creates an ``EventFilter`` for all events.
    package init() {}

    /// Whether texts are searched.
    package var isSearch: Bool { [text, company, device, source, type].contains { $0 != nil } }
}

/// A part of the events that match, and where the next part begins.
package struct EventPage: Sendable, Equatable {
    /// The events, the newest first.
    package var events: [StoredEvent]
    /// The event before which the next part begins; nil if there is none.
    package var next: HostEvent.ID?
    /// Whether ``EventFilter/searchWindow`` events were looked at before the page was full.
    package var isPartial: Bool

    /// Creates an ``EventPage``.
    package init(events: [StoredEvent], next: HostEvent.ID?, isPartial: Bool = false) {
        self.events = events
        self.next = next
        self.isPartial = isPartial
    }
}
