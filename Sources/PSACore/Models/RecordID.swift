public import FoundationEssentials
import Synchronization

/// A vendor's id for a record of one kind, kept as the opaque text it is.
///
/// Ids are not numbers here: the vendors use integers, negative integers, zero, GUIDs, pairs and plain words such as `in progress`, and
/// nothing may be computed with them.
public struct RecordID<Entity>: Sendable, Hashable, CustomStringConvertible {
    /// The id as the connector wrote it.
    public let rawValue: String

    /// Takes an id that a connector gave out, or that a person typed.
    ///
    /// Nil if it is empty, longer than 200 characters, begins or ends with a blank, or contains control characters or spaces other than the
    /// plain space.
    public init?(_ text: String) {
        let isUsable =
            (1...200).contains(text.count) && text.first != " " && text.last != " "
            && text.unicodeScalars.allSatisfy {
                $0 == " " || !$0.properties.isWhitespace && $0.properties.generalCategory != .control
            }
        guard isUsable else { return nil }
        rawValue = text
    }

    /// Takes an id from this module's own source.
    init(known literal: StaticString) { rawValue = literal.description }

    /// Takes a number a vendor uses as id.
    public init(_ number: Int) { rawValue = String(number) }

    /// The id as text.
    public var description: String { rawValue }

    /// The id as a whole number, for connectors whose vendor uses those.
    public var integer: Int? { Int(rawValue) }
}

/// A pointer to another record: its id, and its name if the vendor sent one along.
public struct Reference<Entity>: Sendable, Hashable {
    /// The id of the record.
    public var id: RecordID<Entity>
    /// Its name, or nil if only the id came.
    public var label: String?

    /// Points at a record.
    public init(_ id: RecordID<Entity>, label: String? = nil) {
        self.id = id
        self.label = label
    }
}

/// The vendor's row as it came, for everything the neutral model leaves out.
public struct NativeRecord: Sendable, Hashable {
    /// The row's JSON text in UTF-8.
    public let bytes: [UInt8]
    /// When it was fetched.
    public let fetchedAt: Date
    private let parsed = LazyDocument()

    /// Keeps a row.
    public init(bytes: [UInt8], fetchedAt: Date) {
        self.bytes = bytes
        self.fetchedAt = fetchedAt
    }

    /// Keeps a copy of the row behind a view, so that the page it came in can be freed.
    public init(_ row: JSONView, fetchedAt: Date) { self.init(bytes: Array(row.bytes), fetchedAt: fetchedAt) }

    /// The row for reading, parsed at the first use; nil if it can't be read, which only a record made by hand can cause.
    public var root: JSONView? { parsed.document(of: bytes)?.root }

    /// The row as a tree; null if it can't be read.
    public var value: JSONValue { root.map { JSONValue($0) } ?? .null }

    /// One member of the row by the vendor's name for it; nil if the row lacks it or has `null` there.
    public subscript(name: String) -> JSONValue? { root?[name].map { JSONValue($0) } }

    /// Whether two records hold the same text, fetched at the same time.
    public static func == (lhs: NativeRecord, rhs: NativeRecord) -> Bool { lhs.bytes == rhs.bytes && lhs.fetchedAt == rhs.fetchedAt }

    /// Adds the text and its time to a hash.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(bytes)
        hasher.combine(fetchedAt)
    }
}

/// A document that is parsed once, when it is first asked for, and shared by all copies of a record.
private final class LazyDocument: Sendable {
    private enum State {
        case unread
        case read(JSONDocument?)
    }

    private let state = Mutex(State.unread)

    func document(of bytes: [UInt8]) -> JSONDocument? {
        state.withLock { state in
            if case .read(let document) = state { return document }
            let document = try? JSONDocument(bytes)
            state = .read(document)
            return document
        }
    }
}
