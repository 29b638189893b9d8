#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

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

    /// Reads one page of a list of a vendor that numbers its pages, with the cursor of the next one.
    ///
    /// - Parameters:
    ///   - route: The path template behind ``VendorDeclaration/basePath``.
    ///   - pathValues: One value for each pair of braces.
    ///   - cursor: Where to go on; nil for the first page.
    ///   - list: The list, as its cursors name it.
    ///   - parameter: The query parameter that takes the number.
    ///   - query: The other query parameters.
    ///   - object: What is listed, for errors.
    ///   - scope: The permission it needs, where the vendor has such.
    ///   - rows: Finds the rows in the answer; nil if it holds no list.
    ///   - keep: Whether a record is one that was asked for, for a vendor that has several kinds in one list or ignores filters.
    ///   - make: Turns a row, and when it was fetched, into a record; a row it returns nil for is reported as unreadable.
    /// - Returns: The page.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    public func numberedPage<Element: Sendable>(
        _ route: String, pathValues: [String] = [], at cursor: PageCursor?, of list: String, parameter: String = "page",
        query: [QueryItem] = [], about object: Message? = nil, requiredScope scope: String? = nil, rows: (JSONView) -> RowList?,
        keep: (Element) -> Bool = { _ in true }, make: (JSONView, Date) -> Element?
    ) async throws -> Page<Element> {
        let number = try pageNumber(at: cursor, of: list, about: object)
        var following: [PageCursor] = []
        var page = try await page(
            route, pathValues: pathValues, query: query + [QueryItem(parameter, String(number.number))], about: object,
            requiredScope: scope,
            rows: { root in
                let found = rows(root)
                following = found.map { number.following($0) } ?? []
                return found
            }, keep: keep, make: make)
        page.next = following.first
        return page
    }
}
