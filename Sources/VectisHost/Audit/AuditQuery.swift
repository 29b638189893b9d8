import FoundationEssentials
import PSACore

/// What a page, an export or an API call asks of the audit log.
struct AuditQuery: Sendable {
    /// The days that are shown when nobody says which.
    static let usualDays = 7

    private(set) var filter = AuditFilter()
    private(set) var before: AuditPlace?
    /// The first day, as a date input wants it.
    private(set) var fromText = ""
    /// The last day, that day included.
    private(set) var toText = ""
    /// What could not be understood, by field; the filter leaves it out.
    private(set) var problems: [(field: String, sentence: String)] = []

    /// Reads the fields `action`, `user`, `target`, `from`, `to` and `before` of a query; without `from` the last seven days are meant.
    init(_ fields: [(name: String, value: String)], now: Date) {
        func value(_ name: String) -> String? {
            fields.first { $0.name == name }.map { $0.value.trimmingSpaces }.flatMap { $0.isEmpty ? nil : $0 }
        }
        if let text = value("action") {
            filter.action = AuditAction(rawValue: text)
            if filter.action == nil { problems.append(("action", "There is no action “\(text.prefix(60))”.")) }
        }
        filter.actor = value("user").map { String($0.prefix(80)).lowercased() }
        filter.target = value("target").map { String($0.prefix(120)) }
        let usual = now.addingTimeInterval(-Double(Self.usualDays) * 86_400)
        filter.from = day(value("from"), "from", "From") ?? usual
        fromText = Self.text(filter.from ?? usual)
        if let last = day(value("to"), "to", "To") {
            filter.until = last.addingTimeInterval(86_400)
            toText = Self.text(last)
        }
        if let until = filter.until, let from = filter.from, from >= until { problems.append(("from", "“From” is later than “To”.")) }
        if let text = value("before") {
            before = Int64(text).map(AuditPlace.init(rawValue:))
            if before == nil { problems.append(("before", "“before” is not a place in the log.")) }
        }
    }

    private mutating func day(_ text: String?, _ field: String, _ label: String) -> Date? {
        guard let text else { return nil }
        guard text.utf8.count == 10, let date = GregorianUTC.instant(iso8601: text) else {
            problems.append((field, "“\(label)” must be a date such as 2026-11-24."))
            return nil
        }
        return date
    }

    private static func text(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(10)) }

    /// The filter as a query, without the place.
    var text: String {
        let fields = [
            ("action", filter.action?.rawValue), ("user", filter.actor), ("target", filter.target), ("from", fromText),
            ("to", toText.isEmpty ? nil : toText),
        ]
        return fields.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.component($0))" } }.joined(separator: "&")
    }
}
