import FoundationEssentials
import PSACore

extension Page where Element: RowReadable {
    /// Reads a page; a malformed row is counted in it, so that one bad row does not fail the list.
    ///
    /// - Parameters:
    ///   - view: The result of the call.
    ///   - fetchedAt: When it was received.
    ///   - cursor: Makes a cursor of the connector's own mark.
    /// - Throws: ``WireMismatch``.
    init(_ view: JSONView, fetchedAt: Date, cursor: (String) -> PageCursor) throws(WireMismatch) {
        let object = try WireObject(view)
        let rows = try object.required("items", .list) { $0.isArray ? $0.elements : nil }
        var items: [Element] = []
        var unreadable: [UnreadableRow] = []
        for (position, row) in rows.enumerated() {
            do {
                items.append(try Element(Row(try WireObject(row), fetchedAt: fetchedAt)))
            } catch {
                unreadable.append(UnreadableRow(position: position, member: error.path))
            }
        }
        self.init(
            items: items, next: try object.optionalText("next").map(cursor), lookahead: try object.texts("lookahead").prefix(8).map(cursor),
            total: try object.optionalInteger("total"), unreadable: unreadable, firstRowID: rows.first?["id"]?.text)
        isCutOff = try object.optionalFlag("cutOff") ?? false
    }
}
