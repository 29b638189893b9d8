import PSACore

/// The rows of a list answer, whatever envelope they came in.
///
/// HaloPSA sends `{"record_count":n,"tickets":[…]}`, bare arrays, `null` in place of the rows, and for some tenants a key other than the
/// documented one; an object in place of a list is a single row.
struct HaloList {
    let rows: [JSONView]
    /// The grand total where paging was asked for; otherwise only the number of rows, so it is a hint.
    let recordCount: Int?

    /// The rows as a page takes them.
    var rowList: RowList { RowList(rows, total: recordCount) }

    /// Finds the rows, or returns nil if the answer is not a list at all.
    init?(_ root: JSONView, key: String) {
        if root.isArray {
            rows = root.elements
            recordCount = nil
            return
        }
        guard root.isObject else { return nil }
        recordCount = root["record_count"]?.integer
        if let declared = root.member(key) {
            guard declared.isArray || declared.isNull else { return nil }
            rows = declared.elements
        } else if let found = root.members.first(where: { $0.value.isArray && $0.name != "columns" && $0.name != "folders" }) {
            rows = found.value.elements
        } else if root["id"] != nil {
            rows = [root]
        } else if recordCount != nil {
            rows = []
        } else {
            return nil
        }
    }
}

/// The record in the answer to a POST of one element: a bare object, or an array of one.
enum HaloSavedRecord {
    /// The record, or nil where the answer does not say which one was saved: without an id that a record can have, or with several.
    static func find(in root: JSONView) -> JSONView? {
        guard !root.isArray || root.elements.count == 1, let record = root.isArray ? root.elements.first : root,
            let id = record["id"]?.integer, (1...Int(Int32.max)).contains(id)
        else { return nil }
        return record
    }
}
