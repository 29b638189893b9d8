/// What a connector says about itself before it is connected to anything.
public struct ConnectorDescriptor: Sendable {
    /// The name a host picks it by.
    public let id: ConnectorID
    /// Other names it answers to, such as `halo`.
    public let aliases: [String]
    /// The product's name as people know it.
    public let displayName: String
    /// How far it has got.
    public let tier: ConnectorTier
    /// How far it has been proven, as its own conformance test holds; nil for a placeholder, and for one that was not graded.
    public let grade: ConnectorGrade?
    /// The settings it asks for.
    public let settings: SettingsSchema
    /// What it can do; each capability is matched by a protocol it conforms to.
    public let capabilities: Set<Capability>
    /// How it proves who it is.
    public let authentication: AuthenticationKind
    /// Which answers to a write prove that it was not executed.
    public let nonExecutionRules: [NonExecutionRule]
    /// How the vendor's ids of companies look.
    public let companyIDs: IdentifierForm
    /// The parts of a ``TicketQuery`` that the vendor applies itself; the session applies the others to each page.
    ///
    /// One that declares any conforms to ``TicketQuerying``.
    public let ticketFilters: Set<TicketQuery.Filter>
    /// Its texts.
    public let guidance: GuidanceCatalogue
    /// The document that leads a person through connecting.
    public let guide: String

    /// Describes a connector.
    public init(
        id: ConnectorID, aliases: [String] = [], displayName: String, tier: ConnectorTier, grade: ConnectorGrade? = nil,
        settings: SettingsSchema, capabilities: Set<Capability>,
        authentication: AuthenticationKind = .everyRequest, companyIDs: IdentifierForm = .text,
        ticketFilters: Set<TicketQuery.Filter> = [],
        nonExecutionRules: [NonExecutionRule] = NonExecutionRule.standard,
        guidance: GuidanceCatalogue, guide: String
    ) {
        self.id = id
        self.aliases = aliases
        self.displayName = displayName
        self.tier = tier
        self.grade = grade
        self.settings = settings
        self.capabilities = capabilities
        self.authentication = authentication
        self.nonExecutionRules = nonExecutionRules
        self.companyIDs = companyIDs
        self.ticketFilters = ticketFilters
        self.guidance = guidance
        self.guide = guide
    }
}

/// How a connector proves who it is.
@nonexhaustive
public enum AuthenticationKind: String, Sendable, CaseIterable {
    /// It exchanges its credentials for an access token that it keeps for a while:
    /// ``VendorAuthentication/clientCredentials(_:route:query:secrets:)``.
    case accessToken = "access_token"
    /// It sends its credentials, such as an API key or a password, with every request.
    case everyRequest = "every_request"
}

/// The name by which a host picks a connector: lower-case words joined by hyphens, such as `halopsa`.
public struct ConnectorID: RawRepresentable, Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    /// The name as text.
    public let rawValue: String

    /// Checks a name: 1 to 40 of `a-z`, `0-9` and inner hyphens, starting with a letter.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        let isWellFormed =
            (1...40).contains(bytes.count) && bytes.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
            && (0x61...0x7A).contains(bytes[0]) && bytes.last != 0x2D
        guard isWellFormed else { return nil }
        rawValue = text
    }

    /// Checks a name, as the initializer without a label does.
    public init?(rawValue: String) { self.init(rawValue) }

    /// Names a connector in its own source; a malformed literal stops the program at its first use.
    public init(_ literal: StaticString) {
        guard let id = ConnectorID(literal.description) else {
            preconditionFailure("A connector id is lower-case words joined by hyphens, not “\(literal)”.")
        }
        self = id
    }

    /// The name as text.
    public var description: String { rawValue }
    /// Orders alphabetically.
    public static func < (lhs: ConnectorID, rhs: ConnectorID) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// Something a connector can do for a host.
