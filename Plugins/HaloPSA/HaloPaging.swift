import PSACore

/// Where in a list: the page, and how long the first one really was.
///
/// HaloPSA silently caps a page at 100 rows whatever was asked for, so the length of a page that came back, not the one requested, tells
/// whether it was the last (HaloAPI issue 90).
struct HaloPagePosition: Sendable, Equatable {
    /// The most rows the vendor gives.
    static let pageSize = 100
    /// How many pages are fetched ahead of the one that is read; with it a list of N rows costs at most N/100 + 3 requests.
    static let lookahead = 3

    private static let version = 1

    var page: Int
    /// Nil on the first page.
    var firstPageLength: Int?

    /// The start, or the place a cursor marks.
    ///
    /// - Throws: ``PSAError`` with `sync.cursor_rejected`.
    init(_ cursor: PageCursor?, of resource: HaloResource, client: HaloClient) throws {
        guard let cursor else {
            (page, firstPageLength) = (1, nil)
            return
        }
        let payload = cursor.payload(connector: HaloConnector.descriptor.id, list: resource.rawValue, version: Self.version)
        let parts = (payload ?? "").split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let page = Int(parts[0]), let length = Int(parts[1]), (2...10_000_000).contains(page),
            (1...100_000).contains(length)
        else { throw client.error(.syncCursorRejected, about: .rows(resource)) }
        (self.page, firstPageLength) = (page, length)
    }

    /// The query that asks for this page in an order that does not change while it is read.
    var query: [QueryItem] {
        [
            QueryItem("pageinate", "true"), QueryItem("page_no", String(page)), QueryItem("page_size", String(Self.pageSize)),
            QueryItem("order", "id"), QueryItem("orderdesc", "false"),
        ]
    }

    /// The cursors after this page, the next one first; none if the page was the last.
    func following(rows: Int, total: Int?, of resource: HaloResource) -> [PageCursor] {
        let length = firstPageLength ?? rows
        guard rows > 0, rows >= length else { return [] }
        // The vendor's total only says how far to look ahead; the next page is asked for in any case, because the total can be wrong.
        let lastExpected = total.map { min(max($0, 0), Int(Int32.max)) / length + 1 } ?? page + 2
        return (1...1 + Self.lookahead).filter { $0 == 1 || page + $0 <= lastExpected }.map { step in
            PageCursor(
                connector: HaloConnector.descriptor.id, list: resource.rawValue, version: Self.version, payload: "\(page + step)-\(length)")
        }
    }
}

extension HaloClient {
    /// One page of a list.
    ///
    /// - Parameters:
    ///   - resource: The list.
    ///   - cursor: Where to go on.
    ///   - query: What to ask for beside paging.
    ///   - make: Turns a row into a record; nil leaves it out and reports it.
    ///   - keep: Whether a record is one that was asked for: HaloPSA ignores filters it does not know, so they are checked here again.
    /// - Returns: The page with the places of those that follow.
    /// - Throws: ``PSAError`` or `CancellationError`.
    func page<Element: Sendable>(
        of resource: HaloResource, at cursor: PageCursor?, _ query: [QueryItem] = [], make: (JSONView) -> Element?,
        keep: (Element) -> Bool = { _ in true }
    ) async throws -> Page<Element> {
        let position = try HaloPagePosition(cursor, of: resource, client: self)
        let list = try await list(resource, position.query + query)
        let following = position.following(rows: list.rows.count, total: list.recordCount, of: resource)
        var page = Self.page(list, make: make, keep: keep)
        page.next = following.first
        page.lookahead = Array(following.dropFirst())
        return page
    }

    /// All rows of a list that HaloPSA does not page.
    func wholeList<Element: Sendable>(
        of resource: HaloResource, _ query: [QueryItem] = [], make: (JSONView) -> Element?
    ) async throws -> Page<Element> {
        Self.page(try await list(resource, query), make: make, keep: { _ in true })
    }

    /// The choices of a picklist.
    ///
    /// A choice that can't be read is left out; if none of them can, that is an error and not an empty list.
    func choices<Element: Sendable>(
        of resource: HaloResource, _ query: [QueryItem] = [], make: (JSONView) -> Element?
    ) async throws -> [Element] {
        let page = try await wholeList(of: resource, query, make: make)
        guard !page.items.isEmpty || page.unreadable.isEmpty else {
            throw error(.vendorUnexpectedResponse, about: .rows(resource), evidence: .noSuchRecord)
        }
        return page.items
    }

    private func list(_ resource: HaloResource, _ query: [QueryItem]) async throws -> HaloList {
        let root = try await read(resource, query)
        guard let list = HaloList(root, key: resource.listKey) else {
            throw error(
                .vendorUnexpectedResponse, about: .rows(resource), evidence: .noList(resource))
        }
        return list
    }

    private static func page<Element: Sendable>(
        _ list: HaloList, make: (JSONView) -> Element?, keep: (Element) -> Bool
    ) -> Page<Element> {
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
        return Page(items: items, total: list.recordCount, unreadable: unreadable, firstRowID: list.rows.first?["id"]?.text)
    }
}
