/// Where a choice is valid.
///
/// A status or priority on its own says nothing: the same id may mean something else elsewhere.
@nonexhaustive
public enum PicklistScope: Sendable, Hashable, CustomStringConvertible {
    /// In the whole tenant.
    case tenant
    /// For one ticket type.
    case ticketType(TicketType.ID)
    /// Under one service level agreement, by the vendor's id for it.
    case serviceLevel(String)
    /// On one board or queue, by the vendor's id for it.
    case container(String)

    /// The scope in a few words.
    public var description: String {
        switch self {
        case .tenant: "everywhere"
        case .ticketType(let id): "ticket type \(id)"
        case .serviceLevel(let id): "service level \(id)"
        case .container(let id): "board \(id)"
        }
    }
}

/// A kind of ticket, which in most systems decides its form and workflow.
public struct TicketType: Sendable, Hashable, Codable, Identifiable {
    /// The vendor's id for a ticket type.
    public typealias ID = RecordID<TicketType>

    /// The vendor's id.
    public var id: ID
    /// The type's name; it can be changed by an administrator and must not be used as a key.
    public var name: String
    /// Whether the connection may create tickets of it; nil if the vendor did not say.
    public var canCreate: Bool?
    /// Where the type is valid.
    public var scope: PicklistScope
    /// The service level its tickets start with, which decides their priorities.
    public var defaultServiceLevel: String?
    /// The vendor's row.
    public var native: NativeRecord

    private enum CodingKeys: String, CodingKey {
        case id, name, canCreate, scope
        case defaultServiceLevel = "serviceLevel"
        case native
    }

    /// Makes a type; connectors do.
    public init(
        id: ID, name: String, canCreate: Bool? = nil, scope: PicklistScope = .tenant, defaultServiceLevel: String? = nil,
        native: NativeRecord
    ) {
        self.id = id
        self.name = name
        self.canCreate = canCreate
        self.scope = scope
        self.defaultServiceLevel = defaultServiceLevel
        self.native = native
    }
}

/// A status a ticket can have.
public struct TicketStatus: Sendable, Hashable, Codable, Identifiable {
    /// The vendor's id for a status.
    public typealias ID = RecordID<TicketStatus>

    /// The vendor's id.
    public var id: ID
    /// The status's name.
    public var name: String
    /// Where the status is valid.
    public var scope: PicklistScope
    /// What the vendor's marks suggest; `unknown` where it has none.
    public var phase: Ticket.Phase
    /// Its place in a list.
    public var order: Int?
    /// The vendor's row.
    public var native: NativeRecord

    /// Makes a status; connectors do.
    public init(
        id: ID, name: String, scope: PicklistScope = .tenant, phase: Ticket.Phase = .unknown, order: Int? = nil, native: NativeRecord
    ) {
        self.id = id
        self.name = name
        self.scope = scope
        self.phase = phase
        self.order = order
        self.native = native
    }
}

/// A priority a ticket can have.
public struct TicketPriority: Sendable, Hashable, Codable, Identifiable {
    /// The id that tickets carry.
    ///
    /// With HaloPSA it repeats: a priority is known by ``scope`` and id together.
    public typealias ID = RecordID<TicketPriority>

    /// The id that tickets carry.
    public var id: ID
    /// The priority's name.
    public var name: String
    /// Where the priority is valid.
    public var scope: PicklistScope
    /// Its place in a list; not an urgency that could be compared.
    public var order: Int?
    /// Whether forms should leave it out.
    public var isHidden: Bool
    /// The vendor's row.
    public var native: NativeRecord

    private enum CodingKeys: String, CodingKey {
        case id, name, scope, order
        case isHidden = "hidden"
        case native
    }

    /// Makes a priority; connectors do.
    public init(id: ID, name: String, scope: PicklistScope, order: Int? = nil, isHidden: Bool = false, native: NativeRecord) {
        self.id = id
        self.name = name
        self.scope = scope
        self.order = order
        self.isHidden = isHidden
        self.native = native
    }
}

extension PicklistScope: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind, id
    }

    private enum Kind: String, Codable {
        case tenant, ticketType, serviceLevel, container
    }

    /// Reads what ``encode(to:)`` wrote.
    ///
    /// - Throws: `DecodingError` for another kind, and if the id of what it is valid in is missing.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Kind.self, forKey: .kind) {
        case .tenant: self = .tenant
        case .ticketType: self = .ticketType(try container.decode(TicketType.ID.self, forKey: .id))
        case .serviceLevel: self = .serviceLevel(try container.decode(String.self, forKey: .id))
        case .container: self = .container(try container.decode(String.self, forKey: .id))
        }
    }

    /// Writes the `kind` of the scope, and the `id` of what it is valid in.
    ///
    /// - Throws: Errors of the encoder.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .tenant: try container.encode(Kind.tenant, forKey: .kind)
        case .ticketType(let id):
            try container.encode(Kind.ticketType, forKey: .kind)
            try container.encode(id, forKey: .id)
        case .serviceLevel(let id):
            try container.encode(Kind.serviceLevel, forKey: .kind)
            try container.encode(id, forKey: .id)
        case .container(let id):
            try container.encode(Kind.container, forKey: .kind)
            try container.encode(id, forKey: .id)
        }
    }
}
