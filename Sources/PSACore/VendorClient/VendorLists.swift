/// How a vendor gives lists: where the rows are, and how a page is asked for.
public struct ListFormat: Sendable {
    /// The query parameter that takes the number of a page, for a vendor that numbers its pages.
    public var pageParameter: String
    /// What each page is asked for with beside its number, such as its size and an order.
    public var pageQuery: [QueryItem]
    /// How many pages behind the next one may be read ahead, as far as ``RowList/pages`` says that they exist.
    public var lookahead: Int
    /// Finds the rows in an answer; nil if it holds no list.
    public var rows: @Sendable (JSONView) -> RowList?

    /// States the format.
    ///
    /// - Parameters:
    ///   - pageParameter: The query parameter that takes the number of a page.
    ///   - pageQuery: What each page is asked for with beside its number.
    ///   - lookahead: How many pages behind the next one may be read ahead.
    ///   - rows: Finds the rows in an answer; nil if it holds no list.
    public init(
        pageParameter: String = "page", pageQuery: [QueryItem] = [], lookahead: Int = 0, rows: @escaping @Sendable (JSONView) -> RowList?
    ) {
        self.pageParameter = pageParameter
        self.pageQuery = pageQuery
        self.lookahead = lookahead
        self.rows = rows
    }

    /// An array, with pages that the parameter `page` numbers.
    public static let array = ListFormat { RowList(array: $0) }
}

/// The rows of a list answer.
public struct RowList: Sendable {
    /// The rows as they came.
    public var rows: [JSONView]
    /// How many rows the whole list has, if the vendor says so.
    public var total: Int?
    /// How many pages the whole list has, if the vendor says so and can be trusted: the last of them ends the list.
    public var pages: Int?

    /// The largest number of rows of a list that the vendor gives as a whole.
    public static let maxRows = 20_000
    /// How many more rows than were asked for are taken, for a vendor that has its own page size.
    public static let excessRows = 1_000

    /// States the rows.
    public init(_ rows: [JSONView], total: Int? = nil) {
        self.rows = rows
        self.total = total
    }

    /// The elements of a JSON array; nil if it is none.
    public init?(array view: JSONView?, total: Int? = nil) {
        guard let view, view.isArray else { return nil }
        self.init(view.elements, total: total)
    }
}

/// A page in a list of a vendor that numbers its pages from 1.
public struct PageNumber: Sendable, Hashable {
    /// The largest number that a cursor may have.
    public static let maximum = 10_000_000
    /// The version of the cursors.
    private static let version = 1

    /// The number of the page.
    public let number: Int
    private let list: String
    private let connector: ConnectorID

    /// The page that a cursor marks; nil for a cursor of another connector, list or version, and for one that was damaged.
    init?(_ cursor: PageCursor?, of list: String, connector: ConnectorID) {
        if let cursor {
            let payload = cursor.payload(connector: connector, list: list, version: Self.version)
            guard let number = payload.flatMap({ Int($0) }), (2...Self.maximum).contains(number) else { return nil }
            self.number = number
        } else {
            number = 1
        }
        (self.list, self.connector) = (list, connector)
    }

    /// The cursor of another page of the same list.
    ///
    /// - Parameter number: The number of that page, from 2.
    /// - Returns: The cursor.
    public func cursor(to number: Int) -> PageCursor {
        PageCursor(connector: connector, list: list, version: Self.version, payload: String(number))
    }

    /// The cursors after this page, the next one first; none if it is the last.
    ///
    /// Where the vendor says how many pages there are, the last of them ends the list. Otherwise it goes on as long as rows come: a total may be
    /// wrong, and a page may be short.
    ///
    /// - Parameters:
    ///   - rows: The rows of this page.
    ///   - lookahead: How many pages behind the next one may be read ahead, as far as ``RowList/pages`` says that they exist.
    /// - Returns: The cursors, for ``Page/next`` and ``Page/lookahead``.
    public func following(_ rows: RowList, lookahead: Int = 0) -> [PageCursor] {
        guard number < Self.maximum else { return [] }
        guard let pages = rows.pages else { return rows.rows.isEmpty ? [] : [cursor(to: number + 1)] }
        guard number < pages else { return [] }
        let last = min(pages, Self.maximum, number + 1 + max(0, lookahead))
        return (number + 1...last).map(cursor(to:))
    }
}

