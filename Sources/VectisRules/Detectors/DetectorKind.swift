import FoundationEssentials
import PSACore

/// What a detector looks for in the local copy of a connection; the type of the events that it raises.
package enum DetectorKind: String, Sendable, CaseIterable {
    /// An active agreement of an active company ends within a number of days.
    case agreementEnding = "agreement.ending"
    /// An open ticket has had no activity for more than a number of days.
    case ticketWaiting = "ticket.waiting"
    /// A company without an active agreement has open tickets.
    case companyWithoutAgreement = "company.without_agreement"
    /// A resource of the copy is too old to be relied on.
    case syncStale = "sync.stale"

    /// The name for people.
    package var title: String {
        switch self {
        case .agreementEnding: "An agreement ends soon"
        case .ticketWaiting: "A ticket waits"
        case .companyWithoutAgreement: "A company without an agreement has open tickets"
        case .syncStale: "Data has gone stale"
        }
    }

    /// When it raises an event, in a sentence.
    package var explanation: String {
        switch self {
        case .agreementEnding:
            "An active agreement of an active company ends within the given number of days. One event for each agreement, end date and number of days."
        case .ticketWaiting:
            "An open ticket has had no activity for more than the given number of days. One event each time a ticket has become quiet."
        case .companyWithoutAgreement:
            "An active company has open tickets, and no active agreement. One event for each company and calendar month (UTC)."
        case .syncStale:
            "A list of the local copy is older than its limit, because runs fail, are paused or take too long. One event each time it goes stale."
        }
    }

    /// What the present state of the copy can't say about the past, in a sentence.
    package var limitation: String {
        switch self {
        case .agreementEnding:
            "Agreements that were renewed, ended early or removed in these days are missing, because the copy has their latest end date only."
        case .ticketWaiting:
            "Tickets that waited in these days and were answered or closed since are missing, because the copy has their latest activity only."
        case .companyWithoutAgreement:
            "The copy says which companies have no active agreement now, not since when; who had none in these days is not known."
        case .syncStale: "Lists that were stale in these days and were read since are missing."
        }
    }

    /// The number of days until an administrator changes it; nil for a detector that has none.
    package var defaultDays: Int? {
        switch self {
        case .agreementEnding: 30
        case .ticketWaiting: 7
        case .companyWithoutAgreement, .syncStale: nil
        }
    }

    /// What the number of days means; nil for a detector that has none.
    package var daysLabel: String? {
        switch self {
        case .agreementEnding: "Days before the end"
        case .ticketWaiting: "Days without activity"
        case .companyWithoutAgreement, .syncStale: nil
        }
    }

    /// The possible numbers of days.
    package static let daysRange = 1...365
}

/// Which detectors of a connection are on, and with how many days.
package struct DetectorSettings: Sendable, Equatable {
    /// The setting of one detector.
    package struct Setting: Sendable, Equatable {
        package var isOn: Bool
        /// The number of days; nil for a detector that has none.
        package var days: Int?

        /// Creates a ``Setting``.
        package init(isOn: Bool, days: Int?) {
            self.isOn = isOn
            self.days = days
        }
    }

    private var settings: [DetectorKind: Setting] = [:]

    /// All detectors off, as before the first change.
    package init() {}

    /// The setting of a detector.
    package subscript(kind: DetectorKind) -> Setting {
        get { settings[kind] ?? Setting(isOn: false, days: kind.defaultDays) }
        set { settings[kind] = newValue == Setting(isOn: false, days: kind.defaultDays) ? nil : newValue }
    }

    /// Whether any detector is on.
    package var isAnyOn: Bool { settings.values.contains(where: \.isOn) }

    /// The detectors whose number of days is not possible.
    package var issues: [DetectorKind] {
        DetectorKind.allCases.filter { kind in
            kind.defaultDays != nil && !(self[kind].days.map(DetectorKind.daysRange.contains) ?? false)
        }
    }

    /// The settings for the audit log.
    package var sentence: String {
        let parts = DetectorKind.allCases.map { kind in
            let setting = self[kind]
            return "\(kind.rawValue): \(setting.isOn ? "on" : "off")\(setting.days.map { ", \($0) days" } ?? "")"
        }
        return parts.joined(separator: "; ") + "."
    }

    /// The settings as one text, for the storage.
    package var stored: String {
        JSONValue(
            present: DetectorKind.allCases.filter { settings[$0] != nil }.map { kind in
                let setting = self[kind]
                return (kind.rawValue, .init(present: [("on", .bool(setting.isOn)), ("days", setting.days.map(JSONValue.integer))]))
            }
        ).encodedText
    }

    /// Reads what ``stored`` wrote; nil for anything else.
    package init?(stored text: String) {
        guard let root = try? JSONDocument(Array(text.utf8)).root, root.isObject else { return nil }
        for kind in DetectorKind.allCases {
            guard let view = root[kind.rawValue] else { continue }
            guard let isOn = view["on"]?.bool else { return nil }
            let days = view["days"]?.integer.map { min(max($0, DetectorKind.daysRange.lowerBound), DetectorKind.daysRange.upperBound) }
            self[kind] = Setting(isOn: isOn, days: kind.defaultDays == nil ? nil : days ?? kind.defaultDays)
        }
    }
}

/// The stored settings, with a revision that prevents two administrators from overwriting each other's change unnoticed.
package struct StoredDetectorSettings: Sendable, Equatable {
    package var settings: DetectorSettings
    /// 0 before the first change.
    package var revision: Int

    /// Creates a ``StoredDetectorSettings``.
    package init(settings: DetectorSettings = DetectorSettings(), revision: Int = 0) {
        self.settings = settings
        self.revision = revision
    }
}
