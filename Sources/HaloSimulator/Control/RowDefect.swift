/// What is wrong with one row in the replies that contain it, as in damaged or unusual data of a real tenant.
package enum RowDefect: String, Sendable, Hashable, CaseIterable {
    /// The row has no id.
    case missingID = "missing-id"
    /// The id is a text that is no number.
    case textID = "text-id"
    /// Dates are in the year 99999: of a ticket all but the date of its creation, of other records all.
    case farDates = "far-dates"

    static let farDate = "99999-12-31T23:59:59"

    static func text(of id: Int) -> String { "X-\(id)" }

    /// Returns the fields of a row with the defect.
    func applied(to fields: [String: JSONValue]) -> [String: JSONValue] {
        var fields = fields
        switch self {
        case .missingID: fields["id"] = nil
        case .textID: fields["id"] = .string(Self.text(of: fields["id"]?.integer ?? 0))
        case .farDates:
            for (name, value) in fields where value.time != nil { fields[name] = .string(Self.farDate) }
        }
        return fields
    }
}
