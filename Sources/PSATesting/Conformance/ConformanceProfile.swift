/// What a connector's author says about the rules that it does not keep, or that do not concern it.
///
/// It is checked in both directions: a rule that fails and is not listed fails the suite, and so does a `todo` that has started to pass.
public struct ConformanceProfile: Sendable {
    /// How a connector proves who it is.
    @nonexhaustive
    public enum Authentication: Sendable {
        /// It exchanges its credentials for an access token that it keeps for a while.
        case accessToken
        /// It sends its credentials with every request.
        case everyRequest
    }

    /// What is said about one rule.
    @nonexhaustive
    public enum Standing: Sendable, Hashable {
        /// It is not kept yet; grades above it are out of reach.
        case todo(reason: String)
        /// It does not concern this connector; it counts as kept.
        case exempt(reason: String)

        /// Why.
        public var reason: String {
            switch self {
            case .todo(let reason), .exempt(let reason): reason
            }
        }
    }

    /// Why a profile is refused.
    @nonexhaustive
    public enum Problem: Error, Sendable, Equatable, CustomStringConvertible {
        /// No rule has this name.
        case unknownRule(ConformanceRule.ID)
        /// A rule is set aside without a word.
        case missingReason(ConformanceRule.ID)

        /// What is wrong and what to do.
        public var description: String {
            switch self {
            case .unknownRule(let id): "The profile names the rule “\(id)”, which there is not; `Docs/Conformance.md` lists them."
            case .missingReason(let id): "The profile sets the rule “\(id)” aside without a reason; say why in a sentence."
            }
        }
    }

    /// How the connector proves who it is.
    public let authentication: Authentication
    /// The rules something is said about.
    public let standings: [ConformanceRule.ID: Standing]

    /// States a profile; without standings every rule is claimed to be kept.
    ///
    /// - Throws: ``Problem`` for a rule that does not exist or a missing reason.
    public init(_ authentication: Authentication, standings: [ConformanceRule.ID: Standing] = [:]) throws(Problem) {
        let known = Set(ConformanceRule.all.map(\.id))
        for (id, standing) in standings.sorted(by: { $0.key < $1.key }) {
            guard known.contains(id) else { throw .unknownRule(id) }
            guard standing.reason.contains(where: \.isLetter) else { throw .missingReason(id) }
        }
        self.authentication = authentication
        self.standings = standings
    }

    private init(claimingAll authentication: Authentication) {
        self.authentication = authentication
        standings = [:]
    }

    /// A connector with access tokens that claims to keep every rule.
    public static let accessToken = ConformanceProfile(claimingAll: .accessToken)
    /// A connector that sends its credentials with every request and claims to keep every rule.
    public static let everyRequest = ConformanceProfile(claimingAll: .everyRequest)
}
