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
