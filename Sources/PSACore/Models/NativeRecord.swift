public import FoundationEssentials

/// The vendor's row as it came, for everything the neutral model leaves out.
public struct NativeRecord: Sendable, Hashable {
    /// The row's JSON text in UTF-8.
    public let bytes: [UInt8]
    /// When it was fetched.
    public let fetchedAt: Date

    /// Keeps a row.
    public init(bytes: [UInt8], fetchedAt: Date) {
        self.bytes = bytes
        self.fetchedAt = fetchedAt
    }

    /// Keeps a copy of the row behind a view, so that the page it came in can be freed.
    public init(_ row: JSONView, fetchedAt: Date) { self.init(bytes: Array(row.bytes), fetchedAt: fetchedAt) }

    /// The row as a tree; null if it can't be read, which only a record made by hand can cause.
    public var value: JSONValue { (try? JSONDocument(bytes)).map { JSONValue($0.root) } ?? .null }

    /// One member of the row by the vendor's name for it.
    public subscript(name: String) -> JSONValue? { (try? JSONDocument(bytes))?.root.member(name).map(JSONValue.init) }
}
