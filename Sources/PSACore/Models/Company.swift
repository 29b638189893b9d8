/// A customer of the managed service provider.
public struct Company: Sendable, Hashable, Codable, Identifiable {
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

    private enum CodingKeys: String, CodingKey {
        case id, name
        case isActive = "active"
        case mainSite, phone, website, native
    }

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

/// A person at a company.
public struct Contact: Sendable, Hashable, Codable, Identifiable {
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

    private enum CodingKeys: String, CodingKey {
        case id, name, emails, phones, company, site
        case isActive = "active"
        case native
    }

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

/// A member of the provider's own staff.
public struct Agent: Sendable, Hashable, Codable, Identifiable {
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
    /// Whether the account belongs to a program or stands for “no one”; nil if the vendor did not say.
    public var isPerson: Bool?
    /// The vendor's row.
    public var native: NativeRecord

    private enum CodingKeys: String, CodingKey {
        case id, name, email
        case isActive = "active"
        case isPerson = "person"
        case native
    }

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

/// How the ids of a vendor look, so that a host can tell what can be none before it asks the vendor.
public struct IdentifierForm: Sendable, Hashable {
    private let numbers: ClosedRange<Int>?

    /// Any text that ``RecordID`` takes.
    public static let text = IdentifierForm(numbers: nil)

    /// Whole numbers within bounds, written with digits only and without leading zeros.
    public static func wholeNumbers(_ bounds: ClosedRange<Int>) -> IdentifierForm { IdentifierForm(numbers: bounds) }

    /// Whether a text may be such an id; whether the vendor has a record of it is another question.
    public func accepts(_ text: String) -> Bool {
        guard let numbers else { return RecordID<Self>(text) != nil }
        guard let number = Int(text), String(number) == text else { return false }
        return numbers.contains(number)
    }
}
