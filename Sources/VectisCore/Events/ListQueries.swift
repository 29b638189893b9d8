package import FoundationEssentials
import PSACore
package import PSAEngine
package import VectisRules

/// A field of a filter that could not be understood.
package struct FilterIssue: Sendable, Hashable {
    /// What is wrong with it.
    package enum Kind: Sendable, Hashable {
        /// The text is too long.
        case tooLong
        /// It is no day.
        case noDay
        /// The first day is later than the last one.
        case order
        /// It is none of the values that there are.
        case unknown
    }

    /// The name of the field.
    package let field: String
    package let kind: Kind
    /// The issue for a program.
    package let sentence: String

    /// Creates a ``FilterIssue``.
    package init(_ field: String, _ kind: Kind, _ sentence: String) {
        self.field = field
        self.kind = kind
        self.sentence = sentence
    }
}

/// A day of a calendar, as date inputs and addresses write it.
package struct FilterDay: Sendable {
    /// When it begins.
    package let start: Date
    /// When the next one begins.
    package let end: Date

    /// Reads a day such as `2026-11-24`; nil for any other text.
    package init?(_ text: String, in zone: TimeZone) {
        guard text.utf8.count == 10, GregorianUTC.instant(iso8601: text) != nil else { return nil }
        let parts = text.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3 else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        func start(_ day: Int) -> Date? {
            // Noon exists on every day; midnight is skipped where clocks go forward then.
            calendar.date(from: DateComponents(year: parts[0], month: parts[1], day: day, hour: 12)).map { calendar.startOfDay(for: $0) }
        }
        guard let first = start(parts[2]), let next = start(parts[2] + 1) else { return nil }
        (self.start, end) = (first, next)
    }

    /// The day of a time, as date inputs and addresses write it.
    package static func text(_ date: Date, in zone: TimeZone) -> String {
        let shifted = date.addingTimeInterval(Double(zone.secondsFromGMT(for: date)))
        return String(shifted.formatted(.iso8601).prefix(10))
    }
}

/// Reads the fields of a filter from an address or a form, and collects what is wrong with them.
struct FilterFields: Sendable {
    /// The longest text that is searched for, in bytes.
    static let maxText = 200

    private let fields: [(name: String, value: String)]
    /// The zone of the days.
    private let zone: TimeZone
    private(set) var given: [(name: String, value: String)] = []
    private(set) var issues: [FilterIssue] = []

    init(_ fields: [(name: String, value: String)], in zone: TimeZone) {
        self.fields = fields
        self.zone = zone
    }

    /// A text; nil where it is missing or empty.
    mutating func text(_ name: String) -> String? {
        guard let text = fields.first(where: { $0.name == name })?.value.trimmingSpaces, !text.isEmpty else { return nil }
        // A value that can’t be used is shown again too.
        given.append((name, text))
        guard text.utf8.count <= Self.maxText else {
            issue(name, .tooLong, "“\(name)” has more than \(Self.maxText) bytes.")
            return nil
        }
        return text
    }

    /// A value that a text stands for; nil where it is missing.
    mutating func value<Value>(_ name: String, _ sentence: String, _ read: (String) -> Value?) -> Value? {
        value(name, .unknown, sentence, read)
    }

    private mutating func value<Value>(
        _ name: String, _ kind: FilterIssue.Kind, _ sentence: String, _ read: (String) -> Value?
    ) -> Value? {
        guard let text = text(name) else { return nil }
        if let value = read(text) { return value }
        issue(name, kind, sentence)
        return nil
    }

    /// A day; nil where it is missing.
    mutating func day(_ name: String) -> FilterDay? {
        let zone = zone
        return value(name, .noDay, "“\(name)” has to be a date such as 2026-11-24.") { FilterDay($0, in: zone) }
    }

    mutating func issue(_ field: String, _ kind: FilterIssue.Kind, _ sentence: String) {
        issues.append(FilterIssue(field, kind, sentence))
    }

    /// The fields as a query.
    func query(without name: String) -> String {
        given.filter { $0.name != name }.map { "\($0.name)=\(PercentEncoding.component($0.value))" }.joined(separator: "&")
    }
}

