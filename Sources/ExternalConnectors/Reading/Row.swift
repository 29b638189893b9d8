import FoundationEssentials
import PSACore

/// A record as a connector sends it: the neutral members, and the vendor's own row under `native`.
struct Row {
    let object: WireObject
    let fetchedAt: Date

    init(_ object: WireObject, fetchedAt: Date) {
        self.object = object
        self.fetchedAt = fetchedAt
    }

    /// The vendor's row, byte for byte; the whole record where the connector sends none.
    var native: NativeRecord { NativeRecord(object.view["native"] ?? object.view, fetchedAt: fetchedAt) }

    /// Where a choice is valid: in the whole tenant, unless a member says otherwise.
    func scope() throws(WireMismatch) -> PicklistScope {
        guard let scope = try object.object("scope") else { return .tenant }
        if scope.view["ticketType"] != nil { return .ticketType(try scope.id("ticketType", of: TicketType.self)) }
        if let level = try scope.optional("serviceLevel", .identifier, \.text) { return .serviceLevel(level) }
        return try scope.optional("container", .identifier, \.text).map { .container($0) } ?? .tenant
    }
}

/// A record that can be read from a connector's row.
protocol RowReadable: Sendable {
    /// - Throws: ``WireMismatch``.
    init(_ row: Row) throws(WireMismatch)
}
