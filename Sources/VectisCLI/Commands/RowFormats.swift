import FoundationEssentials
import PSACore
import VectisCore

/// How one kind of record is shown: as columns for a person, as JSON for a program.
struct RowFormat<Element: Sendable>: Sendable {
    /// Column titles with their widths; the last column is as wide as its text.
    let columns: [(title: String, width: Int)]
    /// Writes one cell for each column.
    let cells: @Sendable (Element, inout RowWriter) -> Void
    /// Writes the record as one JSON value.
    let json: @Sendable (Element, inout JSONWriter) -> Void
    let native: @Sendable (Element) -> NativeRecord?

    /// Creates a format that writes each record directly.
    init(
        columns: [(title: String, width: Int)], writing cells: @escaping @Sendable (Element, inout RowWriter) -> Void,
        json: @escaping @Sendable (Element, inout JSONWriter) -> Void, native: @escaping @Sendable (Element) -> NativeRecord?
    ) {
        (self.columns, self.cells, self.json, self.native) = (columns, cells, json, native)
    }

    /// Creates a format of texts and a tree: shorter, and fast enough for lists of some thousand records.
    init(
        columns: [(title: String, width: Int)], cells: @escaping @Sendable (Element) -> [String],
        json: @escaping @Sendable (Element) -> JSONValue, native: @escaping @Sendable (Element) -> NativeRecord?
    ) {
        self.init(
            columns: columns, writing: { element, writer in for cell in cells(element) { writer.cell(cell) } },
            json: { $1.value(json($0)) }, native: native)
    }

    /// Appends the titles on one line.
    func appendHeader(to bytes: inout [UInt8]) {
        append(to: &bytes) { writer in for column in columns { writer.cell(column.title) } }
    }

    /// Appends a record on one line.
    func appendLine(_ element: Element, to bytes: inout [UInt8]) { append(to: &bytes) { cells(element, &$0) } }

    /// Appends a record as one line of JSON, with the vendor's row if wanted.
    func appendJSONLine(_ element: Element, withNative: Bool, to bytes: inout [UInt8]) {
        var writer = JSONWriter()
        swap(&bytes, &writer.bytes)
        json(element, &writer)
        // The row becomes one more member of the object that was written.
        if withNative, let native = native(element), writer.bytes.last == UInt8(ascii: "}") {
            writer.bytes.removeLast()
            writer.name("native")
            writer.value(native)
            writer.endObject()
        }
        writer.bytes.append(UInt8(ascii: "\n"))
        swap(&bytes, &writer.bytes)
    }

    private func append(to bytes: inout [UInt8], _ write: (inout RowWriter) -> Void) {
        var writer = RowWriter(widths: columns.map(\.width))
        swap(&bytes, &writer.bytes)
        write(&writer)
        writer.bytes.append(UInt8(ascii: "\n"))
        swap(&bytes, &writer.bytes)
    }
}

/// Appends the cells of a line: on one line, padded or cut to the column's width, two spaces apart.
struct RowWriter {
    fileprivate(set) var bytes: [UInt8] = []
    private let widths: [Int]
    private var column = 0

    fileprivate init(widths: [Int]) { self.widths = widths }

    /// The cells of one line as a text, without a line end.
    static func line(of cells: [String], widths: [Int]) -> String {
        var writer = RowWriter(widths: widths)
        for cell in cells { writer.cell(cell) }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Writes a text.
    mutating func cell(_ text: String) {
        let isLast = begin()
        // Printable ASCII needs no replacement, and has as many columns as bytes.
        guard text.isPrintableASCII else {
            let line = text.onOneLine
            bytes += (isLast ? line : Columns.pad(line, to: widths[column], cutting: true)).utf8
            return end()
        }
        let count = text.utf8.count
        if isLast || count <= widths[column] {
            bytes += text.utf8
            pad(isLast ? 0 : widths[column] - count)
        } else {
            bytes += text.utf8.prefix(max(widths[column] - 1, 0))
            bytes += "…".utf8
        }
        end()
    }

    /// Writes an id.
    mutating func cell<Entity>(_ id: RecordID<Entity>) {
        // Only numbers are sure to be printable.
        guard id.integer != nil else { return cell(id.rawValue) }
        printable { id.append(to: &$0) }
    }

    /// Writes the name of a record, or its id where it has none; nothing for none.
    mutating func cell<Entity>(_ reference: Reference<Entity>?) {
        cell(reference.map { $0.label ?? $0.id.rawValue } ?? "")
    }

    /// Writes a moment in UTC; nothing for none.
    mutating func cell(_ date: Date?) {
        guard let date else { return cell("") }
        printable { GregorianUTC.append(iso8601: date, to: &$0) }
    }

    /// Writes printable ASCII straight to its place, and as a text if it turns out to be longer than the column.
    private mutating func printable(_ write: (inout [UInt8]) -> Void) {
        let isLast = begin()
        let start = bytes.count
        write(&bytes)
        let count = bytes.count - start
        if isLast || count <= widths[column] {
            pad(isLast ? 0 : widths[column] - count)
            return end()
        }
        let text = String(decoding: bytes[start...], as: UTF8.self)
        bytes.removeLast(count + (column > 0 ? 2 : 0))
        cell(text)
    }

    /// Writes the space before a cell, and returns whether it is the last.
    private mutating func begin() -> Bool {
        if column > 0 { pad(2) }
        return column == widths.count - 1
    }

    private mutating func end() { column += 1 }

    private mutating func pad(_ count: Int) { for _ in 0..<max(count, 0) { bytes.append(UInt8(ascii: " ")) } }
}

extension TicketForm {
    /// The fields, those first that are required; otherwise in the tenant's order.
    var fieldsByRequirement: [TicketField] {
        let order: [TicketField.Requirement] = [.required, .recommended, .optional, .readOnly]
        return order.flatMap { requirement in fields.filter { $0.requirement == requirement } }
            + fields.filter { !order.contains($0.requirement) }
    }

