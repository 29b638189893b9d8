/// A person at a company.
public struct Contact: Sendable, Identifiable {
    /// The vendor's id for a contact.
    public typealias ID = RecordID<Contact>

    /// The vendor's id.
    public var id: ID
    /// The whole name.
    public var name: String
    /// E-mail addresses, the main one first; some vendors keep several.
    public var emails: [String]
    /// Telephone numbers, the main one first.
    public var phones: [String]
    /// The company, if the contact has one.
    public var company: Reference<Company>?
    /// The site, if the vendor has such a thing.
    public var site: Reference<Site>?
    /// Whether the contact is in use; nil if the vendor did not say.
    public var isActive: Bool?
    /// The vendor's row.
    public var native: NativeRecord

    /// Makes a contact; connectors do.
    public init(
        id: ID, name: String, emails: [String] = [], phones: [String] = [], company: Reference<Company>? = nil,
        site: Reference<Site>? = nil,
        isActive: Bool? = nil, native: NativeRecord
    ) {
        self.id = id
        self.name = name
        self.emails = emails
        self.phones = phones
        self.company = company
        self.site = site
        self.isActive = isActive
        self.native = native
    }
}
