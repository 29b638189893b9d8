/// What the cursors of a session belong to.
///
/// A connector's cursor says where in a list; the session's says beside it in which list, of which query, tenant and connector. It holds a
/// fingerprint of each, so that it has no host and no secret in it.
struct CursorBinding: Sendable, Hashable {
    let connector: ConnectorID
    /// The list, such as `read.tickets`.
    let list: String
    private let tenant: String
    private let query: String

    /// Binds cursors to a list.
    ///
    /// - Parameters:
    ///   - connector: The connector.
    ///   - tenant: The fingerprint of the tenant.
    ///   - list: The list, without a slash.
    ///   - query: The filters of the list, in a fixed order.
    init(connector: ConnectorID, tenant: String, list: String, query: [String]) {
        self.connector = connector
        self.tenant = tenant
        self.list = list
        var hash = FNV1a()
        hash.add(list: query)
        self.query = hash.text
    }

    /// The connector's cursor as one of this list.
    ///
    /// - Parameters:
    ///   - cursor: The connector's cursor.
    ///   - taken: How many rows of a list with a limit were given before it.
    /// - Returns: The cursor that a host stores.
    func bound(_ cursor: PageCursor, taken: Int = 0) -> PageCursor {
        BoundCursor(connector: connector.rawValue, list: list, tenant: tenant, query: query, taken: taken, position: cursor).cursor
    }

    /// The connector's cursor in one that a host had stored.
    ///
    /// - Throws: What is wrong with the cursor.
    func position(in cursor: PageCursor) throws(CursorIssue) -> PageCursor {
        let bound = try BoundCursor(cursor)
        guard bound.connector == connector.rawValue else { throw .otherConnector(bound.connector) }
        guard bound.tenant == tenant else { throw .otherTenant }
        guard bound.list == list else { throw .otherList }
        guard bound.query == query else { throw .otherQuery }
        return bound.position
    }
}

/// A cursor with what it belongs to.
struct BoundCursor: Sendable, Hashable {
    private static let format = "c1"

    var connector: String
    var list: String
    var tenant: String
    var query: String
    /// How many rows of a list with a limit were given before it.
    var taken: Int
    /// The connector's own cursor.
    var position: PageCursor

    init(connector: String, list: String, tenant: String, query: String, taken: Int, position: PageCursor) {
        self.connector = connector
        self.list = list
        self.tenant = tenant
        self.query = query
        self.taken = taken
        self.position = position
    }

    /// Reads what ``cursor`` wrote.
    ///
    /// - Throws: ``CursorIssue/damaged``, or ``CursorIssue/tooLong``.
    init(_ cursor: PageCursor) throws(CursorIssue) {
        guard cursor.rawValue.utf8.count <= PageCursor.maxBytes else { throw .tooLong }
        let parts = cursor.rawValue.split(separator: "/", maxSplits: 7, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 8, parts[0] == Self.format, let taken = Int(parts[5]), taken >= 0 else { throw .damaged }
        self.init(
            connector: parts[1], list: parts[2], tenant: parts[3], query: parts[4], taken: taken, position: PageCursor(rawValue: parts[7]))
        guard parts[6] == check else { throw .damaged }
    }

    /// The cursor as text.
    var cursor: PageCursor {
        PageCursor(rawValue: "\(Self.format)/\(connector)/\(list)/\(tenant)/\(query)/\(taken)/\(check)/\(position.rawValue)")
    }

    private var check: String {
        var hash = FNV1a()
        hash.add(list: [connector, list, tenant, query, String(taken), position.rawValue])
        return hash.text
    }
}

/// Why reading can't be resumed at a cursor.
enum CursorIssue: Error, LocalizedMessage, Hashable {
    case damaged
    case tooLong
    case otherConnector(String)
    case otherTenant
    case otherList
    case otherQuery

    var values: [String: MessageValue] {
        switch self {
        case .otherConnector(let name): ["name": .verbatim(String(name.prefix(40)))]
        case .tooLong: ["limit": .verbatim(String(PageCursor.maxBytes))]
        default: [:]
        }
    }

    func pattern(in language: Language) -> String {
        switch (language, self) {
        case (.english, .damaged): "The cursor is not whole, or not one of this version."
        case (.english, .tooLong): "The cursor has more than {limit} bytes."
        case (.english, .otherConnector): "The cursor is one of the connector “{name}”."
        case (.english, .otherTenant): "The cursor is one of another tenant."
        case (.english, .otherList): "The cursor is one of another list."
        case (.english, .otherQuery): "The cursor is one of a list with other filters."
        case (.german, .damaged): "Die Marke ist nicht vollständig oder nicht von dieser Version."
        case (.german, .tooLong): "Die Marke hat mehr als {limit} Bytes."
        case (.german, .otherConnector): "Die Marke stammt vom Konnektor „{name}“."
        case (.german, .otherTenant): "Die Marke stammt von einem anderen Mandanten."
        case (.german, .otherList): "Die Marke stammt aus einer anderen Liste."
        case (.german, .otherQuery): "Die Marke stammt aus einer Liste mit anderen Filtern."
        }
    }
}

extension ConnectorSettings {
    /// The tenant that the settings lead to, as cursors know it: a fingerprint of the settings that name it.
    func tenantFingerprint(of descriptor: ConnectorDescriptor) -> String {
        var hash = FNV1a()
        hash.add(descriptor.id.rawValue)
        for field in descriptor.settings.fields.sorted(by: { $0.key < $1.key }) where field.purpose == .tenant || field.kind == .serviceURL
        {
            hash.add(field.key.rawValue)
            switch values[field.key] {
            case .text(let text): hash.add(text)
            case .serviceURL(let url): hash.add(url.text)
            case .integer(let number): hash.add(String(number))
            case .flag(let isOn): hash.add(isOn ? "true" : "false")
            case .secret, nil: hash.add("")
            }
        }
        return hash.text
    }
}