    /// The conditions of a field in plain words, with the labels that people see.
    fileprivate func conditions(of field: TicketField) -> String {
        let conditions = field.conditions.map { condition in
            let values = condition.values.sorted().map { label(of: $0, in: self[condition.field]) }
            return "\(self[condition.field]?.label ?? condition.field.rawValue) is \(values.joined(separator: " or "))"
        }
        return conditions.isEmpty ? "" : "if " + conditions.joined(separator: " and ")
    }

    private func label(of value: String, in field: TicketField?) -> String {
        guard case .listed(let choices)? = field?.choices else { return value }
        return choices.first { $0.id.rawValue == value }?.label ?? value
    }
}

/// The formats of all kinds.
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
        writing: { ticket, writer in
            writer.cell(ticket.id)
            writer.cell(ticket.phase.rawValue)
            writer.cell(ticket.status)
            writer.cell(ticket.priority)
            writer.cell(ticket.updatedAt)
            writer.cell(ticket.company)
            writer.cell(ticket.summary)
        }, json: { $0.write(to: &$1) }, native: { $0.native })
    static let notes = RowFormat<TicketNote>(
        columns: [("ID", 12), ("WHEN", 20), ("KIND", 16), ("READ BY", 9), ("AUTHOR", 20), ("TEXT", 0)],
        cells: { [$0.id.rawValue, date($0.createdAt), $0.kind ?? "", $0.visibility.name, $0.author.name ?? "", withoutTags($0.text)] },
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

    static let choices = RowFormat<TicketField.Choice>(
        columns: [("ID", 36), ("LABEL", 0)], cells: { [$0.id.rawValue, $0.label] },
        json: { ["id": .string($0.id.rawValue), "label": .string($0.label)] }, native: { _ in nil })
    static let attachments = RowFormat<Attachment>(
        columns: [("ID", 10), ("NAME", 36), ("TYPE", 24), ("BYTES", 10), ("ADDED", 20), ("NOTE", 0)],
        cells: {
            [
                $0.id.rawValue, $0.name, $0.mediaType ?? "", $0.byteCount.map { "\($0)" } ?? "", date($0.createdAt),
                $0.note?.rawValue ?? "",
            ]
        }, json: { $0.json }, native: { $0.native })

    /// The fields of a type; their conditions name other fields of it.
    static func ticketFields(_ form: TicketForm) -> RowFormat<TicketField> {
        RowFormat(
            columns: [
                ("ID", 18), ("LABEL", 26), ("KIND", 12), ("REQUIRED", 11), ("CHOICES", 40), ("DEFAULT", 14), ("CONDITION", 0),
            ],
            cells: { field in
                [
                    field.id.rawValue, field.label, field.kind.rawValue, requirement(field), choices(of: field),
                    field.defaultValue?.texts.joined(separator: ", ") ?? "", form.conditions(of: field),
                ]
            }, json: { $0.json }, native: { _ in nil })
    }

    private static func requirement(_ field: TicketField) -> String {
        switch field.requirement {
        case .required: "required"
        case .recommended: "recommended"
        case .readOnly: "read-only"
        default: ""
        }
    }

    private static func choices(of field: TicketField) -> String {
        switch field.choices {
        case .listed(let choices):
            choices.prefix(3).map { $0.id.rawValue == $0.label ? $0.label : "\($0.id) \($0.label)" }.joined(separator: ", ")
                + (choices.count > 3 ? ", … (\(choices.count))" : "")
        case .searched: "search"
        default: ""
        }
    }

    /// A text without the tags that vendors put into notes; what only looks like one, as in `a < b`, stays.
    private static func withoutTags(_ text: String) -> String {
        guard text.contains("<") else { return text }
        return text.replacing(/<\/?[A-Za-z][^<>]*>|<!--.*?-->/, with: " ").replacing("&lt;", with: "<").replacing("&gt;", with: ">")
            .replacing("&quot;", with: "\"").replacing("&nbsp;", with: " ").replacing("&amp;", with: "&").split(separator: " ")
            .joined(separator: " ")
    }

    private static func yesNo(_ flag: Bool?) -> String { flag.map { $0 ? "yes" : "no" } ?? "?" }
    private static func name<Entity>(_ reference: Reference<Entity>?) -> String { reference.map { $0.label ?? $0.id.rawValue } ?? "" }
    private static func date(_ date: Date?) -> String { date.map { $0.formatted(.iso8601) } ?? "" }
}