/// What a page or an API call asks of the events.
package struct EventQuery: Sendable {
    /// The fields that it reads.
    package static let fields = ["text", "company", "device", "source", "type", "outcome", "from", "to", "before"]
    /// What `outcome` can be.
    package static let outcomes = ["unmatched", "matched"]

    package private(set) var filter = EventFilter()
    package private(set) var before: HostEvent.ID?
    private let read: FilterFields

    /// Reads the fields of a query; its days are those of a zone.
    package init(_ fields: [(name: String, value: String)], in zone: TimeZone = .gmt) {
        var read = FilterFields(fields, in: zone)
        filter.text = read.text("text")
        filter.company = read.text("company")
        filter.device = read.text("device")
        filter.source = read.text("source")
        filter.type = read.text("type")
        filter.isMatched = read.value("outcome", "“outcome” has to be one of: \(Self.outcomes.joined(separator: ", ")).") { word in
            Self.outcomes.contains(word) ? word == "matched" : nil
        }
        filter.from = read.day("from")?.start
        filter.before = read.day("to")?.end
        if let from = filter.from, let end = filter.before, from >= end { read.issue("from", .order, "“from” is later than “to”.") }
        before = read.value("before", "“before” is no id of an event.") { Int64($0).map(HostEvent.ID.init(rawValue:)) }
        self.read = read
    }

    /// What could not be understood, by field; the filter leaves it out.
    package var issues: [FilterIssue] { read.issues }
    /// The value of a field as it was given.
    package func given(_ name: String) -> String { read.given.first { $0.name == name }?.value ?? "" }
    /// The filter as a query, without the place.
    package var text: String { read.query(without: "before") }
}

/// What a page or an API call asks of the jobs.
package struct JobQuery: Sendable {
    /// The fields that it reads.
    package static let fields = [
        "text", "company", "device", "state", "reason", "connection", "rule", "from", "to", "replays", "before",
    ]

    package private(set) var filter = TicketJob.Filter()
    package private(set) var before: TicketJob.ID?
    private let read: FilterFields

    /// Reads the fields of a query; jobs of replays are left out unless `replays` is `true`, which selects only these.
    ///
    /// Its days are those of a zone.
    package init(_ fields: [(name: String, value: String)], in zone: TimeZone = .gmt) {
        var read = FilterFields(fields, in: zone)
        filter.text = read.text("text")
        filter.company = read.text("company")
        filter.device = read.text("device")
        let states = TicketJob.State.Name.allCases.map(\.rawValue).joined(separator: ", ")
        filter.state = read.value("state", "“state” has to be one of: \(states).", TicketJob.State.Name.init(rawValue:))
        let reasons = ReviewReason.all.map(\.rawValue).joined(separator: ", ")
        filter.reason = read.value("reason", "“reason” has to be one of: \(reasons).") { word in
            ReviewReason.all.first { $0.rawValue == word }
        }
        filter.connection = read.value("connection", "“connection” is no id of a connection.") { ConnectionID($0) }
        filter.source = read.value("rule", "“rule” is no id of a rule.") { RuleID($0)?.source }
        filter.createdFrom = read.day("from")?.start
        filter.createdBefore = read.day("to")?.end
        if let from = filter.createdFrom, let end = filter.createdBefore, from >= end {
            read.issue("from", .order, "“from” is later than “to”.")
        }
        filter.hasOrigin = !(read.value("replays", "“replays” has to be true or false.") { Bool($0) } ?? false)
        before = read.value("before", "“before” is no id of a job.") { Int64($0).map(TicketJob.ID.init(rawValue:)) }
        self.read = read
    }

    /// What could not be understood, by field; the filter leaves it out.
    package var issues: [FilterIssue] { read.issues }
    /// The value of a field as it was given.
    package func given(_ name: String) -> String { read.given.first { $0.name == name }?.value ?? "" }
    /// The fields of the filter as they were given, without the place.
    package var fields: [(name: String, value: String)] { read.given.filter { $0.name != "before" } }
    /// The filter as a query, without the place.
    package var text: String { read.query(without: "before") }
    /// Whether it selects the jobs of replays.
    package var isOfReplays: Bool { filter.hasOrigin == false }
}
