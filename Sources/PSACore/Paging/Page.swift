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
public struct UnreadableRow: Sendable, Hashable, Codable {
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

/// A place in a list, opaque to everyone but the connector that made it.
///
/// It can be stored as text and used later with the same connector, tenant, kind of list, filters and version; anything else is refused with
/// `sync.cursor_rejected`, and so is one that was damaged. It holds no host and no secret.
///
/// The cursors of a ``ConnectorSession`` hold a connector's own cursor and what it belongs to.
public struct PageCursor: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The largest cursor that a session gives or takes, in bytes.
    public static let maxBytes = 4_096

    /// The whole cursor as text.
    public let rawValue: String

    /// Makes a cursor; connectors do.
    ///
    /// - Parameters:
    ///   - connector: Who made it.
    ///   - list: The list it belongs to.
    ///   - version: Rises when the payload changes its meaning.
    ///   - payload: What the connector needs to go on.
    public init(connector: ConnectorID, list: String, version: Int, payload: String) {
        rawValue = "\(connector)/\(list)/\(version)/\(payload)"
    }

    /// Takes a stored cursor back.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The payload, if the cursor is from this connector, list and version.
    public func payload(connector: ConnectorID, list: String, version: Int) -> String? {
        let prefix = "\(connector)/\(list)/\(version)/"
        return rawValue.hasPrefix(prefix) ? String(rawValue.dropFirst(prefix.count)) : nil
    }

    /// The whole cursor as text.
    public var description: String { rawValue }
}

/// How much of a list came, as far as the vendor's own count says.
public struct ListCompleteness: Sendable, Hashable, Codable {
    /// How many rows came, each once, including those that could not be read and those that were not asked for.
    public var rows: Int
    /// How many rows lie before the place at which reading began; nil if that is not known.
    public var rowsBefore: Int?
    /// The vendor's latest count of the whole list; nil if it gave none that can be one.
    public var total: Int?
    /// By how much the vendor's count fell while the list was read; rows that moved to an earlier page meanwhile may be missing.
    public var shrinkage: Int
    /// How many rows could not be read.
    public var unreadable: Int
    /// Whether the vendor gives no more rows than these though there may be more.
    public var isCutOff: Bool

    /// States what came.
    public init(rows: Int, rowsBefore: Int? = 0, total: Int? = nil, shrinkage: Int = 0, unreadable: Int = 0, isCutOff: Bool = false) {
        self.rows = rows
        self.rowsBefore = rowsBefore
        self.total = total
        self.shrinkage = shrinkage
        self.unreadable = unreadable
        self.isCutOff = isCutOff
    }

    /// How many rows the vendor counts that did not come; 0 where it gave no count, or the place of the beginning is not known.
    ///
    /// More rows than the vendor counts are no gap: the count was wrong, or rows were added meanwhile.
    public var missing: Int {
        guard let total, let rowsBefore else { return 0 }
        let (come, isTooMuch) = rowsBefore.addingReportingOverflow(rows)
        return isTooMuch || total <= come ? 0 : total - max(come, 0)
    }

    /// Whether nothing shows that rows are missing.
    public var isComplete: Bool { missing == 0 && shrinkage == 0 && unreadable == 0 && !isCutOff }

    /// Counts the rows of one reading.
    struct Counter: Sendable {
        private(set) var state: ListCompleteness
        private var maxCounted = 0
        private var isFirst = true

        init(startsAtTheBeginning: Bool) { state = ListCompleteness(rows: 0, rowsBefore: startsAtTheBeginning ? 0 : nil) }

        /// Forgets the vendor's count, because the rest of the list was not asked for.
        mutating func endEarly() { state.total = nil }

        /// Adds a page of which some rows had come before.
        mutating func add<Element>(_ page: Page<Element>, repeated: Int) {
            if isFirst, state.rowsBefore == nil { state.rowsBefore = page.rowsBefore }
            defer { isFirst = false }
            let rows = page.rowCount ?? page.items.count + page.unreadable.count
            state.rows += max(0, rows - repeated)
            state.unreadable += page.unreadable.count
            state.isCutOff = state.isCutOff || page.isCutOff
            // What an empty page behind the end counts can't be relied on.
            guard rows > 0 || isFirst, let total = page.total, total > 0 else { return }
            maxCounted = max(maxCounted, total)
            state.total = total
            state.shrinkage = maxCounted - total
        }
    }
}

/// What a list with gaps shows: the vendor's count, and how many rows came.
struct MissingRowsMessage: LocalizedMessage, Hashable {
    let total: Int
    let came: Int

    var values: [String: MessageValue] { ["total": .verbatim(String(total)), "came": .verbatim(String(came))] }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: "{total} rows are counted, and {came} came."
        case .german: "{total} Zeilen sind gezählt, {came} kamen."
        }
    }
}
