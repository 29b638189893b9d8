/// One page of a list as it came back.
public struct Page<Element: Sendable>: Sendable {
    /// The rows that could be read.
    public var items: [Element]
    /// Where to go on, or nil if this was the last page.
    public var next: PageCursor?
    /// Pages that probably follow `next`; they may be fetched at the same time and thrown away if the list ends before them.
    public var lookahead: [PageCursor]
    /// The vendor's count of the whole list, if it gave one.
    ///
    /// It counts what ``rowCount`` counts. Where fewer rows came at the end of a list, reading it ends with an error.
    public var total: Int?
    /// How many rows the vendor sent in this page, also those that were not asked for; nil if they are the items and the unreadable rows.
    public var rowCount: Int?
    /// How many rows lie before this page, if its cursor says.
    public var rowsBefore: Int?
    /// Rows that could not be read, so that a list with gaps says so.
    public var unreadable: [UnreadableRow]
    /// Whether the vendor gives no more rows than these though there may be more.
    public var isCutOff = false
    /// The id of the page's first row before any filtering: two pages with the same one are the same page.
    public var firstRowID: String?

    /// Makes a page; connectors do.
    public init(
        items: [Element], next: PageCursor? = nil, lookahead: [PageCursor] = [], total: Int? = nil, unreadable: [UnreadableRow] = [],
        firstRowID: String? = nil
    ) {
        self.items = items
        self.next = next
        self.lookahead = lookahead
        self.total = total
        self.unreadable = unreadable
        self.firstRowID = firstRowID
    }
}

/// A row that did not fit the model.
public struct UnreadableRow: Sendable, Hashable {
    /// Its place in the page, from zero.
    public var position: Int
    /// The member that did not fit, by the vendor's name.
    public var member: String

    /// States a row that was left out.
    public init(position: Int, member: String) {
        self.position = position
        self.member = member
    }
}
