#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

// The neutral records as JSON, the same for `--json` and the admin API. Members without a value are left out.

extension Company {
    /// The company as JSON.
    public var json: JSONValue {
        .init(present: [
            ("id", .string(id.rawValue)), ("name", .string(name)), ("active", isActive.map(JSONValue.bool)), ("mainSite", mainSite?.json),
            ("phone", phone.map(JSONValue.string)), ("website", website.map(JSONValue.string)),
        ])
    }
}

extension Contact {
    /// The contact as JSON.
    public var json: JSONValue {
        .init(present: [
            ("id", .string(id.rawValue)), ("name", .string(name)), ("emails", .array(emails.map(JSONValue.string))),
            ("phones", .array(phones.map(JSONValue.string))), ("company", company?.json), ("site", site?.json),
            ("active", isActive.map(JSONValue.bool)),
        ])
    }
}

extension Agent {
    /// The member of staff as JSON.
    public var json: JSONValue {
        .init(present: [
            ("id", .string(id.rawValue)), ("name", .string(name)), ("email", email.map(JSONValue.string)),
            ("active", isActive.map(JSONValue.bool)), ("person", isPerson.map(JSONValue.bool)),
        ])
    }
}

extension Ticket {
    /// The ticket as JSON.
    public var json: JSONValue {
        .init(present: [
            ("id", .string(id.rawValue)), ("number", .string(number)), ("summary", .string(summary)),
            ("details", details.map(JSONValue.string)), ("company", company?.json), ("contact", contact?.json), ("type", type?.json),
            ("status", status?.json), ("phase", .string(phase.rawValue)), ("priority", priority?.json), ("assignee", assignee?.json),
            ("createdAt", createdAt?.json), ("updatedAt", updatedAt?.json), ("lastActivityAt", lastActivityAt?.json),
            ("closedAt", closedAt?.json), ("dueAt", dueAt?.json),
            ("externalReference", externalReference.map(JSONValue.string)), ("webAddress", webAddress.map(JSONValue.string)),
            ("customFields", customFields.map { .array($0.map(\.json)) }),
            ("differences", differences.isEmpty ? nil : .array(differences.map(\.json))),
            ("mergedInto", mergedInto.map { .string($0.rawValue) }), ("deleted", isDeleted ? .bool(true) : nil),
        ])
    }
}

extension Ticket {
    /// Writes what ``json`` holds, without building it: lists have hundreds of thousands of tickets.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("id")
        writer.value(id)
        writer.member("number", number)
        writer.member("summary", summary)
        writer.member("details", details)
        writer.member("company", company)
        writer.member("contact", contact)
        writer.member("type", type)
        writer.member("status", status)
        writer.member("phase", phase.rawValue)
        writer.member("priority", priority)
        writer.member("assignee", assignee)
        writer.member("createdAt", createdAt)
        writer.member("updatedAt", updatedAt)
        writer.member("lastActivityAt", lastActivityAt)
        writer.member("closedAt", closedAt)
        writer.member("dueAt", dueAt)
        writer.member("externalReference", externalReference)
        writer.member("webAddress", webAddress)
        writer.member("customFields", customFields.map { .array($0.map(\.json)) })
        writer.member("differences", differences.isEmpty ? nil : .array(differences.map(\.json)))
        writer.member("mergedInto", mergedInto.map { .string($0.rawValue) })
        writer.member("deleted", isDeleted ? .bool(true) : nil)
        writer.endObject()
    }
}

extension TicketDifference {
    /// The difference as JSON; without `stored` the vendor says that there is no value.
    public var json: JSONValue {
        .init(present: [
            ("field", .string(field.rawValue)), ("label", fieldLabel.map(JSONValue.string)), ("requested", .string(requested)),
            ("stored", stored.map(JSONValue.string)),
            ("storedLabel", storedLabel.map(JSONValue.string)),
        ])
    }
}

extension TicketField {
    /// The field as JSON; without `choices` it has none, or they are searched.
    public var json: JSONValue {
        let listed: JSONValue? =
            if case .listed(let choices) = choices {
                .array(choices.map { ["id": .string($0.id.rawValue), "label": .string($0.label)] })
            } else { nil }
        return .init(present: [
            ("id", .string(id.rawValue)), ("label", .string(label)), ("kind", .string(kind.rawValue)),
            ("requirement", .string(requirement.rawValue)), ("choices", listed), ("searched", choices == .searched ? .bool(true) : nil),
            ("default", defaultValue?.json),
            (
                "conditions",
                conditions.isEmpty
                    ? nil
                    : .array(
                        conditions.map {
                            ["field": .string($0.field.rawValue), "values": .array($0.values.sorted().map(JSONValue.string))]
                        })
            ),
            ("maxLength", maxLength.map(JSONValue.integer)), ("maxSelections", maxSelections.map(JSONValue.integer)),
            ("minAttachments", minAttachments.map(JSONValue.integer)), ("mustBeChecked", mustBeChecked ? .bool(true) : nil),
            ("dependsOn", dependsOn.isEmpty ? nil : .array(dependsOn.map { .string($0.rawValue) })),
        ])
    }
}

extension TicketFieldValue {
    /// The value as JSON: a string, a number, a Boolean, or an array of strings for several choices.
    ///
    /// ``init(json:for:)`` reads it back with the field's kind.
    public var json: JSONValue {
        switch self {
        case .number(let number): Int(exactly: number).map(JSONValue.integer) ?? .double(number)
        case .checkbox(let isChecked): .bool(isChecked)
        case .choices(let ids): .array(ids.map { .string($0.rawValue) })
        default: .string(text)
        }
    }

