/// All rows of a list, page after page, with a few pages fetched ahead.
///
/// - The list ends at the page that names no next one, at an empty page, or at a page that was there before (some vendors repeat their
///   first or last page when asked past the end). Pages that bring nothing but unreadable rows are passed over, up to ``fruitlessPages``
///   in a row; a list of which then nothing at all could be read is an error instead of an end.
/// - Where fewer rows came than the vendor counts, the end is an error with `sync.list_incomplete`, after all rows were delivered.
///   ``observingEnd(_:)`` makes it a value instead.
/// - A row that was already delivered is dropped. Ids are remembered for the last ``rememberedIDs`` rows only, so that memory does not
///   grow with the list: rows that move while a list is read move to a page nearby.
/// - Leaving the loop, or cancelling the task, cancels the requests that are still under way.
public struct PagedSequence<Element: Sendable & Identifiable>: AsyncSequence, Sendable where Element.ID: Sendable {
    /// Fetches the page at a cursor, or the first page.
    public typealias Fetch = @Sendable (PageCursor?) async throws -> Page<Element>

    /// For how many rows an id is remembered.
    public static var rememberedIDs: Int { 4_096 }

    /// How many pages in a row may bring nothing new but unreadable rows.
    public static var fruitlessPages: Int { 10 }

    private let fetch: Fetch
    private let start: PageCursor?
    private let onPage: (@Sendable (Page<Element>) -> Void)?
    private var onEnd: (@Sendable (ListCompleteness) -> Void)?
    /// Makes the error of a list with gaps, with what is known of its origin.
    private var failure: @Sendable (ListCompleteness) -> PSAError = { PSAError(incomplete: $0) }

    /// Makes a sequence over a list.
    ///
    /// - Parameters:
    ///   - start: Where to begin; nil for the first page.
    ///   - onPage: Told about each page before its rows are delivered: for progress.
    ///   - fetch: Fetches one page.
    public init(startingAt start: PageCursor? = nil, onPage: (@Sendable (Page<Element>) -> Void)? = nil, fetch: @escaping Fetch) {
        self.start = start
        self.onPage = onPage
        self.fetch = fetch
    }

    /// The same list with an observer for its pages.
    public func observingPages(_ observer: @escaping @Sendable (Page<Element>) -> Void) -> PagedSequence {
        var observed = PagedSequence(startingAt: start, onPage: observer, fetch: fetch)
        observed.onEnd = onEnd
        observed.failure = failure
        return observed
    }

    /// The same list with an observer for its end; a list with gaps then ends without an error.
    ///
    /// The observer is not told where the loop was left before the end, or reading failed.
    public func observingEnd(_ observer: @escaping @Sendable (ListCompleteness) -> Void) -> PagedSequence {
        var observed = self
        observed.onEnd = observer
        return observed
    }

    /// The same list, whose error at the end tells where it is from.
    func failing(with failure: @escaping @Sendable (ListCompleteness) -> PSAError) -> PagedSequence {
        var named = self
        named.failure = failure
        return named
    }

    /// Starts reading.
    public func makeAsyncIterator() -> Iterator {
        Iterator(fetch: fetch, start: start, onPage: onPage, onEnd: onEnd, failure: failure)
    }

    /// Reads one list once.
    public struct Iterator: AsyncIteratorProtocol {
        private let inFlight: PagesInFlight<Element>
        private let onPage: (@Sendable (Page<Element>) -> Void)?
        private var rows: [Element] = []
        private var position = 0
        private var nextCursor: PageCursor?
        private var isFinished = false
        private var firstPageMark: String?
        private var previousPageMark: String?
        private var fruitless = 0
        private var seen = RecentIDs<Element.ID>(capacity: PagedSequence.rememberedIDs)
        private var counter: ListCompleteness.Counter
        private let onEnd: (@Sendable (ListCompleteness) -> Void)?
        private let failure: @Sendable (ListCompleteness) -> PSAError

