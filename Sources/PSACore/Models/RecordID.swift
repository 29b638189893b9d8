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