extension VendorClient {
    /// The page that a cursor marks, for a vendor that numbers its pages.
    ///
    /// - Parameters:
    ///   - cursor: The cursor; nil for the first page.
    ///   - list: The list, as its cursors name it.
    ///   - object: What is listed, for errors.
    /// - Returns: The page.
    /// - Throws: ``PSAError`` with `sync.cursor_rejected` for a cursor of another list, before anything is requested.
    public func pageNumber(at cursor: PageCursor?, of list: String, about object: Message? = nil) throws -> PageNumber {
        guard let page = PageNumber(cursor, of: list, connector: declaration.descriptor.id) else {
            throw error(.syncCursorRejected, about: object)
        }
        return page
    }

    /// A row with the time of now.
    public func row(_ json: JSONView) -> VendorRow { VendorRow(json, fetchedAt: time.now()) }

    /// Reads the rows of a list, or of one of its pages, in the declared format.
    ///
    /// - Parameters:
    ///   - route: The path template behind ``VendorDeclaration/basePath``.
    ///   - pathValues: One value for each pair of braces.
    ///   - page: The page; nil for a list that the vendor gives as a whole, or for a page that the query states.
    ///   - query: The other query parameters.
    ///   - body: A query that the vendor takes as JSON.
    ///   - object: What is listed, for errors.
    ///   - scope: The permission it needs, where the vendor has such.
    /// - Returns: The rows.
    /// - Throws: ``PSAError`` or `CancellationError`; `vendor.unexpected_response` if there is no list, or more than ``RowList/maxRows`` rows.
    public func list(
        _ route: String, pathValues: [String] = [], at page: PageNumber? = nil, query: [QueryItem] = [], body: JSONValue? = nil,
        about object: Message? = nil, requiredScope scope: String? = nil
    ) async throws -> RowList {
        let format = declaration.lists
        let paging = page.map { format.pageQuery + [QueryItem(format.pageParameter, String($0.number))] } ?? []
        var request = request(body == nil ? .get : .post, route, pathValues, query + paging, body)
        request.isRepeatable = true
        let list = try await json(request, at: .read, about: object, scope, VendorClientMessage.noList, format.rows)
        try checkRows(of: list, about: object)
        return list
    }

    /// Turns the rows of a list into records, where more has to be read in between.
    ///
    /// - Parameters:
    ///   - list: The rows.
    ///   - page: Their page, for the cursors of those that follow; nil for the whole list.
    ///   - keep: Whether a record is one that was asked for, for a vendor that has several kinds in one list or ignores filters.
    ///   - make: Turns a row into a record; a row it returns nil for is reported as unreadable.
    /// - Returns: The page.
    public func page<Element: Sendable>(
        of list: RowList, at page: PageNumber? = nil, keep: (Element) -> Bool = { _ in true }, make: (VendorRow) -> Element?
    ) -> Page<Element> {
        let now = time.now()
        let following = page?.following(list, lookahead: declaration.lists.lookahead) ?? []
        return Page(list, following: following, keep: keep) { make(VendorRow($0, fetchedAt: now)) }
    }

    /// Reads a list that the vendor gives as a whole.
    ///
    /// - Parameters:
    ///   - route: The path template behind ``VendorDeclaration/basePath``.
    ///   - pathValues: One value for each pair of braces.
    ///   - query: Query parameters.
    ///   - object: What is listed, for errors.
    ///   - scope: The permission it needs, where the vendor has such.
    ///   - keep: Whether a record is one that was asked for.
    ///   - make: Turns a row into a record; a row it returns nil for is reported as unreadable.
    /// - Returns: The list, without cursors.
    /// - Throws: ``PSAError`` or `CancellationError`; `vendor.unexpected_response` if there is no list, or more than ``RowList/maxRows`` rows.
    public func page<Element: Sendable>(
        _ route: String, pathValues: [String] = [], query: [QueryItem] = [], about object: Message? = nil,
        requiredScope scope: String? = nil, keep: (Element) -> Bool = { _ in true }, make: (VendorRow) -> Element?
    ) async throws -> Page<Element> {
        let list = try await list(route, pathValues: pathValues, query: query, about: object, requiredScope: scope)
        return page(of: list, keep: keep, make: make)
    }