        /// How much of the list came; nil before its end.
        public private(set) var completeness: ListCompleteness?

        init(
            fetch: @escaping Fetch, start: PageCursor?, onPage: (@Sendable (Page<Element>) -> Void)?,
            onEnd: (@Sendable (ListCompleteness) -> Void)?, failure: @escaping @Sendable (ListCompleteness) -> PSAError
        ) {
            inFlight = PagesInFlight(fetch: fetch)
            nextCursor = start
            counter = ListCompleteness.Counter(startsAtTheBeginning: start == nil)
            self.onPage = onPage
            self.onEnd = onEnd
            self.failure = failure
        }

        /// The next row, or nil at the end.
        ///
        /// - Throws: What fetching a page throws, and once at the end of a list with gaps ``PSAError`` with `sync.list_incomplete`.
        public mutating func next() async throws -> Element? {
            while position == rows.count {
                if isFinished {
                    try end()
                    return nil
                }
                try await loadPage()
            }
            defer { position += 1 }
            return rows[position]
        }

        /// Tells once how much of the list came.
        private mutating func end() throws {
            guard completeness == nil else { return }
            completeness = counter.state
            if let onEnd { return onEnd(counter.state) }
            // A page that is cut off says so itself.
            if counter.state.missing > 0, !counter.state.isCutOff { throw failure(counter.state) }
        }

        private mutating func loadPage() async throws {
            let page = try await inFlight.page(at: nextCursor)
            rows = page.items.filter { seen.insert($0.id) }
            position = 0
            nextCursor = page.next
            let isRepeated =
                page.firstRowID.map { $0 == firstPageMark || $0 == previousPageMark } ?? (rows.isEmpty && page.unreadable.isEmpty)
            let isEmpty = page.items.isEmpty && page.unreadable.isEmpty && page.firstRowID == nil
            if !isRepeated || isEmpty { counter.add(page, repeated: page.items.count - rows.count) }
            if !isRepeated { onPage?(page) }
            firstPageMark = firstPageMark ?? page.firstRowID
            previousPageMark = page.firstRowID
            fruitless = rows.isEmpty && !page.unreadable.isEmpty ? fruitless + 1 : 0
            let isHopeless = fruitless == PagedSequence.fruitlessPages
            // Whatever the cursor says: a page that was there before would be followed by itself for ever.
            isFinished = page.next == nil || isRepeated || isHopeless
            if isFinished {
                inFlight.cancelAll()
            } else {
                inFlight.fetchAhead([page.next].compactMap { $0 } + page.lookahead)
            }
            if isHopeless, page.items.isEmpty {
                throw PSAError(
                    .vendorUnexpectedResponse, values: [.object: .phrase(CoreMessage.nextPage)],
                    evidence: CoreMessage.unreadablePages(fruitless))
            }
        }
    }
}

extension PSAError {
    /// The error at the end of a list with gaps.
    init(incomplete list: ListCompleteness, catalogue: GuidanceCatalogue = .shared, object: CoreMessage = .nextPage) {
        self.init(
            .syncListIncomplete, catalogue: catalogue, values: [.object: .phrase(object)],
            evidence: MissingRowsMessage(total: list.total ?? 0, came: (list.rowsBefore ?? 0) + list.rows))
    }
}

/// Ids of the latest rows, the oldest forgotten first.
struct RecentIDs<ID: Hashable & Sendable>: Sendable {
    private let capacity: Int
    private var members: Set<ID> = []
    private var ring: [ID] = []
    private var oldest = 0

    init(capacity: Int) { self.capacity = capacity }

    /// Remembers an id; false if it was known.
    mutating func insert(_ id: ID) -> Bool {
        guard members.insert(id).inserted else { return false }
        if ring.count < capacity {
            ring.append(id)
        } else {
            members.remove(ring[oldest])
            ring[oldest] = id
            oldest = (oldest + 1) % capacity
        }
        return true
    }
}
