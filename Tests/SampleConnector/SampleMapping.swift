#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

extension Company {
    init?(sample row: JSONView, fetchedAt: Date) {
        guard let id: ID = row.id() else { return nil }
        self.init(
            id: id, name: row["name"]?.string ?? "", isActive: row["active"]?.bool,
            native: NativeRecord(row, fetchedAt: fetchedAt))
    }
}

extension Contact {
    init?(sample row: JSONView, fetchedAt: Date) {
        guard let id: ID = row.id() else { return nil }
        self.init(
            id: id, name: row["name"]?.string ?? "", emails: [row["mail"]?.string].compactMap { $0 },
            company: row.reference("company"), native: NativeRecord(row, fetchedAt: fetchedAt))
    }
}

extension Agent {
    init?(sample row: JSONView, fetchedAt: Date) {
        guard let id: ID = row.id() else { return nil }
        self.init(
            id: id, name: row["name"]?.string ?? "", email: row["mail"]?.string, native: NativeRecord(row, fetchedAt: fetchedAt))
    }
}

extension Ticket {
    init?(sample row: JSONView, fetchedAt: Date) {
        guard let id: ID = row.id() else { return nil }
        self.init(
            id: id, number: id.rawValue, summary: row["subject"]?.string ?? "", phase: Self.phase(row["status"]?.integer),
            native: NativeRecord(row, fetchedAt: fetchedAt))
        details = row["text"]?.string
        company = row.reference("company")
        contact = row.reference("contact")
        type = row.reference("type")
        status = row.reference("status")
        priority = row.reference("priority")
        externalReference = row["reference"]?.string
        customFields = row["fields"]?.elements.compactMap(CustomField.init(sample:))
        createdAt = row.date("created")
        updatedAt = row.date("changed")
    }

    private static func phase(_ status: Int?) -> Phase {
        switch status {
        case 1, 2: .open
        case 3: .closed
        default: .unknown
        }
    }
}

extension TicketField {
    init?(sample row: JSONView) {
        guard let id: ID = row.id(), let name = row["name"]?.string else { return nil }
        let kind: Kind =
            switch row["kind"]?.string {
            case "text": .text
            case "number": .number
            case "date": .date
            case "list": .choice
            case "lists": .choices
            default: .unsupported
            }
        let choices = row["values"]?.elements.compactMap(Choice.init(sample:))
        self.init(
            id, label: name, kind: kind, requirement: row["required"]?.bool == true ? .required : .optional,
            choices: choices.map(Choices.listed) ?? .none, maxLength: row["max"]?.integer)
    }
}

extension TicketField.Choice {
    init?(sample row: JSONView) {
        guard let id: ID = row.id() else { return nil }
        self.init(id, label: row["name"]?.string ?? id.rawValue)
    }
}

extension CustomField {
    init?(sample row: JSONView) {
        guard let id = row["id"]?.string, let name = row["name"]?.string, let value = row["value"] else { return nil }
        self.init(id: id, name: id, label: name, value: JSONValue(value), display: row["shown"]?.string)
    }
}

extension Attachment {
    init?(sample row: JSONView, fetchedAt: Date) {
        guard let id: ID = row.id(), let name = row["name"]?.string else { return nil }
        self.init(
            id: id, name: name, mediaType: row["type"]?.string, byteCount: row["size"]?.integer,
            note: row.id("note"), isVisibleToContact: row["public"]?.bool,
            native: NativeRecord(row, fetchedAt: fetchedAt))
    }
}

extension TicketNote {
    init?(sample row: JSONView, of ticket: Ticket.ID, fetchedAt: Date) {
        guard let id: ID = row.id(), let isPublic = row["public"]?.bool else { return nil }
        self.init(
            id: id, ticket: ticket, author: .unknown(name: row["by"]?.string), text: row["text"]?.string ?? "",
            visibility: isPublic ? .contact : .staffOnly,
            createdAt: row.date("at"), native: NativeRecord(row, fetchedAt: fetchedAt))
    }
}

extension TicketType {
    init?(sample row: JSONView, fetchedAt: Date) {
        guard let id: ID = row.id() else { return nil }
        self.init(id: id, name: row["name"]?.string ?? "", native: NativeRecord(row, fetchedAt: fetchedAt))
    }
}

extension TicketStatus {
    init?(sample row: JSONView, fetchedAt: Date) {
        guard let id: ID = row.id() else { return nil }
        self.init(
            id: id, name: row["name"]?.string ?? "", phase: row["closed"]?.bool == true ? .closed : .open,
            native: NativeRecord(row, fetchedAt: fetchedAt))
    }
}

extension TicketPriority {
    init?(sample row: JSONView, fetchedAt: Date) {
        guard let id: ID = row.id() else { return nil }
        self.init(id: id, name: row["name"]?.string ?? "", scope: .tenant, native: NativeRecord(row, fetchedAt: fetchedAt))
    }
}
