/// Rows of a small resource, kept as JSON fields.
///
/// Fields whose name starts with `~` are for filters alone and never leave the stand-in.
struct Table: Sendable {
    struct Row: Sendable {
        var fields: [String: JSONValue]
        var updated: HaloTime
    }

    enum RowID: Sendable, Hashable {
        case number(Int)
        case guid(String)
    }

    let resource: Resource
    private(set) var rows: [Row] = []
    private var index: [RowID: Int] = [:]
    private var highest = 0

    init(_ resource: Resource) { self.resource = resource }

    subscript(id: RowID) -> Row? { index[id].map { rows[$0] } }

    func row(_ number: Int) -> Row? { self[.number(number)] }

    /// The `name` of a row, or an empty text: rows may point at what is gone.
    func name(of number: Int, field: String = "name") -> String { row(number)?.fields[field]?.text ?? "" }

    var nextNumber: Int { highest + 1 }

    /// Puts a row in, over the one with the same id where there is one.
    mutating func put(_ fields: [String: JSONValue], updated: HaloTime) {
        let row = Row(fields: fields, updated: updated)
        let id = Self.identifier(of: fields, at: rows.count)
        if let position = index[id] {
            rows[position] = row
        } else {
            index[id] = rows.count
            rows.append(row)
        }
        if case .number(let number) = id { highest = max(highest, number) }
    }

    mutating func remove(_ id: RowID) -> Row? {
        guard let position = index[id] else { return nil }
        let row = rows.remove(at: position)
        index = [:]
        for (position, row) in rows.enumerated() { index[Self.identifier(of: row.fields, at: position)] = position }
        return row
    }

    /// The whole record, without what is only there with `includedetails=true` unless it is asked for.
    func detail(_ row: Row, includingDetails: Bool) -> [UInt8] {
        var json = JSONBytes()
        json.object(row.fields, leavingOut: includingDetails ? [] : resource.rules.includedDetails, omittingEmpty: true)
        return json.bytes
    }

    /// A lookup row has no id of its own; its place serves.
    private static func identifier(of fields: [String: JSONValue], at position: Int) -> RowID {
        switch fields["~key"] ?? fields["id"] {
        case .int(let number)?: .number(number)
        case .string(let text)?: .guid(text.lowercased())
        default: .number(-1_000_000 - position)
        }
    }
}
