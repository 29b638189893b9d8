import PSACore

/// A page of a collection: `{"page":1,"per_page":100,"pages":3,"count":100,"total":260,"items":[…]}`.
struct RTList {
    let rows: [JSONView]
    /// How many pages there are; null where RT would have to look at every row's rights, and left out of custom field values.
    let pages: Int?
    /// How many rows there are, where RT says so.
    let total: Int?

    /// Finds the rows, or returns nil if the answer is not a collection.
    init?(_ root: JSONView) {
        guard let items = root["items"], items.isArray else { return nil }
        rows = items.elements
        total = root["total"]?.integer
        let perPage = root["per_page"]?.integer ?? 0
        pages = root["pages"]?.integer ?? (perPage > 0 ? total.map { $0 / perPage + ($0 % perPage > 0 ? 1 : 0) } : nil)
    }
}
