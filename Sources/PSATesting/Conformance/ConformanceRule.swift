public import PSACore

/// One thing a connector must keep to, and how it is seen.
///
/// A check returns what fell short instead of asserting, so that tests and `vectis conformance` run the same ones.
public struct ConformanceRule: Sendable, Identifiable {
    /// The stable name of a rule: its area and a word or two, such as `retries.writes-once`.
    public struct ID: Sendable, Hashable, Comparable, CustomStringConvertible, ExpressibleByStringLiteral {
        /// The name as text.
        public let rawValue: String

        /// Names a rule.
        public init(_ rawValue: String) { self.rawValue = rawValue }
        /// Names a rule by literal.
        public init(stringLiteral value: String) { rawValue = value }

        /// The name as text.
        public var description: String { rawValue }
        /// Orders alphabetically.
        public static func < (lhs: ID, rhs: ID) -> Bool { lhs.rawValue < rhs.rawValue }
    }

    /// Looks at a connector and says what fell short, each in a sentence; nothing if it keeps the rule.
    typealias Check = @Sendable (ConformanceSubject) async throws -> [Violation]

    /// The stable name.
    public let id: ID
    /// The rule as a sentence about a connector that keeps it.
    public let title: String
    /// What happens to a person where it is not kept.
    public let reason: String
    /// The grade that can't be had without it.
    public let grade: ConnectorGrade
    /// What it needs beside the connector.
    public let needs: [ConformanceNeed]
    let check: Check

    init(
        _ id: ID, _ grade: ConnectorGrade, _ title: String, because reason: String, needs: [ConformanceNeed] = [.connection],
        check: @escaping Check
    ) {
        self.id = id
        self.title = title
        self.reason = reason
        self.grade = grade
        self.needs = needs
        self.check = check
    }

    /// The part of a connector's work it is about; the word before the dot.
    public var area: ConformanceArea? { ConformanceArea(rawValue: String(id.rawValue.prefix { $0 != "." })) }

    /// Every rule, in the order in which one works on a connector.
    public static let all: [ConformanceRule] =
        declaration + configuration + connection + reading + relations + paging + notePages + failures + vendorWords + retries + writing
        + statusNotes + fields + attachments + cancellation + secrecy + bounds + tokens
}

/// What fell short of a rule, in a sentence.
public struct Violation: Sendable, Hashable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    /// States what fell short.
    public init(_ description: String) { self.description = description }
}

extension [Violation] {
    /// One sentence if something does not hold, nothing if it does.
    static func unless(_ holds: Bool, _ sentence: @autoclosure () -> String) -> [Violation] { holds ? [] : [Violation(sentence())] }
}

/// The part of a connector's work a rule is about.
@nonexhaustive
public enum ConformanceArea: String, Sendable, CaseIterable {
    /// What the connector says about itself, compared with what is built.
    case declaration
    /// How settings are checked, and that making a connection sends nothing.
    case configuration
    /// The connection test: that it reports the true cause and changes nothing.
    case connection
    /// Lists and single records, compared with what the vendor sent.
    case reading
    /// That a list comes whole, resumes at a cursor and comes to an end.
    case paging
    /// New tickets, notes, replies and statuses: stored as given, or reported as not.
    case writing
    /// The fields of a ticket type, their choices, and that their values are stored.
    case fields
    /// Files of tickets: stored byte for byte, found again, private where they must be.
    case attachments
    /// Errors, web pages and broken answers: each becomes the error it is, and never an empty list.
    case failures
    /// What is repeated, what never is, and the waits that the vendor asks for.
    case retries
    /// Access tokens: shared by callers, and fetched again after a refusal.
    case tokens
    /// That work that is given up ends at once and is reported as cancelled, or as of unknown outcome.
    case cancellation
    /// That secrets and tokens are in no address, log or error, and go to no other server.
    case secrecy
    /// The limits of every request: time, size, addresses and the tenant's rate limit.
    case bounds
}

/// What a rule needs beside the connector itself; where it is missing, the rule is not run and says so.
@nonexhaustive
public enum ConformanceNeed: Sendable, Hashable {
    /// A connector that connects: the rule says nothing about a placeholder.
    case connection
    /// A list that can be read.
    case list
    /// One ability.
    case capability(Capability)
    /// A connector that fetches access tokens.
    case accessToken
    /// Leave to create tickets at the tenant.
    case writing
    /// The headings of the connector's guide.
    case guide

    /// Why a rule is not run for a subject; nil if it is.
    func lack(in subject: ConformanceSubject) -> String? {
        let descriptor = subject.entry.descriptor
        switch self {
        case .connection: return descriptor.tier == .placeholder ? "A placeholder connects to nothing." : nil
        case .list:
            guard !subject.declaredLists.isEmpty else { return "The connector reads no list." }
            return subject.lists.isEmpty ? "The tenant does not let this connection read any list." : nil
        case .capability(let capability):
            guard descriptor.capabilities.contains(capability) else { return "The connector does not \(capability.label)." }
            return subject.denied[capability].map { "The tenant does not let this connection \(capability.label) (\($0))." }
        case .accessToken:
            return descriptor.authentication == .accessToken ? nil : "The connector sends its credentials with every request."
        case .writing: return subject.mayWrite ? nil : "Creating tickets was not allowed in this run."
        case .guide: return subject.guideHeadings == nil ? "The guide was not at hand." : nil
        }
    }
}