    /// Reads one page of a list of a vendor that numbers its pages, with the cursor of the next one.
    ///
    /// - Parameters:
    ///   - route: The path template behind ``VendorDeclaration/basePath``.
    ///   - pathValues: One value for each pair of braces.
    ///   - cursor: Where to go on; nil for the first page.
    ///   - list: The list, as its cursors name it; nil for the route.
    ///   - query: The query parameters beside those of the page.
    ///   - object: What is listed, for errors.
    ///   - scope: The permission it needs, where the vendor has such.
    ///   - keep: Whether a record is one that was asked for, for a vendor that has several kinds in one list or ignores filters.
    ///   - make: Turns a row into a record; a row it returns nil for is reported as unreadable.
    /// - Returns: The page.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    public func numberedPage<Element: Sendable>(
        _ route: String, pathValues: [String] = [], at cursor: PageCursor?, of list: String? = nil, query: [QueryItem] = [],
        about object: Message? = nil, requiredScope scope: String? = nil, keep: (Element) -> Bool = { _ in true },
        make: (VendorRow) -> Element?
    ) async throws -> Page<Element> {
        let number = try pageNumber(at: cursor, of: list ?? route, about: object)
        let rows = try await self.list(
            route, pathValues: pathValues, at: number, query: query, about: object, requiredScope: scope)
        return page(of: rows, at: number, keep: keep, make: make)
    }

    /// Reads the rows of all pages of a short list of a vendor that numbers its pages.
    ///
    /// - Parameters:
    ///   - route: The path template behind ``VendorDeclaration/basePath``.
    ///   - pathValues: One value for each pair of braces.
    ///   - query: The query parameters beside those of the page.
    ///   - fullPage: A page with fewer rows is the last one; nil for a vendor whose pages may be short, where an empty page is the last.
    ///   - maxPages: How many pages the list may have; a longer one is refused, because a part of it is not the list.
    ///   - object: What is listed, for errors.
    /// - Returns: The rows in order.
    /// - Throws: ``PSAError`` or `CancellationError`; `vendor.unexpected_response` if there is no list, or if it goes on after `maxPages`.
    public func allRows(
        _ route: String, pathValues: [String] = [], query: [QueryItem] = [], fullPage: Int? = nil, maxPages: Int,
        about object: Message? = nil
    ) async throws -> [VendorRow] {
        var rows: [VendorRow] = []
        var page = try pageNumber(at: nil, of: route)
        while true {
            let list = try await list(route, pathValues: pathValues, at: page, query: query, about: object)
            rows += list.rows.map(row)
            guard list.rows.count >= fullPage ?? 0, let next = page.following(list).first else { return rows }
            guard page.number < maxPages else {
                throw errors.error(
                    .vendorUnexpectedResponse, about: object, request: nil, evidence: VendorClientMessage.tooManyPages(maxPages))
            }
            page = try pageNumber(at: next, of: route)
        }
    }

    /// Refuses a list with more rows than a page may have: those that were asked for and ``RowList/excessRows``.
    ///
    /// - Parameters:
    ///   - list: The rows.
    ///   - pageSize: How many rows were asked for; nil for a list that the vendor gives as a whole, of which ``RowList/maxRows`` are taken.
    ///   - object: What is listed, for errors.
    /// - Throws: ``PSAError`` with `vendor.unexpected_response`, which names both numbers.
    public func checkRows(of list: RowList, pageSize: Int? = nil, about object: Message? = nil) throws {
        let limit = pageSize.map { $0 + RowList.excessRows } ?? RowList.maxRows
        guard list.rows.count > limit else { return }
        throw errors.error(
            .vendorUnexpectedResponse, about: object, request: nil,
            evidence: VendorClientMessage.tooManyRows(list.rows.count, limit: limit))
    }
}

extension Page {
    /// Turns rows into records.
    ///
    /// - Parameters:
    ///   - list: The rows.
    ///   - following: The cursors after this page, the next one first.
    ///   - keep: Whether a record is one that was asked for, for a vendor that ignores filters.
    ///   - make: Turns a row into a record; a row it returns nil for is reported as unreadable.
    @inlinable
    public init(_ list: RowList, following: [PageCursor] = [], keep: (Element) -> Bool = { _ in true }, make: (JSONView) -> Element?) {
        var items: [Element] = []
        items.reserveCapacity(list.rows.count)
        var unreadable: [UnreadableRow] = []
        for (position, row) in list.rows.enumerated() {
            if let item = make(row) {
                if keep(item) { items.append(item) }
            } else {
                unreadable.append(UnreadableRow(position: position, member: "id"))
            }
        }
        self.init(
            items: items, next: following.first, lookahead: Array(following.dropFirst()), total: list.total, unreadable: unreadable,
            firstRowID: list.rows.first?["id"]?.text)
        // Only a page that was filtered held other rows than it has.
        if items.count + unreadable.count < list.rows.count { rowCount = list.rows.count }
    }
}
