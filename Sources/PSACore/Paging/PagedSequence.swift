import Synchronization

/// All rows of a list, page after page, with a few pages fetched ahead.
///
/// ```swift
/// for try await page in session.companies(startingAt: stored).pages {
///     try await save(page.rows, resumeAt: page.next)
///     if page.next == nil, page.completeness.missing > 0 { print("\(page.completeness.missing) companies did not come.") }
/// }
/// ```
///
/// - The list ends at the page that names no next one, or at a page that came before (some vendors repeat their first or last page when
///   asked past the end). Pages without rows that name a next one, and pages that contain only unreadable rows, are passed over, up to
///   ``maxFruitlessPages`` in a row; more of them are an error instead of an end.
/// - Where fewer rows came than the vendor counts, the end is an error with `sync.list_incomplete`, after all rows were delivered. Read
///   ``pages-swift.property`` to get that as a value instead, with a cursor from which reading can be resumed.
/// - A row that was already delivered is dropped. Ids are remembered for the last ``rememberedIDs`` rows only, so that memory does not
///   grow with the list: rows that move while a list is read move to a page nearby.
/// - Leaving the loop, or cancelling the task, cancels the requests that are still under way.
public struct PagedSequence<Element: Sendable & Identifiable>: AsyncSequence, Sendable where Element.ID: Sendable {
    /// Fetches the page at a cursor, or the first page.
    public typealias Fetch = @Sendable (PageCursor?) async throws -> Page<Element>

    /// For how many rows an id is remembered.
    public static var rememberedIDs: Int { 4_096 }

    /// How many pages in a row may contain no rows, or nothing but unreadable ones, before the list is given up.
    public static var maxFruitlessPages: Int { 10 }

    /// The same list page by page.
    public let pages: Pages
    /// Makes the error of a list with gaps, with what is known of its origin.
    private var failure: @Sendable (ListCompleteness) -> PSAError = { PSAError(incomplete: $0) }

    /// Makes a sequence over a list.
    ///
    /// - Parameters:
    ///   - start: Where to begin, such as the ``ListPage/next`` of an earlier reading; nil for the first page.
    ///   - fetch: Fetches one page.
    public init(startingAt start: PageCursor? = nil, fetch: @escaping Fetch) { self.init(startingAt: start, limit: nil, fetch: fetch) }

    /// Makes a sequence over a list, of which at most some rows are given.
    ///
    /// - Parameters:
    ///   - start: Where to begin; for a list with a limit, one of the cursors that a ``ConnectorSession`` gives.
    ///   - limit: The most rows that are given, those before the start included; nil for all.
    ///   - fetch: Fetches one page.
    init(startingAt start: PageCursor?, limit: Int?, fetch: @escaping Fetch) {
        pages = Pages(fetch: fetch, start: start, limit: limit)
    }

    /// The same list, with another error for its end with gaps.
    func failing(with failure: @escaping @Sendable (ListCompleteness) -> PSAError) -> PagedSequence {
        var named = self
        named.failure = failure
        return named
    }

    /// The error with `sync.list_incomplete` with which reading row by row ends; nil if the vendor's count shows no gap.
    ///
    /// - Parameter completeness: What the last of the ``pages-swift.property`` states.
    /// - Returns: The error, which is also nil for a list that is cut off, because such a page says so itself.
    public func error(for completeness: ListCompleteness) -> PSAError? {
        completeness.missing > 0 && !completeness.isCutOff ? failure(completeness) : nil
    }

    /// Starts reading.
    public func makeAsyncIterator() -> Iterator { Iterator(pages: pages.makeAsyncIterator(), list: self) }

    /// Reads one list once, row by row.
    public struct Iterator: AsyncIteratorProtocol {
        private var pages: Pages.Iterator
        private var rows: [Element] = []
        private var position = 0
        private let list: PagedSequence

        /// How much of the list came; nil before its end.
        public private(set) var completeness: ListCompleteness?

        init(pages: Pages.Iterator, list: PagedSequence) {
            self.pages = pages
            self.list = list
        }

