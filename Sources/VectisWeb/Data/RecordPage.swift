import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules

/// One record of the copy: its neutral values, its notes, and the row as the vendor sent it.
///
/// Everything that the vendor wrote is shown as text; its HTML is never rendered.
struct RecordPage: WebPage {
    static let maxNotes = 500

    let context: RequestContext
    let connection: StoredConnection
    /// The name of the PSA.
    let vendor: String
    let record: SyncRecord
    /// The notes of a ticket, the oldest first.
    var notes: [SyncRecord] = []
    var hasMoreNotes = false
    /// The resources that the copy of the connection has.
    var copies: Set<SyncResource> = []
    var notice: Notice?

    /// The addresses and names of what the record refers to.
    let links: RecordLinks
    private var data: String { DataPage.path(of: connection.id) }

    var document: HTML {
        let title = RecordColumns.name(of: record)
        return Layout(context, .integrations, title: title).document(
            """
            <p class="crumbs"><a href="/integrations">Integrations</a> · <a href="\(data)">Data of \(connection.name)</a> ·
            <a href="\(data)/\(record.resource.rawValue)">\(HTML(term: record.resource.title))</a></p>
            <h1>\(title)</h1>
            \(notice?.html)
            <p class="status">\(RecordState(record).mark) \(RecordState(record).explanation(links))</p>
            \(actions)
            <dl class="facts">\(each: values, { "<dt>\($0.label)</dt><dd>\($0.value)</dd>" })</dl>
            \(related)
            \(body)
            \(customFields)
            \(lines)
            \(record.resource == .tickets && copies.contains(.notes) ? noteList : .empty)
            \(native)
            """)
    }

    private var actions: HTML {
        let readAgain: HTML = """
            <form method="post" action="\(links.path(of: record))/read-again">\(FormToken(context.user).field)<button>Read again now</button></form>
            """
        let isOffered = record.resource == .tickets && context.user?.isAdmin ?? false
        guard isOffered || webAddress != nil else { return .empty }
        return "<div class=\"actions\">\(webAddress)\(isOffered ? readAgain : .empty)</div>"
    }

    /// Only web addresses become links: a value from the vendor must not run as a script.
    private var webAddress: HTML? {
        guard let address = record.content["webAddress"]?.string, address.hasPrefix("https://") || address.hasPrefix("http://") else {
            return nil
        }
        return """
            <a class="button" href="\(address)" rel="noreferrer noopener" target="_blank">Open in \(vendor)<span class="hidden"> (opens a new tab)</span></a>
            """
    }

    // MARK: Values

    private struct Value {
        let label: HTML
        let value: HTML
    }

    /// The members that have a place of their own, or are said by the title.
    private static let shownElsewhere: Set<String> = [
        "id", "name", "summary", "details", "customFields", "webAddress", "mergedInto", "deleted", "lines", "text", "html", "differences",
    ]

    private var values: [Value] {
        var values = [Value(label: "Id in \(vendor)", value: "<code>\(record.id.rawValue)</code>")]
        if case .object(let members) = record.content {
            for member in members where !Self.shownElsewhere.contains(member.name) {
                let value = shown(member)
                if !value.description.isEmpty { values.append(Value(label: Self.label(member.name), value: value)) }
            }
        }
        values.append(Value(label: "First seen", value: TimestampView(record.firstSeenAt).html))
        values.append(Value(label: "Latest change seen", value: TimestampView(record.changedAt).html))
        return values
    }

    private func shown(_ member: JSONValue.Member) -> HTML {
        if member.name.hasSuffix("At") { return RecordValue.time(member.value) }
        switch (member.name, member.value) {
        case ("ticket", .string(let id)): return "<a href=\"\(links.path(.tickets, id))\">\(id)</a>"
        case ("visibility", .string(let name)): return Self.visibility(name)
        case ("author", _): return member.value["name"]?.string.map { HTML(text: $0) } ?? "Unknown"
        case (let name, .object): return links.reference(member.value, Self.resource(of: name), picklist: Self.picklist(of: name))
        default: return RecordValue.html(member.value)
        }
    }

    private static func resource(of member: String) -> SyncResource? {
        switch member {
        case "company": .companies
        case "contact": .contacts
        case "agreement": .agreements
        case "type": .ticketTypes
        default: nil
        }
    }

    private static func picklist(of member: String) -> SyncResource? {
        switch member {
        case "status": .ticketStatuses
        case "priority": .ticketPriorities
        case "assignee": .agents
        default: nil
        }
    }

    private static let labels = [
        "active": "Active", "mainSite": "Main site", "emails": "E-mail", "email": "E-mail", "phones": "Phone", "person": "Is a person",
        "number": "Number", "createdAt": "Created", "updatedAt": "Changed", "lastActivityAt": "Last activity", "closedAt": "Closed",
        "dueAt": "Due", "externalReference": "External reference", "assignee": "Assigned to", "startsAt": "Starts", "endsAt": "Ends",
        "nextInvoiceAt": "Next invoice", "canCreate": "Tickets can be created", "serviceLevel": "Service level", "minutes": "Minutes spent",
    ]

