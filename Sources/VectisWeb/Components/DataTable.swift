/// A table with a row for each thing; on a narrow screen each row becomes a card whose values stand beside the names of their columns.
struct DataTable: Sendable {
    /// What a screen reader calls it.
    enum Name: Sendable {
        case label(HTML)
        /// The words of the heading with this id.
        case heading(String)
    }

    struct Row: Sendable {
        /// Where an address can lead to; nil for nowhere.
        var id: String?
        /// One value for each column.
        let cells: [HTML]

        init(id: String? = nil, _ cells: [HTML]) {
            self.id = id
            self.cells = cells
        }
    }

    let name: Name
    /// The names of the columns: plain words, because they are also values of attributes.
    let columns: [HTML]
    /// Whether the first value of a row says what the row is about.
    var hasRowHeaders = false
    /// The class of the table; nil for none.
    var style: String?
    let rows: [Row]

    // A table whose parts are laid out as blocks is none for some screen readers, so each part states its role.
    var html: HTML {
        """
        <div class="table-scroll cards-on-phone" tabindex="0" role="group" \(nameAttribute)>
        <table role="table"\(attribute: "class", style)>
        <thead role="rowgroup"><tr role="row">\(each: columns, { "<th role=\"columnheader\" scope=\"col\">\($0)</th>" })</tr></thead>
        <tbody role="rowgroup">\(each: rows, row)</tbody>
        </table>
        </div>
        """
    }

    private var nameAttribute: HTML {
        switch name {
        case .label(let words): "aria-label=\"\(words)\""
        case .heading(let id): "aria-labelledby=\"\(id)\""
        }
    }

    private func row(_ row: Row) -> HTML {
        let cells: [HTML] = zip(columns, row.cells).enumerated().map { place, cell in
            hasRowHeaders && place == 0
                ? "<th role=\"rowheader\" scope=\"row\">\(cell.1)</th>"
                : "<td role=\"cell\" data-label=\"\(cell.0)\">\(cell.1)</td>"
        }
        return "<tr role=\"row\"\(attribute: "id", row.id)>\(HTML.all(cells))</tr>\n"
    }
}