        /// The next row, or nil at the end.
        ///
        /// - Throws: What fetching a page throws, and once at the end of a list with gaps ``PSAError`` with `sync.list_incomplete`.
        public mutating func next() async throws -> Element? {
            while position == rows.count {
                guard let page = try await pages.next() else {
                    try end()
                    return nil
                }
                rows = page.rows
                position = 0
            }
            defer { position += 1 }
            return rows[position]
        }

        /// States once how much of the list came.
        private mutating func end() throws {
            guard completeness == nil else { return }
            completeness = pages.completeness
            if let error = list.error(for: pages.completeness) { throw error }
        }
    }
}

/// One page of a list as ``PagedSequence/pages-swift.property`` delivers it.
public struct ListPage<Element: Sendable>: Sendable {
    /// The rows that did not come before.
    public var rows: [Element]
    /// Where to resume reading after this page, to be stored with its rows; nil if the list has ended.
    public var next: PageCursor?
    /// Rows of this page that could not be read.
    public var unreadable: [UnreadableRow]
    /// Whether the vendor gives no more rows than these though there may be more.
    public var isCutOff: Bool
    /// How much of the list came, up to and including this page; on the last page, how much of the whole list.
    public var completeness: ListCompleteness
}

extension PagedSequence {
    /// A list page by page, each with the cursor from which reading can be resumed after it.
    ///
    /// A list has at least one page, and each may have no rows. The last one has no ``ListPage/next``; where a page repeats an earlier one, it
    /// comes without rows as the last one. The end of a list with gaps is no error here: the ``ListPage/completeness`` of the last page states
    /// what is missing.
    public struct Pages: AsyncSequence, Sendable {
        /// What the sequence delivers.
        public typealias Element = ListPage<PagedSequence.Element>

        let fetch: Fetch
        let start: PageCursor?
        let limit: Int?

        /// Starts reading.
        public func makeAsyncIterator() -> Iterator { Iterator(fetch: fetch, start: start, limit: limit) }

        /// Reads one list once, page by page.
        public struct Iterator: AsyncIteratorProtocol {
            private let inFlight: PagesInFlight<PagedSequence.Element>
            private var nextCursor: PageCursor?
            private var isFinished = false
            private var firstPageMark: String?
            private var previousPageMark: String?
            private var fruitless = 0
            /// Whether one of those pages had no row that could be read, so that rows may be missing.
            private var hasUnreadPage = false
            private var seen = RecentIDs<PagedSequence.Element.ID>(capacity: PagedSequence.rememberedIDs)
            private var counter: ListCompleteness.Counter
            private let limit: Int?
            /// How many rows of a list with a limit were given, those of earlier readings included.
            private var taken = 0
            /// A page of which no row could be read was the last one that is tried.
            private var pendingError: PSAError?

            init(fetch: @escaping Fetch, start: PageCursor?, limit: Int?) {
                inFlight = PagesInFlight(fetch: fetch)
                nextCursor = start
                self.limit = limit
                if limit != nil { taken = start.flatMap { try? BoundCursor($0) }?.taken ?? 0 }
                counter = ListCompleteness.Counter(startsAtTheBeginning: start == nil)
            }

            /// How much of the list came so far.
            public var completeness: ListCompleteness { counter.state }

