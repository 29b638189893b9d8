import PSACore

/// Where in a list: the page, and how many rows came before it.
///
/// HaloPSA silently caps a page at 100 rows whatever was asked for (HaloAPI issue 90), and pages get shorter where rows are filtered after
/// paging. So no length tells which page is the last: a list ends at an empty page, or where the vendor's count is reached.
struct HaloPagePosition: Sendable, Equatable {
    /// The most rows the vendor gives.
    static let pageSize = 100
    /// How many pages are fetched ahead of the one that is read; with it a list of N rows costs at most N/100 + 3 requests.
    static let lookahead = 3

    private static let version = 2
    /// Whose payload was the page and the length of the first one.
    private static let earlierVersion = 1

    var page: Int
    /// Nil if a cursor of an earlier version does not tell.
    var rowsBefore: Int?

    /// The start, or the place a cursor marks.
    ///
    /// - Throws: ``PSAError`` with `sync.cursor_rejected`.
    init(_ cursor: PageCursor?, of list: HaloListID, client: HaloClient) throws {
        guard let cursor else {
            (page, rowsBefore) = (1, 0)
            return
        }
        func payload(_ version: Int) -> String? {
            cursor.payload(connector: HaloConnector.descriptor.id, list: list.text, version: version)
        }
        let earlier = payload(Self.earlierVersion)
        let parts = (payload(Self.version) ?? earlier ?? "").split(separator: "-", omittingEmptySubsequences: false).map { Self.number($0) }
        guard parts.count == 2, let page = parts[0], let rows = parts[1], (2...10_000_000).contains(page),
            (1...Int(Int32.max)).contains(rows)
        else { throw client.error(.syncCursorRejected, about: .rows(list.resource)) }
        (self.page, rowsBefore) = (page, earlier == nil ? rows : nil)
    }

    /// The query that asks for this page.
    func query(in order: HaloOrder) -> [QueryItem] {
        [
            QueryItem("pageinate", "true"), QueryItem("page_no", String(page)), QueryItem("page_size", String(Self.pageSize)),
        ] + order.query
    }

    /// The cursors after this page, the next one first; none if the page was the last.
    func following(rows: Int, total: Int?, of list: HaloListID) -> [PageCursor] {
        guard rows > 0 else { return [] }
        let come = rowsBefore.map { $0 + rows }
        // A total that is no more than the rows of one page may count just that page. One that is reached exactly with a page that is not
        // full is taken at its word; one that was passed is wrong. In doubt the next page is asked for: that is one request more.
        if let total, total > rows, total == come, rows < Self.pageSize { return [] }
        // Where the total is not known, the last page is probably the first one that is not full.
        let length = come.map { max(1, min(Self.pageSize, $0 / page)) } ?? rows
        let counted = total.flatMap { $0 > 0 ? min($0, Int(Int32.max)) / length + 1 : nil }
        let lastExpected = counted ?? (rows < Self.pageSize ? page + 1 : page + 2)
        return (1...1 + Self.lookahead).filter { $0 == 1 || page + $0 <= lastExpected }.map { step in
            PageCursor(
                connector: HaloConnector.descriptor.id, list: list.text, version: come == nil ? Self.earlierVersion : Self.version,
                payload: "\(page + step)-\(come.map { $0 + (step - 1) * rows } ?? rows)")
        }
    }

    /// A number as cursors have it: digits only.
    private static func number(_ text: Substring) -> Int? { text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil }
}

/// The order of a list.
enum HaloOrder: Sendable {
    /// An order that does not change while a list is read.
    case byID
    /// The newest tickets first (seen live by one client); a new one moves the others to a later page, where they come again.
    case newestFirst

    var query: [QueryItem] {
        switch self {
        case .byID: [QueryItem("order", "id"), QueryItem("orderdesc", "false")]
        case .newestFirst: [QueryItem("order", "dateoccurred"), QueryItem("orderdesc", "true")]
        }
    }
}

/// A list as its cursors name it.
struct HaloListID: Sendable {
    let resource: HaloResource
    var variant: String?

    var text: String { resource.rawValue + (variant.map { "-" + $0 } ?? "") }
}

extension HaloClient {
    /// One page of a list.
    ///
    /// - Parameters:
    ///   - resource: The list.
    ///   - variant: Which of several lists of that resource, whose cursors are not interchangeable; nil for the usual one.
    ///   - cursor: Where to go on.
    ///   - query: What to ask for beside paging.
    ///   - order: The order of the rows.
    ///   - make: Turns a row into a record; nil leaves it out and reports it.
    ///   - keep: Whether a record is one that was asked for: HaloPSA ignores filters it does not know, so they are checked here again.
    /// - Returns: The page with the places of those that follow.
    /// - Throws: ``PSAError`` or `CancellationError`.
    func page<Element: Sendable>(
        of resource: HaloResource, variant: String? = nil, at cursor: PageCursor?, _ query: [QueryItem] = [],
        in order: HaloOrder = .byID, make: (JSONView) -> Element?, keep: (Element) -> Bool = { _ in true }
    ) async throws -> Page<Element> {
        let id = HaloListID(resource: resource, variant: variant)
        let position = try HaloPagePosition(cursor, of: id, client: self)
        let list = try await list(resource, position.query(in: order) + query, pageSize: HaloPagePosition.pageSize)
        let following = position.following(rows: list.rows.count, total: list.recordCount, of: id)
        var page = Page(list.rowList, following: following, keep: keep, make: make)
        page.rowsBefore = position.rowsBefore
        return page
    }

    /// All rows of a list that HaloPSA does not page.
    func wholeList<Element: Sendable>(
        of resource: HaloResource, _ query: [QueryItem] = [], make: (JSONView) -> Element?
    ) async throws -> Page<Element> {
        Page(try await list(resource, query).rowList, make: make)
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

    private func list(_ resource: HaloResource, _ query: [QueryItem], pageSize: Int? = nil) async throws -> HaloList {
        let list = try await read(resource, query, absent: .noList(resource)) { HaloList($0, key: resource.listKey) }
        try checkRows(of: list.rowList, pageSize: pageSize, about: .rows(resource))
        return list
    }
}
