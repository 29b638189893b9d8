import FoundationEssentials
import PSACore

/// How one kind of record is shown: as columns for a person, as JSON for a program.
struct RowFormat<Element: Sendable>: Sendable {
    /// Column titles with their widths; the last column is as wide as its text.
    let columns: [(title: String, width: Int)]
    let cells: @Sendable (Element) -> [String]
    let json: @Sendable (Element) -> JSONValue
    let native: @Sendable (Element) -> NativeRecord

    /// The titles on one line.
    var header: String { Self.row(columns.map(\.title), columns) }

    /// A record on one line.
    func line(_ element: Element) -> String { Self.row(cells(element), columns) }

    /// A record as one line of JSON, with the vendor's row if wanted.
    func jsonLine(_ element: Element, withNative: Bool) -> String {
        let row = json(element)
        return (withNative ? row.adding(("native", native(element).value)) : row).encodedText
    }

    private static func row(_ cells: [String], _ columns: [(title: String, width: Int)]) -> String {
        zip(cells, columns).enumerated().map { index, pair in
            let text = pair.0.onOneLine
            return index == columns.count - 1 ? text : Columns.pad(text, to: pair.1.width, cutting: true)
        }
        .joined(separator: "  ")
    }
}

/// The formats of the ten kinds.
enum RowFormats {
    static let companies = RowFormat<Company>(
        columns: [("ID", 8), ("NAME", 36), ("ACTIVE", 6), ("WEBSITE", 0)],
        cells: { [$0.id.rawValue, $0.name, yesNo($0.isActive), $0.website ?? ""] }, json: { $0.json }, native: { $0.native })
    static let contacts = RowFormat<Contact>(
        columns: [("ID", 8), ("NAME", 26), ("COMPANY", 30), ("E-MAIL", 0)],
        cells: { [$0.id.rawValue, $0.name, name($0.company), $0.emails.first ?? ""] }, json: { $0.json }, native: { $0.native })
    static let agents = RowFormat<Agent>(
        columns: [("ID", 8), ("NAME", 26), ("ACTIVE", 6), ("PERSON", 6), ("E-MAIL", 0)],
        cells: { [$0.id.rawValue, $0.name, yesNo($0.isActive), yesNo($0.isPerson), $0.email ?? ""] }, json: { $0.json },
        native: { $0.native })
    static let tickets = RowFormat<Ticket>(
        columns: [("ID", 8), ("PHASE", 7), ("STATUS", 6), ("PRIO", 4), ("CHANGED", 20), ("COMPANY", 26), ("SUMMARY", 0)],
        cells: {
            [
                $0.id.rawValue, $0.phase.rawValue, name($0.status), name($0.priority), date($0.updatedAt), name($0.company), $0.summary,
            ]
        }, json: { $0.json }, native: { $0.native })
    static let notes = RowFormat<TicketNote>(
        columns: [("ID", 12), ("WHEN", 20), ("KIND", 16), ("READ BY", 9), ("AUTHOR", 20), ("TEXT", 0)],
        cells: { [$0.id.rawValue, date($0.createdAt), $0.kind ?? "", $0.visibility.name, $0.author.name ?? "", $0.text] },
        json: { $0.json },
        native: { $0.native })
    static let agreements = RowFormat<Agreement>(
        columns: [("ID", 8), ("NAME", 30), ("ACTIVE", 6), ("KIND", 14), ("ENDS", 20), ("COMPANY", 0)],
        cells: { [$0.id.rawValue, $0.name, yesNo($0.isActive), $0.kind ?? "", date($0.endsAt), name($0.company)] }, json: { $0.json },
        native: { $0.native })
    static let recurringInvoices = RowFormat<RecurringInvoice>(
        columns: [("ID", 8), ("COMPANY", 30), ("ACTIVE", 6), ("TOTAL", 10), ("LINES", 5), ("NEXT", 0)],
        cells: {
            [
                $0.id.rawValue, name($0.company), yesNo($0.isActive), $0.total.map { "\($0)" } ?? "", $0.lines.map { "\($0.count)" } ?? "",
                date($0.nextInvoiceAt),
            ]
        }, json: { $0.json }, native: { $0.native })
    static let ticketTypes = RowFormat<TicketType>(
        columns: [("ID", 8), ("NAME", 30), ("CREATE", 6), ("SLA", 0)],
        cells: { [$0.id.rawValue, $0.name, yesNo($0.canCreate), $0.defaultServiceLevel ?? ""] }, json: { $0.json }, native: { $0.native })
    static let statuses = RowFormat<TicketStatus>(
        columns: [("ID", 8), ("NAME", 30), ("PHASE", 8), ("VALID FOR", 0)],
        cells: { [$0.id.rawValue, $0.name, $0.phase.rawValue, $0.scope.description] }, json: { $0.json }, native: { $0.native })
    static let priorities = RowFormat<TicketPriority>(
        columns: [("ID", 8), ("NAME", 30), ("VALID FOR", 0)], cells: { [$0.id.rawValue, $0.name, $0.scope.description] }, json: { $0.json },
        native: { $0.native })

    private static func yesNo(_ flag: Bool?) -> String { flag.map { $0 ? "yes" : "no" } ?? "?" }
    private static func name<Entity>(_ reference: Reference<Entity>?) -> String { reference.map { $0.label ?? $0.id.rawValue } ?? "" }
    private static func date(_ date: Date?) -> String { date.map { $0.formatted(.iso8601) } ?? "" }
}