    /// A member's name for display.
    private static func label(_ member: String) -> HTML {
        HTML(term: labels[member] ?? member.prefix(1).uppercased() + member.dropFirst())
    }

    private static func visibility(_ name: String) -> HTML {
        switch name {
        case "staffOnly": "Only staff"
        case "contact": "Visible to the contact"
        default: "Visibility not known"
        }
    }

    // MARK: Parts

    /// What belongs to a company.
    private var related: HTML {
        guard record.resource == .companies else { return .empty }
        let wanted: [SyncResource] = [.contacts, .tickets, .agreements, .recurringInvoices].filter(copies.contains)
        guard !wanted.isEmpty else { return .empty }
        return """
            <nav class="actions" aria-label="Of this company">\(each: wanted, {
                "<a class=\"button\" href=\"\(data)/\($0.rawValue)?company=\(WebPath.encoded(record.id.rawValue))\">\(HTML(term: $0.title))</a>"
            })</nav>
            """
    }

    private var body: HTML {
        let text = record.content["details"]?.string ?? record.content["text"]?.string ?? ""
        guard !text.trimmingSpaces.isEmpty else { return .empty }
        return "<section aria-labelledby=\"details\"><h2 id=\"details\">Text</h2><p class=\"vendor-text\">\(text)</p></section>"
    }

    private var customFields: HTML {
        guard case .array(let fields)? = record.content["customFields"], !fields.isEmpty else { return .empty }
        return """
            <section aria-labelledby="custom-fields"><h2 id="custom-fields">Custom fields</h2>
            \(DataTable(
                name: .heading("custom-fields"), columns: ["Field", "Value"],
                rows: fields.map { field in
                    DataTable.Row([
                        HTML(text: field["label"]?.string ?? field["name"]?.string ?? ""),
                        HTML(text: field["display"]?.string ?? RecordValue.text(field["value"])),
                    ])
                }
            ).html)</section>
            """
    }

    private var lines: HTML {
        guard case .array(let lines)? = record.content["lines"], !lines.isEmpty else { return .empty }
        return """
            <section aria-labelledby="lines"><h2 id="lines">Lines</h2>
            \(DataTable(
                name: .heading("lines"), columns: ["Description", "Quantity", "Unit price", "Net amount"],
                rows: lines.map { line in
                    DataTable.Row(["description", "quantity", "unitPrice", "netAmount"].map { HTML(text: RecordValue.text(line[$0])) })
                }
            ).html)</section>
            """
    }

    private var noteList: HTML {
        """
        <section aria-labelledby="notes"><h2 id="notes">Notes</h2>
        \(notes.isEmpty ? "<p class=\"help\">None are in the copy. Notes are read once a ticket changes, or is read again.</p>" : "<ol class=\"notes\">\(each: notes, note)</ol>" as HTML)
        \(hasMoreNotes ? "<p class=\"help\">Further notes are in the copy and not shown.</p>" : .empty)
        </section>
        """
    }

    private func note(_ note: SyncRecord) -> HTML {
        let author: HTML = note.content["author"]?["name"]?.string.map { HTML(text: $0) } ?? "Unknown author"
        let visibility = note.content["visibility"]?.string ?? ""
        let kind = note.content["kind"]?.string.map { " · \($0)" } ?? ""
        return """
            <li class="\(visibility == "contact" ? "to-contact" : "to-staff")"><p class="help"><strong>\(author)</strong>\(kind) · \(RecordValue.time(note.content["createdAt"])) ·
            <span class="state">\(Self.visibility(visibility))</span>\(note.state.isListed ? .empty : " <span class=\"state\">No longer in the PSA</span>" as HTML)</p>
            <p class="vendor-text">\(note.content["text"]?.string ?? "")</p></li>
            """
    }

    private var native: HTML {
        guard let bytes = record.native, let document = try? JSONDocument(bytes) else {
            return "<p class=\"help\">The row as \(vendor) sent it was too large to be kept.</p>"
        }
        return """
            <details><summary>The row as \(vendor) sent it</summary>
            <pre tabindex="0" role="region" aria-label="The row as \(vendor) sent it"><code>\(JSONValue(document.root).indentedText)</code></pre></details>
            """
    }
}

extension JSONValue {
    /// The value as JSON with a line for each member.
    fileprivate var indentedText: String {
        var text = ""
        write(to: &text, indent: "")
        return text
    }

    private func write(to text: inout String, indent: String) {
        let inner = indent + "  "
        switch self {
        case .object(let members) where !members.isEmpty:
            text += "{\n"
            for (index, member) in members.enumerated() {
                text += inner + JSONValue.string(member.name).encodedText + ": "
                member.value.write(to: &text, indent: inner)
                text += index + 1 < members.count ? ",\n" : "\n"
            }
            text += indent + "}"
        case .array(let elements) where !elements.isEmpty:
            text += "[\n"
            for (index, element) in elements.enumerated() {
                text += inner
                element.write(to: &text, indent: inner)
                text += index + 1 < elements.count ? ",\n" : "\n"
            }
            text += indent + "]"
        default: text += encodedText
        }
    }
}
