import PSACore

/// Where a list goes on, by what vendors say about it.
enum PagingSamples {
    /// The page that a `Link` header names as the next one (RFC 8288): `<https://…?page=3>; rel="next"`.
    static func nextPage(linkedBy header: String?) -> Int? {
        for link in (header ?? "").split(separator: ",") where link.contains("rel=\"next\"") {
            guard let query = link.split(separator: ">")[0].split(separator: "?").last else { continue }
            for item in query.split(separator: "&") where item.hasPrefix("page=") { return Int(item.dropFirst("page=".count)) }
        }
        return nil
    }

    /// The path and query of an address that a vendor names for the next page.
    ///
    /// Only an address on the same server is followed: the request carries credentials.
    static func continuation(_ address: String, on server: ServiceURL) -> String? {
        guard let named = try? ServiceURL(typed: address, policy: .allowingPrivate), named == server else { return nil }
        let rest = address.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" }
        return rest.isEmpty ? nil : String(rest)
    }

    /// The cursor after a page of a vendor that gives rows by rising id: asked for are those above the last one that came.
    static func following(_ ids: [Int], connector: ConnectorID, list: String) -> PageCursor? {
        ids.max().map { PageCursor(connector: connector, list: list, version: 1, payload: String($0)) }
    }
}
