/// A member of the provider's own staff.
public struct Agent: Sendable, Identifiable {
    /// The vendor's id for a member of staff.
    public typealias ID = RecordID<Agent>

    /// The vendor's id.
    public var id: ID
    /// The whole name.
    public var name: String
    /// The e-mail address.
    public var email: String?
    /// Whether the account is in use; nil if the vendor did not say.
    public var isActive: Bool?
    /// Whether the account belongs to a program or stands for “nobody”; nil if the vendor did not say.
    public var isPerson: Bool?
    /// The vendor's row.
    public var native: NativeRecord

    /// Makes a member of staff; connectors do.
    public init(id: ID, name: String, email: String? = nil, isActive: Bool? = nil, isPerson: Bool? = nil, native: NativeRecord) {
        self.id = id
        self.name = name
        self.email = email
        self.isActive = isActive
        self.isPerson = isPerson
        self.native = native
    }
}
