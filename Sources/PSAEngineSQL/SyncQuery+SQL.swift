import FoundationEssentials
import PSACore
import PSAEngine
import SQL

extension SyncQuery {
    /// The conditions of the search and the values in them.
    var conditions: ([String], [SQLValue]) {
        var conditions: [String] = []
        var values: [SQLValue] = []
        func add(_ condition: String, _ added: SQLValue...) {
            conditions.append(condition)
            values += added
        }
        if !states.isEmpty {
            let marks = states.map { _ in "?" }.joined(separator: ", ")
            conditions.append("state IN (\(marks))")
            values += states.map(\.rawValue).sorted().map { .text($0) }
        }
        if let company { add("company = ?", .text(company.rawValue)) }
        if let ticket { add("ticket = ?", .text(ticket.rawValue)) }
        if let isActive { add("COALESCE(is_active, 1) = ?", SQLValue(isActive)) }
        if let endsFrom { add("ends_at >= ?", endsFrom.storedMilliseconds) }
        if let endsBefore { add("ends_at < ?", endsBefore.storedMilliseconds) }
        if let quietSince { add("active_at < ?", quietSince.storedMilliseconds) }
        let words = words
        if !words.isEmpty {
            let names = words.map { _ in "INSTR(name_key, ?) > 0" }.joined(separator: " AND ")
            conditions.append("(id = ? OR \(names))")
            values += [.text(text.trimmingSpaces)] + words.map { .text($0) }
        }
        if let after {
            switch order {
            case .latestChange:
                // A place that is no number leads to the end.
                add("sequence < ?", .integer(Int64(after.rawValue) ?? 0))
            case .name:
                let parts = after.rawValue.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
                add("(name_key, id) > (?, ?)", .text(parts.count == 2 ? parts[1] : ""), .text(parts[0]))
            }
        }
        return (conditions, values)
    }

    var ordering: String {
        switch order {
        case .latestChange: "sequence DESC"
        case .name: "name_key, id"
        }
    }
}
