/// How much of a list came, as far as the vendor's own count says.
public struct ListCompleteness: Sendable, Hashable {
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
        return isTooMuch ? 0 : max(0, total - come)
    }

    /// Whether nothing shows that rows are missing.
    public var isComplete: Bool { missing == 0 && shrinkage == 0 && unreadable == 0 && !isCutOff }

    /// Counts the rows of one reading.
    struct Counter: Sendable {
        private(set) var state: ListCompleteness
        private var maxCounted = 0
        private var isFirst = true

        init(startsAtTheBeginning: Bool) { state = ListCompleteness(rows: 0, rowsBefore: startsAtTheBeginning ? 0 : nil) }

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
