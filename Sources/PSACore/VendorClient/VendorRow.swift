#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A row of a list, or the record in an answer, with the time at which it came.
///
/// Its members are read by their names. What stands for nothing is nil: a member that is absent or `null`, an empty text, and a time that
/// vendors write where none is set, such as `0001-01-01` or `1970-01-01`.
public struct VendorRow: Sendable {
    /// The row as it came.
    public let json: JSONView
    /// When it came.
    public let fetchedAt: Date

    /// Takes a row.
    public init(_ json: JSONView, fetchedAt: Date) {
        self.json = json
        self.fetchedAt = fetchedAt
    }

    /// The whole row for a record's `native`, which has what the neutral model leaves out.
    public var native: NativeRecord { NativeRecord(json, fetchedAt: fetchedAt) }

    /// A member that is neither absent nor `null`.
    public subscript(name: String) -> JSONView? { json[name] }

    /// A text that is not empty; a number as it is written.
    ///
    /// - Parameter name: The member.
    /// - Returns: The text.
    public func text(_ name: String) -> String? {
        guard let text = json[name]?.text, !text.isEmpty else { return nil }
        return text
    }

    /// A Boolean, which some vendors write as 0 and 1.
    ///
    /// - Parameter name: The member.
    /// - Returns: The Boolean; nil for anything but `true`, `false` and whole numbers, of which 0 is false.
    public func flag(_ name: String) -> Bool? { json[name].flatMap { $0.bool ?? $0.integer.map { $0 != 0 } } }

    /// A time in ISO 8601; without a zone it is taken as UTC.
    ///
    /// - Parameter name: The member.
    /// - Returns: The time; nil for none, and for one before 1980, which stands for none.
    public func date(_ name: String) -> Date? {
        json[name]?.string.flatMap { GregorianUTC.instant(iso8601: $0) }.flatMap { $0 < Self.earliest ? nil : $0 }
    }

    /// An id, which is a string or a whole number.
    ///
    /// - Parameter name: The member.
    /// - Returns: The id; nil for anything that is none. A string is taken as it is: `"007"` is another id than `7`.
    public func id<Entity>(_ name: String = "id") -> RecordID<Entity>? { json[name].flatMap(Self.id) }

    /// A pointer to another record: an object with the other's id, or the id alone; the first of several in an array.
    ///
    /// - Parameters:
    ///   - name: The member with the object or the id.
    ///   - labels: The members that may hold the other's name, in the object or beside the id; the first with a text is taken.
    /// - Returns: The pointer; nil if there is no id.
    public func reference<Entity>(_ name: String, label labels: String...) -> Reference<Entity>? {
        guard let found = json[name], let member = found.isArray ? found.elements.first : found else { return nil }
        let other = member.isObject ? VendorRow(member, fetchedAt: fetchedAt) : self
        guard let id: RecordID<Entity> = member.isObject ? other.id() : Self.id(member) else { return nil }
        return Reference(id, label: labels.lazy.compactMap(other.text).first)
    }

    /// The elements of an array, such as the custom fields of a ticket.
    ///
    /// - Parameter name: The member.
    /// - Returns: The elements in order; nil if the member is no array.
    public func rows(_ name: String) -> [VendorRow]? {
        guard let member = json[name], member.isArray else { return nil }
        return member.elements.map { VendorRow($0, fetchedAt: fetchedAt) }
    }

    private static func id<Entity>(_ member: JSONView) -> RecordID<Entity>? {
        member.string.map { RecordID($0) } ?? member.integer.map { RecordID($0) }
    }

    /// 1980-01-01: no PSA has records from before.
    private static let earliest = Date(timeIntervalSince1970: 315_532_800)
}
