package import FoundationEssentials
package import PSACore
import PSAEngine
import VectisRules

/// What a page, an export or an API call asks of the audit log.
package struct AuditQuery: Sendable {
    /// The number of days shown by default.
    package static let defaultDays = 7

    package private(set) var filter = AuditFilter()
    package private(set) var before: AuditPosition?
    /// The first day, in the format of a date input.
    package private(set) var fromText = ""
    /// The last day, that day included.
    package private(set) var toText = ""
    /// What could not be understood, by field; the filter leaves it out.
    package private(set) var issues: [FilterIssue] = []

    /// Reads the fields `action`, `user`, `target`, `from`, `to` and `before` of a query; without `from` the last seven days are meant.
    ///
    /// Its days are those of a zone.
    package init(_ fields: [(name: String, value: String)], now: Date, in zone: TimeZone = .gmt) {
        func value(_ name: String) -> String? {
            fields.first { $0.name == name }.map { $0.value.trimmingSpaces }.flatMap { $0.isEmpty ? nil : $0 }
        }
        if let text = value("action") {
            filter.action = AuditAction(rawValue: text)
            if filter.action == nil { issues.append(FilterIssue("action", .unknown, "There is no action “\(text.prefix(60))”.")) }
        }
        filter.actor = value("user").map {
            // Names of accounts are in lower case; those of API keys are as they were typed.
            let text = String($0.prefix(AuditEntry.Actor.keyPrefix.count + APIToken.maxNameLength))
            return text.hasPrefix(AuditEntry.Actor.keyPrefix) ? text : text.lowercased()
        }
        filter.target = value("target").map { String($0.prefix(120)) }
        let defaultStart = now.addingTimeInterval(-Double(Self.defaultDays) * 86_400)
        filter.from = day(value("from"), "from", "From", zone)?.start ?? defaultStart
        fromText = value("from") ?? FilterDay.text(defaultStart, in: zone)
        filter.until = day(value("to"), "to", "To", zone)?.end
        toText = value("to") ?? ""
        if let until = filter.until, let from = filter.from, from >= until {
            issues.append(FilterIssue("from", .order, "“From” is later than “To”."))
        }
        if let text = value("before") {
            before = Int64(text).map(AuditPosition.init(rawValue:))
            if before == nil { issues.append(FilterIssue("before", .unknown, "“before” is not a position in the log.")) }
        }
    }

    private mutating func day(_ text: String?, _ field: String, _ label: String, _ zone: TimeZone) -> FilterDay? {
        guard let text else { return nil }
        if let day = FilterDay(text, in: zone) { return day }
        issues.append(FilterIssue(field, .noDay, "“\(label)” must be a date such as 2026-11-24."))
        return nil
    }

    /// The filter as a query, without the place.
    package var text: String {
        let fields = [
            ("action", filter.action?.rawValue), ("user", filter.actor), ("target", filter.target), ("from", fromText),
            ("to", toText.isEmpty ? nil : toText),
        ]
        return fields.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.component($0))" } }.joined(separator: "&")
    }
}

/// The audit log as a file, piece by piece: a log of years fits into no memory.
package struct AuditExport: Sendable {
    package enum Format: String, Sendable, CaseIterable {
        case csv
        case json

        package var contentType: String { self == .csv ? "text/csv; charset=utf-8" : "application/json" }
    }

    package let storage: any Storage
    package let filter: AuditFilter
    package let format: Format
    /// The entries read at a time.
    package var batch = 500

    /// Creates an ``AuditExport``.
    package init(storage: any Storage, filter: AuditFilter, format: Format, batch: Int = 500) {
        self.storage = storage
        self.filter = filter
        self.format = format
        self.batch = batch
    }

    /// The file's bytes.
    ///
    /// If the storage fails midway, the JSON is left incomplete and the last line of the CSV reports the failure.
    package var pieces: AsyncStream<[UInt8]> {
        let reader = Reader(export: self)
        return AsyncStream { await reader.next() }
    }

    /// Reads a batch at a time, as the client takes them.
    private actor Reader {
        private enum Progress {
            case start
            case reading(before: AuditPosition?)
            case ended
        }

        private let export: AuditExport
        private var progress = Progress.start

        init(export: AuditExport) { self.export = export }

        func next() async -> [UInt8]? {
            switch progress {
            case .start:
                progress = .reading(before: nil)
                return export.opening
            case .reading(let position):
                guard let entries = try? await export.storage.audit(export.filter, before: position, limit: export.batch) else {
                    progress = .ended
                    return Array(export.breakingOff.utf8)
                }
                guard let last = entries.last else {
                    progress = .ended
                    return Array(export.ending.utf8)
                }
                progress = .reading(before: last.position)
                return export.text(of: entries, isFirst: position == nil)
            case .ended: return nil
            }
        }
    }

    private var opening: [UInt8] { format == .csv ? CSV.header(Self.columns) : [UInt8(ascii: "[")] }
    private var ending: String { format == .csv ? "" : "\n]\n" }
    private var breakingOff: String { format == .csv ? "# The log could not be read to its end.\r\n" : "" }
    private static let columns = ["place", "at", "user", "action", "target", "outcome", "detail", "code", "correlationID", "address"]

    private func text(of entries: [StoredAuditEntry], isFirst: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, entry) in entries.enumerated() {
            switch format {
            case .csv:
                let json = entry.json
                bytes += CSV.line(Self.columns.map { json[$0] })
            case .json:
                bytes += Array((isFirst && index == 0 ? "\n" : ",\n").utf8) + entry.json.encoded
            }
        }
        return bytes
    }
}

extension StoredAuditEntry {
    /// The entry for machines.
    package var json: JSONValue {
        .init(present: [
            ("place", .integer(Int(position.rawValue))), ("at", .string(entry.at.formatted(.iso8601))), ("user", .string(entry.actor.text)),
            ("action", .string(entry.action.rawValue)), ("target", .string(entry.target)), ("outcome", .string(entry.outcome.rawValue)),
            ("detail", .string(entry.detail)), ("code", entry.code.map { .string($0.rawValue) }),
            ("correlationID", .string(entry.correlationID)), ("address", entry.address.map(JSONValue.string)),
        ])
    }
}
