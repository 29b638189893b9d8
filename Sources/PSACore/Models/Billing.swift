#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A contract with a company.
public struct Agreement: Sendable, Hashable, Codable, Identifiable {
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

    private enum CodingKeys: String, CodingKey {
        case id, name, company, kind
        case statusLabel = "status"
        case isActive = "active"
        case startsAt, endsAt, native
    }

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

/// A template from which invoices are made again and again.
public struct RecurringInvoice: Sendable, Hashable, Codable, Identifiable {
    /// The vendor's id for a recurring invoice; HaloPSA's may be negative.
    public typealias ID = RecordID<RecurringInvoice>

    /// The vendor's id.
    public var id: ID
    /// The company that is billed.
    public var company: Reference<Company>?
    /// The contract named on it; it may point to one that can't be read.
    public var agreement: Reference<Agreement>?
    /// The reference on it.
    public var reference: String?
    /// Whether invoices are still made from it; nil if the vendor did not say.
    public var isActive: Bool?
    /// The total of the next invoice without tax, in the tenant's currency.
    public var total: Double?
    /// When the next invoice is made.
    public var nextInvoiceAt: Date?
    /// Its lines; nil if they were not read.
    public var lines: [Line]?
    /// The vendor's row.
    public var native: NativeRecord

    /// One position.
    public struct Line: Sendable, Hashable, Codable {
        /// The vendor's id for the position.
        public var id: String
        /// The vendor's id for the item sold, if there is one.
        public var itemID: String?
        /// What is sold.
        public var description: String
        /// How many.
        public var quantity: Double
        /// The price of one, in the tenant's currency.
        public var unitPrice: Double?
        /// The position's sum without tax.
        public var netAmount: Double?

        private enum CodingKeys: String, CodingKey {
            case id
            case itemID = "item"
            case description, quantity, unitPrice, netAmount
        }

        /// Makes a position; connectors do.
        public init(
            id: String, itemID: String? = nil, description: String, quantity: Double, unitPrice: Double? = nil, netAmount: Double? = nil
        ) {
            self.id = id
            self.itemID = itemID
            self.description = description
            self.quantity = quantity
            self.unitPrice = unitPrice
            self.netAmount = netAmount
        }
    }

    private enum CodingKeys: String, CodingKey {
        case id, company, agreement, reference
        case isActive = "active"
        case total, nextInvoiceAt, lines, native
    }

    /// Makes a recurring invoice; connectors do.
    public init(
        id: ID, company: Reference<Company>? = nil, agreement: Reference<Agreement>? = nil, reference: String? = nil, isActive: Bool? = nil,
        total: Double? = nil, nextInvoiceAt: Date? = nil, lines: [Line]? = nil, native: NativeRecord
    ) {
        self.id = id
        self.company = company
        self.agreement = agreement
        self.reference = reference
        self.isActive = isActive
        self.total = total
        self.nextInvoiceAt = nextInvoiceAt
        self.lines = lines
        self.native = native
    }
}