            /// The next page, or nil at the end.
            ///
            /// - Throws: What fetching a page throws, and ``PSAError`` with `vendor.unexpected_response` after too many pages without a
            ///   readable row.
            public mutating func next() async throws -> ListPage<PagedSequence.Element>? {
                if let error = pendingError {
                    pendingError = nil
                    throw error
                }
                guard !isFinished else { return nil }
                let page = try await inFlight.page(at: nextCursor)
                var rows = PagedSequence.rows(page.items, newTo: &seen)
                nextCursor = page.next
                let isEmpty = page.items.isEmpty && page.unreadable.isEmpty && page.firstRowID == nil
                let isRepeated =
                    page.firstRowID.map { $0 == firstPageMark || $0 == previousPageMark }
                    ?? (!isEmpty && rows.isEmpty && page.unreadable.isEmpty)
                if !isRepeated { counter.add(page, repeated: page.items.count - rows.count) }
                firstPageMark = firstPageMark ?? page.firstRowID
                previousPageMark = page.firstRowID
                // An empty page that is the last one is no sign of anything.
                fruitless = rows.isEmpty && (!page.unreadable.isEmpty || isEmpty && page.next != nil) ? fruitless + 1 : 0
                hasUnreadPage = fruitless > 0 && (hasUnreadPage || page.items.isEmpty)
                let isHopeless = fruitless == PagedSequence.maxFruitlessPages
                // Whatever the cursor says: a page that was there before would be followed by itself for ever.
                let isLimitReached = cut(&rows)
                isFinished = page.next == nil || isRepeated || isHopeless || isLimitReached
                if isFinished {
                    inFlight.cancelAll()
                } else {
                    inFlight.fetchAhead([page.next].compactMap { $0 } + page.lookahead)
                }
                if isHopeless, hasUnreadPage {
                    pendingError = PSAError(
                        .vendorUnexpectedResponse, values: [.object: .phrase(CoreMessage.nextPage)],
                        evidence: CoreMessage.unreadablePages(fruitless))
                }
                // The rows of a repeated page came before, and with them those that can't be read.
                return ListPage(
                    rows: rows, next: isFinished ? nil : page.next.map(resumable),
                    unreadable: isRepeated && rows.isEmpty ? [] : page.unreadable, isCutOff: page.isCutOff, completeness: counter.state)
            }

            /// Leaves as many rows as the limit allows.
            ///
            /// - Returns: Whether the limit is reached.
            private mutating func cut(_ rows: inout [PagedSequence.Element]) -> Bool {
                guard let limit else { return false }
                let left = Swift.max(limit - taken, 0)
                if rows.count > left { rows.removeLast(rows.count - left) }
                taken += rows.count
                guard taken >= limit else { return false }
                counter.endEarly()
                return true
            }

            /// The cursor with how many rows were given before it, where that matters.
            private func resumable(_ cursor: PageCursor) -> PageCursor {
                guard limit != nil, var bound = try? BoundCursor(cursor) else { return cursor }
                bound.taken = taken
                return bound.cursor
            }
        }
    }
}

extension PagedSequence {
    /// The rows whose ids did not come before; nearly always all of them, which then are not copied.
    ///
    /// For tickets, which come by the hundred thousand, it is compiled apart.
    @specialized(where Element == Ticket)
    fileprivate static func rows(_ rows: [Element], newTo seen: inout RecentIDs<Element.ID>) -> [Element] {
        var repeated: [Int] = []
        for index in rows.indices where !seen.insert(rows[index].id) { repeated.append(index) }
        guard !repeated.isEmpty else { return rows }
        var others = rows
        for index in repeated.reversed() { others.remove(at: index) }
        return others
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

/// The page requests of one iterator that are under way.
final class PagesInFlight<Element: Sendable>: Sendable {
    private let fetch: @Sendable (PageCursor?) async throws -> Page<Element>
    private let tasks = Mutex<[PageCursor: Task<Page<Element>, any Error>]>([:])

    init(fetch: @escaping @Sendable (PageCursor?) async throws -> Page<Element>) { self.fetch = fetch }

    deinit { cancelAll() }

    /// Starts the requests that are not under way yet.
    func fetchAhead(_ cursors: [PageCursor]) {
        tasks.withLock { tasks in
            for cursor in cursors where tasks[cursor] == nil {
                tasks[cursor] = Task { [fetch] in try await fetch(cursor) }
            }
        }
    }

    /// The page at a cursor, from a request under way or a new one.
    ///
    /// Cancelling the caller cancels all requests.
    func page(at cursor: PageCursor?) async throws -> Page<Element> {
        guard let cursor, let task = tasks.withLock({ $0.removeValue(forKey: cursor) }) else { return try await fetch(cursor) }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
            cancelAll()
        }
    }

    /// Gives up every request that is still under way.
    func cancelAll() {
        let abandoned = tasks.withLock { tasks in
            defer { tasks = [:] }
            return Array(tasks.values)
        }
        for task in abandoned { task.cancel() }
    }
}
