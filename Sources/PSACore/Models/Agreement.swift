public import FoundationEssentials

/// A contract with a company.
public struct Agreement: Sendable, Identifiable {
    /// The vendor's id for a contract.
    public typealias ID = RecordID<Agreement>

    /// The vendor's id.
    public var id: ID
    /// Its name or number.
    public var name: String
    /// The company it is with.
    public var company: Reference<Company>?
    /// The vendor's word for its kind.
    public var kind: String?
    /// The vendor's word for its state.
    public var statusLabel: String?
    /// Whether it is in force; nil if the vendor did not say.
    public var isActive: Bool?
    /// The first day.
    public var startsAt: Date?
    /// The last day; nil for open-ended.
    public var endsAt: Date?
    /// The vendor's row.
    public var native: NativeRecord

    /// Makes a contract; connectors do.
    public init(
        id: ID, name: String, company: Reference<Company>? = nil, kind: String? = nil, statusLabel: String? = nil, isActive: Bool? = nil,
        startsAt: Date? = nil, endsAt: Date? = nil, native: NativeRecord
    ) {
        self.id = id
        self.name = name
        self.company = company
        self.kind = kind
        self.statusLabel = statusLabel
        self.isActive = isActive
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.native = native
    }
}
