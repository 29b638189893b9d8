import PSACore

/// A collection of RT: what a cursor belongs to, and what it is called.
enum RTCollection: String, Sendable, CaseIterable {
    case companies, contacts, agents, tickets, notes
}

/// The page of a collection, by its number.
struct RTPagePosition: Sendable {
    /// The most rows RT gives.
    static let pageSize = 100
    private static let lookahead = 2
    private static let version = 1

    let page: Int

    /// The start, or the place a cursor marks.
    ///
    /// - Throws: ``PSAError`` with `sync.cursor_rejected`.
    init(_ cursor: PageCursor?, of collection: RTCollection, client: RTClient) throws {
        guard let cursor else {
            page = 1
            return
        }
        let payload = cursor.payload(connector: RequestTrackerConnector.descriptor.id, list: collection.rawValue, version: Self.version)
        guard let number = payload.flatMap({ Int($0) }), (2...10_000_000).contains(number) else {
            throw client.error(.syncCursorRejected, about: .rows(collection))
        }
        page = number
    }

    /// The query that asks for this page, in the order in which the rows were made.
    var query: [QueryItem] {
        [QueryItem("page", String(page)), QueryItem("per_page", String(Self.pageSize)), QueryItem("orderby", "id")]
    }

    /// The cursors after this page, the next one first.
    ///
    /// Where RT gives no number of pages, it leaves out rows the user may not see after it has cut the page, so that a short page is not the
    /// last: only an empty one is.
    func following(_ list: RTList, of collection: RTCollection) -> [PageCursor] {
        guard let pages = list.pages else { return list.rows.isEmpty ? [] : [cursor(page + 1, of: collection)] }
        guard page < pages else { return [] }
        return (page + 1...min(pages, page + 1 + Self.lookahead)).map { cursor($0, of: collection) }
    }

    /// The place of a page.
    func cursor(_ page: Int, of collection: RTCollection) -> PageCursor {
        PageCursor(
            connector: RequestTrackerConnector.descriptor.id, list: collection.rawValue, version: Self.version, payload: String(page))
    }
}

extension Page {
    /// Turns rows into records; a row that can't be read is left out and reported.
    init(_ list: RTList, following: [PageCursor], keep: (Element) -> Bool = { _ in true }, make: (JSONView) -> Element?) {
        self.init(RowList(list.rows, total: list.total), following: following, keep: keep, make: make)
    }
}
