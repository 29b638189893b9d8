#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
import Synchronization

/// A vendor's id for a record of one kind, kept as the opaque text it is.
///
/// Ids are not numbers here: the vendors use integers, negative integers, zero, GUIDs, pairs and plain words such as `in progress`, and
/// nothing may be computed with them.
public struct RecordID<Entity>: Sendable, Hashable, CustomStringConvertible {
    private let form: IDForm

    /// The id as the connector wrote it.
    public var rawValue: String {
        switch form {
        case .number(let number): String(number)
        case .text(let text): text
        }
    }

    /// Takes an id that a connector gave out, or that a person typed.
    ///
    /// Nil if it is empty, longer than 200 characters or 800 bytes, begins or ends with a blank, or contains control characters or spaces
    /// other than the plain space.
    public init?(_ text: String) {
        let isUsable =
            text.utf8.count <= 800 && (1...200).contains(text.count) && text.first != " " && text.last != " "
            && text.unicodeScalars.allSatisfy {
                $0 == " " || !$0.properties.isWhitespace && $0.properties.generalCategory != .control
            }
        guard isUsable else { return nil }
        form = IDForm(text)
    }

    /// Takes an id from this module's own source.
    init(known literal: StaticString) { form = IDForm(literal.description) }

    /// Takes a number a vendor uses as id.
    public init(_ number: Int) { form = .number(number) }

    /// The id as text.
    public var description: String { rawValue }

    /// The id as a whole number, for connectors whose vendor uses those.
    public var integer: Int? {
        switch form {
        case .number(let number): number
        case .text(let text): Int(text)
        }
    }

    /// Whether it is kept as a number, which no writer has to escape.
    var isNumber: Bool {
        if case .number = form { true } else { false }
    }

    /// Appends the id as text.
    package func append(to bytes: inout [UInt8]) {
        switch form {
        case .number(let number): bytes.append(decimal: number)
        case .text(let text): bytes += text.utf8
        }
    }
}

extension RecordID: Codable {
    /// Reads an id from its text.
    ///
    /// - Throws: `DecodingError` for a text that can't be an id.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = RecordID(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "This text can't be an id.")
        }
        self = id
    }

    /// Writes the id as text.
    ///
    /// - Throws: Errors of the encoder.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

/// An id as it is kept: a whole number in its usual spelling as a number, because most ids are, and lists have millions of them.
///
/// Each text has one form, so that ids are equal if their texts are.
private enum IDForm: Sendable, Hashable {
    case number(Int)
    case text(String)

    init(_ text: String) {
        if let number = Int(text), String(number) == text {
            self = .number(number)
        } else {
            self = .text(text)
        }
    }
}

extension [UInt8] {
    /// Appends a whole number in decimal digits.
    package mutating func append(decimal number: Int) {
        guard (0..<1_000_000_000).contains(number) else { return append(contentsOf: String(number).utf8) }
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(truncatingIfNeeded: 0x30 + number / divisor % 10))
            divisor /= 10
        }
    }
}

extension RecordID: CodingKeyRepresentable {
    /// The id as the name of a member, so that dictionaries by id are written as objects.
    public var codingKey: any CodingKey { TextKey(rawValue) }

    /// Reads an id from the name of a member; nil for a text that can't be an id.
    public init?(codingKey: some CodingKey) { self.init(codingKey.stringValue) }
}

/// The name of a member that is not known when the program is built.
struct TextKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ text: String) { stringValue = text }
    init(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
}

/// A pointer to another record: its id, and its name if the vendor sent one along.
public struct Reference<Entity>: Sendable, Hashable, Codable {
    /// The id of the record.
    public var id: RecordID<Entity>
    /// Its name, or nil if only the id came.
    public var label: String?

    private enum CodingKeys: String, CodingKey {
        case id
        case label = "name"
    }

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
    /// Whether the page it came in was compact JSON of which each string reads the same in any reader.
    private let isCompact: Bool

    /// Keeps a row.
    public init(bytes: [UInt8], fetchedAt: Date) {
        self.bytes = bytes
        self.fetchedAt = fetchedAt
        isCompact = false
    }

    /// Keeps a copy of the row behind a view, so that the page it came in can be freed.
    public init(_ row: JSONView, fetchedAt: Date) {
        bytes = Array(row.bytes)
        self.fetchedAt = fetchedAt
        isCompact = row.document.isCompact
    }

    /// Whether its bytes are one line of JSON in valid UTF-8, so that they can be passed on as they are.
    var isOneLine: Bool { isCompact && String(validating: bytes, as: UTF8.self) != nil }

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

extension NativeRecord: Codable {
    private enum CodingKeys: String, CodingKey {
        case json, bytes, fetchedAt
    }

    /// Reads a record back.
    ///
    /// - Throws: `DecodingError` if there is no row.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let text = try container.decodeIfPresent(String.self, forKey: .json).map { Array($0.utf8) }
        self.init(
            bytes: try text ?? container.decode([UInt8].self, forKey: .bytes),
            fetchedAt: try container.decode(Date.self, forKey: .fetchedAt))
    }

    /// Writes the row as the text it came as, `json`; a row that is not valid UTF-8 as its `bytes`.
    ///
    /// - Throws: Errors of the encoder.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if let text = String(validating: bytes, as: UTF8.self) {
            try container.encode(text, forKey: .json)
        } else {
            try container.encode(bytes, forKey: .bytes)
        }
        try container.encode(fetchedAt, forKey: .fetchedAt)
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