///
/// It is a fact about the connector; what one connection is allowed to do is in its report.
@nonexhaustive
public enum Capability: String, Sendable, Codable, CaseIterable, Comparable, CustomStringConvertible {
    /// List the customers and read one of them: ``CompanyReading``.
    case readCompanies = "read.companies"
    /// List the people at customers and find them by e-mail address: ``ContactReading``.
    case readContacts = "read.contacts"
    /// List the staff of the MSP: ``AgentReading``.
    case readAgents = "read.agents"
    /// List tickets, all or those changed since a time, and read one whole: ``TicketReading``.
    case readTickets = "read.tickets"
    /// Read the history of a ticket, private notes included: ``TicketNoteReading``.
    case readNotes = "read.notes"
    /// List contracts, the ended ones included: ``AgreementReading``.
    case readAgreements = "read.agreements"
    /// List recurring invoices and read one with its lines: ``RecurringInvoiceReading``.
    case readRecurringInvoices = "read.recurring_invoices"
    /// Read the ticket types, statuses and priorities that a form offers: ``PicklistReading``.
    case readPicklists = "read.picklists"
    /// Create tickets, state which fields they need, and find them by external reference: ``TicketCreating``.
    case createTickets = "create.tickets"
    /// Create a ticket marked as a test and take it away again: ``TicketCreationTesting``.
    case createTestTickets = "create.test_tickets"
    /// Add notes to tickets that only staff can read: ``TicketNoteAdding``.
    case addNotes = "add.notes"
    /// Add notes to tickets that the contact can read and is notified of: ``TicketReplying``.
    case replyToContacts = "reply.contacts"
    /// Give tickets another status, and close them by it: ``TicketStatusChanging``.
    case changeStatus = "change.status"
    /// List the files of a ticket and read their content: ``AttachmentReading``.
    case readAttachments = "read.attachments"
    /// Take files with new tickets, notes and replies: ``AttachmentAdding``.
    case addAttachments = "add.attachments"

    /// The capability in plain words, completing “This connector can …”.
    public var label: String {
        switch self {
        case .readCompanies: "read companies"
        case .readContacts: "read contacts"
        case .readAgents: "read agents"
        case .readTickets: "read tickets"
        case .readNotes: "read the notes of a ticket"
        case .readAgreements: "read agreements"
        case .readRecurringInvoices: "read recurring invoices"
        case .readPicklists: "read ticket types, statuses and priorities"
        case .createTickets: "create tickets"
        case .createTestTickets: "create a test ticket and remove it again"
        case .addNotes: "add private notes"
        case .replyToContacts: "reply to contacts"
        case .changeStatus: "change the status of a ticket"
        case .readAttachments: "read the attachments of a ticket"
        case .addAttachments: "attach files to tickets, notes and replies"
        }
    }

    /// The stable text.
    public var description: String { rawValue }
    /// Orders as declared: reading before writing.
    public static func < (lhs: Capability, rhs: Capability) -> Bool { lhs.order < rhs.order }
    private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// How far a connector has got.
@nonexhaustive
public enum ConnectorTier: String, Sendable, CaseIterable {
    /// It does what its capabilities say, proven by tests.
    case complete
    /// It can be listed, shown and its settings checked; it does not connect.
    case placeholder
}

/// How far a complete connector has been proven, by the published rules of the conformance suite.
///
/// Each grade includes those before it. What is in a descriptor is a claim that the connector's own tests hold against the suite.
public enum ConnectorGrade: String, Sendable, CaseIterable, Comparable {
    /// It declares itself truly, and distinguishes a good connection from a bad one.
    case bronze
    /// It reads whole lists, and says what is wrong when it can't.
    case silver
    /// It writes once, repeats what may be repeated, stops when cancelled, and keeps secrets.
    case gold
    /// It keeps within every bound and spends tokens and requests with care.
    case platinum

    /// Orders from the least proven to the most.
    public static func < (lhs: ConnectorGrade, rhs: ConnectorGrade) -> Bool { lhs.order < rhs.order }
    private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
