/// A customer of the managed service provider.
public struct Company: Sendable, Identifiable {
    /// The vendor's id for a company.
    public typealias ID = RecordID<Company>

    /// The vendor's id.
    public var id: ID
    /// The company's name.
    public var name: String
    /// Whether it is in use; nil if the vendor did not say.
    public var isActive: Bool?
    /// The site tickets go to when no other is named.
    public var mainSite: Reference<Site>?
    /// The company's telephone number.
    public var phone: String?
    /// The company's website.
    public var website: String?
    /// The vendor's row.
    public var native: NativeRecord

    /// Makes a company; connectors do.
    public init(
        id: ID, name: String, isActive: Bool? = nil, mainSite: Reference<Site>? = nil, phone: String? = nil, website: String? = nil,
        native: NativeRecord
    ) {
        self.id = id
        self.name = name
        self.isActive = isActive
        self.mainSite = mainSite
        self.phone = phone
        self.website = website
        self.native = native
    }
}

/// A place of a company; only referred to.
public enum Site {}
