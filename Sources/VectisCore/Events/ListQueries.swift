import FoundationEssentials
import PSACore
package import PSAEngine
package import VectisRules

/// Reads the fields of a filter from an address or a form, and collects what is wrong with them.
struct FilterFields: Sendable {
    /// The longest text that is searched for, in bytes.
    static let maxText = 200

    private let fields: [(name: String, value: String)]
    private(set) var given: [(name: String, value: String)] = []
    private(set) var issues: [(field: String, sentence: String)] = []

    init(_ fields: [(name: String, value: String)]) { self.fields = fields }

    /// A text; nil where it is missing or empty.
    mutating func text(_ name: String) -> String? {
        guard let text = fields.first(where: { $0.name == name })?.value.trimmingSpaces, !text.isEmpty else { return nil }
        guard text.utf8.count <= Self.maxText else {
            issue(name, "“\(name)” has more than \(Self.maxText) bytes.")
            return nil
        }
        given.append((name, text))
        return text
    }

    /// A value that a text stands for; nil where it is missing.
    mutating func value<Value>(_ name: String, _ sentence: String, _ read: (String) -> Value?) -> Value? {
        guard let text = text(name) else { return nil }
        if let value = read(text) { return value }
        issue(name, sentence)
        return nil
    }

    /// A day; nil where it is missing.
    mutating func day(_ name: String) -> Date? {
        value(name, "“\(name)” has to be a date such as 2026-11-24.") { text in
            text.utf8.count == 10 ? GregorianUTC.instant(iso8601: text) : nil
        }
    }

    mutating func issue(_ field: String, _ sentence: String) { issues.append((field, sentence)) }

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

    /// Reads the fields of a query.
    package init(_ fields: [(name: String, value: String)]) {
        var read = FilterFields(fields)
        filter.text = read.text("text")
        filter.company = read.text("company")
        filter.device = read.text("device")
        filter.source = read.text("source")
        filter.type = read.text("type")
        filter.isMatched = read.value("outcome", "“outcome” has to be one of: \(Self.outcomes.joined(separator: ", ")).") { word in
            Self.outcomes.contains(word) ? word == "matched" : nil
        }
        filter.from = read.day("from")
        filter.before = read.day("to")?.addingTimeInterval(86_400)
        if let from = filter.from, let end = filter.before, from >= end { read.issue("from", "“from” is later than “to”.") }
        before = read.value("before", "“before” is no id of an event.") { Int64($0).map(HostEvent.ID.init(rawValue:)) }
        self.read = read
    }

    /// What could not be understood, by field; the filter leaves it out.
    package var issues: [(field: String, sentence: String)] { read.issues }
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
    package init(_ fields: [(name: String, value: String)]) {
        var read = FilterFields(fields)
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
        filter.createdFrom = read.day("from")
        filter.createdBefore = read.day("to")?.addingTimeInterval(86_400)
        if let from = filter.createdFrom, let end = filter.createdBefore, from >= end {
            read.issue("from", "“from” is later than “to”.")
        }
        filter.hasOrigin = !(read.value("replays", "“replays” has to be true or false.") { Bool($0) } ?? false)
        before = read.value("before", "“before” is no id of a job.") { Int64($0).map(TicketJob.ID.init(rawValue:)) }
        self.read = read
    }

    /// What could not be understood, by field; the filter leaves it out.
    package var issues: [(field: String, sentence: String)] { read.issues }
    /// The value of a field as it was given.
    package func given(_ name: String) -> String { read.given.first { $0.name == name }?.value ?? "" }
    /// The fields of the filter as they were given, without the place.
    package var fields: [(name: String, value: String)] { read.given.filter { $0.name != "before" } }
    /// The filter as a query, without the place.
    package var text: String { read.query(without: "before") }
    /// Whether it selects the jobs of replays.
    package var isOfReplays: Bool { filter.hasOrigin == false }
}