    /// Reads a value of a program: the forms of ``json``, or the text of ``init(_:for:)``.
    ///
    /// - Throws: ``TicketFieldIssue`` if it does not have the form of the field's kind.
    public init(json: JSONValue, for field: TicketField) throws(TicketFieldIssue) {
        switch json {
        case .string(let text): try self.init(text, for: field)
        case .double(let number): try self.init(TicketFieldValue.number(number).text, for: field)
        case .integer, .bool: try self.init(json.encodedText, for: field)
        case .array(let elements) where [.choices, .references].contains(field.kind):
            let ids = elements.map { $0.string.flatMap { TicketField.Choice.ID($0) } }
            guard !ids.isEmpty, !ids.contains(nil) else { throw TicketFieldIssue(field, .wrongForm) }
            self = .choices(ids.compactMap { $0 })
        default: throw TicketFieldIssue(field, .wrongForm)
        }
    }
}

extension Attachment {
    /// The attachment as JSON.
    public var json: JSONValue {
        .init(present: [
            ("id", .string(id.rawValue)), ("name", .string(name)), ("mediaType", mediaType.map(JSONValue.string)),
            ("bytes", byteCount.map(JSONValue.integer)), ("createdAt", createdAt?.json), ("note", note.map { .string($0.rawValue) }),
            ("visibleToContact", isVisibleToContact.map(JSONValue.bool)),
        ])
    }
}

extension CustomField {
    fileprivate var json: JSONValue {
        .init(present: [
            ("id", .string(id)), ("name", .string(name)), ("label", label.map(JSONValue.string)), ("value", value),
            ("display", display.map(JSONValue.string)),
        ])
    }
}

extension TicketNote {
    /// The note as JSON.
    public var json: JSONValue {
        .init(present: [
            ("id", .string(id.rawValue)), ("ticket", .string(ticket.rawValue)), ("kind", kind.map(JSONValue.string)),
            ("author", author.json), ("text", .string(text)), ("html", html.map(JSONValue.string)),
            ("visibility", .string(visibility.name)),
            ("createdAt", createdAt?.json), ("minutes", timeSpent.map { .integer(Int(($0.seconds / 60).rounded())) }),
        ])
    }
}

extension TicketNote.Visibility {
    /// The visibility in one word.
    public var name: String {
        switch self {
        case .staffOnly: "staffOnly"
        case .contact: "contact"
        case .unknown: "unknown"
        }
    }
}

extension TicketNote.Author {
    /// The author's name, if it is known.
    public var name: String? {
        switch self {
        case .agent(let agent): agent.label
        case .contact(let name), .system(let name): name
        case .unknown(let name): name
        }
    }

    fileprivate var json: JSONValue {
        switch self {
        case .agent(let agent):
            .init(present: [("kind", "agent"), ("id", .string(agent.id.rawValue)), ("name", name.map(JSONValue.string))])
        case .contact: .init(present: [("kind", "contact"), ("name", name.map(JSONValue.string))])
        case .system: .init(present: [("kind", "system"), ("name", name.map(JSONValue.string))])
        case .unknown: .init(present: [("kind", "unknown"), ("name", name.map(JSONValue.string))])
        }
    }
}

extension Agreement {
    /// The contract as JSON.
    public var json: JSONValue {
        .init(present: [
            ("id", .string(id.rawValue)), ("name", .string(name)), ("company", company?.json), ("kind", kind.map(JSONValue.string)),
            ("status", statusLabel.map(JSONValue.string)), ("active", isActive.map(JSONValue.bool)), ("startsAt", startsAt?.json),
            ("endsAt", endsAt?.json),
        ])
    }
}

extension RecurringInvoice {
    /// The recurring invoice as JSON.
    public var json: JSONValue {
        .init(present: [
            ("id", .string(id.rawValue)), ("company", company?.json), ("agreement", agreement?.json),
            ("reference", reference.map(JSONValue.string)), ("active", isActive.map(JSONValue.bool)),
            ("total", total.map(JSONValue.double)),
            ("nextInvoiceAt", nextInvoiceAt?.json), ("lines", lines.map { .array($0.map(\.json)) }),
        ])
    }
}

extension RecurringInvoice.Line {
    fileprivate var json: JSONValue {
        .init(present: [
            ("id", .string(id)), ("item", itemID.map(JSONValue.string)), ("description", .string(description)),
            ("quantity", .double(quantity)), ("unitPrice", unitPrice.map(JSONValue.double)), ("netAmount", netAmount.map(JSONValue.double)),
        ])
    }
}

extension TicketType {
    /// The ticket type as JSON.
    public var json: JSONValue {
        .init(present: [
            ("id", .string(id.rawValue)), ("name", .string(name)), ("canCreate", canCreate.map(JSONValue.bool)),
            ("scope", .string(scope.description)), ("serviceLevel", defaultServiceLevel.map(JSONValue.string)),
        ])
    }
}

extension TicketStatus {
    /// The status as JSON.
    public var json: JSONValue {
        ["id": .string(id.rawValue), "name": .string(name), "phase": .string(phase.rawValue), "scope": .string(scope.description)]
    }
}

extension TicketPriority {
    /// The priority as JSON.
    public var json: JSONValue {
        ["id": .string(id.rawValue), "name": .string(name), "scope": .string(scope.description), "hidden": .bool(isHidden)]
    }
}

extension Reference {
    fileprivate var json: JSONValue { .init(present: [("id", .string(id.rawValue)), ("name", label.map(JSONValue.string))]) }
}

extension Date {
    fileprivate var json: JSONValue {
        var bytes: [UInt8] = []
        GregorianUTC.append(iso8601: self, to: &bytes)
        return .string(String(decoding: bytes, as: UTF8.self))
    }
}
