import FoundationEssentials

/// The conditions of a ticket list, parsed from its query.
struct TicketFilter: Sendable, Hashable {
    private var columns: [TicketRecord.Column: Set<Int>] = [:]
    private var excludedIDs: Set<Int> = []
    private var closed: Bool?
    private var deleted = false
    /// Whether deleted tickets are listed beside the others.
    private var includesDeleted = false
    private var hidesMerged = false
    private var texts: [TextTest] = []
    private var dateRanges: [DateRange] = []
    private var thirdParty: String?

    private enum Text: Sendable, Hashable {
        case summary, details, reportedBy, supplierReference, anything
    }

    private struct TextTest: Sendable, Hashable {
        var text: Text
        var needle: String
    }

    fileprivate enum DateField: Sendable, Hashable {
        case created, updated, closed
    }

    private struct DateRange: Sendable, Hashable {
        var field: DateField
        var from: HaloTime?
        var to: HaloTime?
    }

    /// Query parameters with one id or a list of ids.
    private static let columnNames: [(name: String, column: TicketRecord.Column)] = [
        ("client_id", .client), ("client_ids", .client), ("site_id", .site), ("user_id", .user), ("agent_id", .agent), ("agent", .agent),
        ("team", .team), ("status", .status), ("status_id", .status), ("priority", .priority), ("requesttype", .type),
        ("requesttype_id", .type), ("sla", .sla), ("contract_id", .contract), ("ticketcontract_id", .contract), ("parent_id", .parent),
        ("ticketids", .id), ("category_1", .category),
    ]

    private static let textNames: [(name: String, text: Text)] = [
        ("search", .anything), ("search_summary", .summary), ("search_details", .details), ("search_reportedby", .reportedBy),
        ("search_supplier_reference", .supplierReference),
    ]

    /// Whether the filter matches every ticket that is not deleted.
    var matchesAll: Bool { self == TicketFilter() }

    private init() {}

    init(_ query: QueryParameters, plan: FaultPlan, apiAgent: Int, usersNamed: (String) -> Set<Int>) throws {
        for (name, column) in Self.columnNames {
            if let values = try query.integers(name) { restrict(column, to: values) }
        }
        if let text = query.text("search_id") { restrict(.id, to: Int(text).map { [$0] } ?? []) }
        if query.isTrue("mine") { restrict(.agent, to: [apiAgent]) }
        if plan.isOn(.restrictedRows) { restrict(.client, to: [1]) }
        if let name = query.text("search_user_name") { restrict(.user, to: usersNamed(name.lowercased())) }
        excludedIDs = try query.integers("excludethese") ?? []
        for (name, text) in Self.textNames {
            if let needle = query.text(name) { texts.append(TextTest(text: text, needle: needle.lowercased())) }
        }
        if query.isTrue("open_only") { closed = false }
        if query.isTrue("closed_only") { closed = true }
        if plan.isOn(.closedHidden), closed == nil, !query.isTrue("includeclosed"), !query.isTrue("deleted") { closed = false }
        hidesMerged = plan.isOn(.mergedHidden)
        switch plan.fault(.deletedFilter)?.argument.flatMap(DeletedFilter.init) {
        case .ignored: break
        case .included: includesDeleted = query.isTrue("deleted")
        case nil: deleted = query.isTrue("deleted")
        }
        // Only newer versions have this filter; older ones ignore it like any unknown parameter.
        if !plan.isOn(.thirdPartyFilterUnsupported) { thirdParty = query.text("third_party_id_string") }
        try addDateRanges(query, plan)
    }

    private mutating func restrict(_ column: TicketRecord.Column, to values: Set<Int>) {
        columns[column] = columns[column]?.intersection(values) ?? values
    }

    private mutating func addDateRanges(_ query: QueryParameters, _ plan: FaultPlan) throws {
        let from = try query.time("lastupdatefromdate")
        let to = try query.time("lastupdatetodate")
        if from != nil || to != nil, !plan.ignoresDateFilter(of: .tickets) {
            dateRanges.append(DateRange(field: .updated, from: from, to: to))
        }
        // The vendor spells it `dateoccured`, with one r.
        let field: DateField? =
            switch query.text("datesearch")?.lowercased() {
            case "dateoccured": .created
            case "datecleared": .closed
            default: nil
            }
        guard let field else { return }
        dateRanges.append(DateRange(field: field, from: try query.time("startdate"), to: try query.time("enddate")))
    }

    func matches(_ record: TicketRecord, _ extras: TicketExtras?) -> Bool {
        guard includesDeleted || record.isDeleted == deleted, !record.isHidden, closed == nil || record.isClosed == closed else {
            return false
        }
        if hidesMerged, record.mergedInto != 0 { return false }
        for (column, values) in columns where !values.contains(record.value(of: column)) { return false }
        if !excludedIDs.isEmpty, excludedIDs.contains(record.id) { return false }
        if let thirdParty, record.thirdParty != thirdParty { return false }
        for range in dateRanges {
            let time = record.time(of: range.field)
            if let from = range.from, time < from { return false }
            if let to = range.to, time > to { return false }
            if range.field == .closed, !record.isClosed { return false }
        }
        return texts.allSatisfy { Self.contains($0, record, extras) }
    }

    private static func contains(_ test: TextTest, _ record: TicketRecord, _ extras: TicketExtras?) -> Bool {
        func field(_ name: String) -> Bool { extras?.fields[name]?.text?.lowercased().contains(test.needle) ?? false }
        switch test.text {
        case .summary: return record.summary.lowercased().contains(test.needle)
        case .details: return field("details") || field("details_html")
        case .reportedBy: return field("reportedby")
        case .supplierReference: return field("supplier_reference")
        case .anything:
            return record.summary.lowercased().contains(test.needle) || String(record.id) == test.needle || field("details")
        }
    }
}

extension TicketRecord {
    fileprivate func time(of field: TicketFilter.DateField) -> HaloTime {
        switch field {
        case .created: created
        case .updated: updated
        case .closed: closed
        }
    }
}

/// The `advanced_search` parameter: JSON text with a list of conditions.
enum AdvancedSearch {
    private struct Condition: Decodable {
        var filter_name: String
        var filter_type: Int
        var filter_value: String
    }

    /// HaloPSA fact: unknown filter names are a 400; here the conditions are validated but not applied.
    static func validationError(_ text: String?) -> String? {
        guard let text else { return nil }
        let known: Set<String> = ["id", "summary", "client_name", "third_party_id_string", "supplier_reference"]
        guard let conditions = try? JSONDecoder().decode([Condition].self, from: Data(text.utf8)),
            conditions.allSatisfy({ known.contains($0.filter_name) && (0...10).contains($0.filter_type) })
        else { return "Invalid advanced search parameter" }
        return nil
    }
}
