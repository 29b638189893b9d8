/// What a connector's author says about the rules that it does not keep, or that do not concern it.
///
/// It is checked in both directions: a rule that fails and is not listed fails the suite, and so does a `todo` that has started to pass.
public struct ConformanceProfile: Sendable {
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

    /// The rules something is said about.
    public let standings: [ConformanceRule.ID: Standing]

    /// Claims to keep every rule.
    public init() { standings = [:] }

    /// States a profile; what has no standing is claimed to be kept.
    ///
    /// - Parameter standings: The rules something is said about.
    /// - Throws: ``Problem`` for a rule that does not exist or a missing reason.
    public init(standings: [ConformanceRule.ID: Standing]) throws(Problem) {
        let known = Set(ConformanceRule.all.map(\.id))
        for (id, standing) in standings.sorted(by: { $0.key < $1.key }) {
            guard known.contains(id) else { throw .unknownRule(id) }
            guard standing.reason.contains(where: \.isLetter) else { throw .missingReason(id) }
        }
        self.standings = standings
    }
}
