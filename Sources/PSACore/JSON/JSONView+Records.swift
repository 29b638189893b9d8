#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension JSONView {
    /// The id in a member, which is a string or a whole number; nil for anything that is no id.
    ///
    /// - Parameter name: The member.
    /// - Returns: The id. A string is taken as it is: `"007"` is another id than `7`.
    public func id<Entity>(_ name: String = "id") -> RecordID<Entity>? {
        guard let member = self[name] else { return nil }
        return member.string.map { RecordID($0) } ?? member.integer.map { RecordID($0) }
    }

    /// The pointer to another record in a member that holds its id.
    ///
    /// - Parameters:
    ///   - name: The member with the id.
    ///   - label: The member with the record's name; nil if there is none.
    /// - Returns: The pointer; nil if the member holds no id.
    public func reference<Entity>(_ name: String, label: String? = nil) -> Reference<Entity>? {
        id(name).map { Reference($0, label: label.flatMap { self[$0]?.string }) }
    }

    /// The time in a member, in ISO 8601.
    ///
    /// - Parameter name: The member.
    /// - Returns: The time; without a zone it is taken as UTC. Nil if the member holds none.
    public func date(_ name: String) -> Date? { self[name]?.string.flatMap { GregorianUTC.instant(iso8601: $0) } }
}
