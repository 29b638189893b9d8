import FoundationEssentials
import PSACore

extension Company {
    init?(sample row: JSONView, fetchedAt: Date) {
        guard let id = row["id"]?.integer else { return nil }
        self.init(
            id: RecordID(id), name: row["name"]?.string ?? "", isActive: row["active"]?.bool,
            native: NativeRecord(row, fetchedAt: fetchedAt))
    }
}

extension Ticket {
    init?(sample row: JSONView, fetchedAt: Date) {
        guard let id = row["id"]?.integer else { return nil }
        self.init(
            id: RecordID(id), number: String(id), summary: row["subject"]?.string ?? "", phase: Self.phase(row["status"]?.integer),
            native: NativeRecord(row, fetchedAt: fetchedAt))
        details = row["text"]?.string
        company = row["company"]?.integer.map { Reference(RecordID($0)) }
        type = row["type"]?.integer.map { Reference(RecordID($0)) }
        status = row["status"]?.integer.map { Reference(RecordID($0)) }
        priority = row["priority"]?.integer.map { Reference(RecordID($0)) }
        externalReference = row["reference"]?.string
        updatedAt = row["changed"]?.string.flatMap { try? Date($0, strategy: .iso8601) }
    }

    private static func phase(_ status: Int?) -> Phase {
        switch status {
        case 1, 2: .open
        case 3: .closed
        default: .unknown
        }
    }
}

extension TicketNote {
    init?(sample row: JSONView, of ticket: Ticket.ID, fetchedAt: Date) {
        guard let id = row["id"]?.integer, let isPublic = row["public"]?.bool else { return nil }
        self.init(
            id: RecordID(id), ticket: ticket, author: .unknown(name: row["by"]?.string), text: row["text"]?.string ?? "",
            visibility: isPublic ? .contact : .staffOnly, native: NativeRecord(row, fetchedAt: fetchedAt))
    }
}

extension TicketType {
    init?(sample row: JSONView, fetchedAt: Date) {
        guard let id = row["id"]?.integer else { return nil }
        self.init(id: RecordID(id), name: row["name"]?.string ?? "", native: NativeRecord(row, fetchedAt: fetchedAt))
    }
}

extension TicketStatus {
    init?(sample row: JSONView, fetchedAt: Date) {
        guard let id = row["id"]?.integer else { return nil }
        self.init(
            id: RecordID(id), name: row["name"]?.string ?? "", phase: row["closed"]?.bool == true ? .closed : .open,
            native: NativeRecord(row, fetchedAt: fetchedAt))
    }
}

extension TicketPriority {
    init?(sample row: JSONView, fetchedAt: Date) {
        guard let id = row["id"]?.integer else { return nil }
        self.init(id: RecordID(id), name: row["name"]?.string ?? "", scope: .tenant, native: NativeRecord(row, fetchedAt: fetchedAt))
    }
}
