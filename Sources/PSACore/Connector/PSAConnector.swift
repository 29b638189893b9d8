/// A connector: what it says about itself, and how a connection to one tenant of its PSA is made.
///
/// What it can do it says twice: in ``ConnectorDescriptor/capabilities`` and by conforming to the protocol of that ability
/// (``CompanyReading``, ``TicketCreating``, …); a declaration check proves that both agree.
///
/// A connector must keep these rules:
/// 1. Its initialiser makes no request and starts nothing.
/// 2. It imports `PSACore` and nothing else of this package, and reaches the network only through the context's transport.
/// 3. It throws ``PSAError`` for what it understands and `CancellationError` untouched; the session turns anything else into
///    `connector.defect`.
/// 4. Reads may be repeated; a write is sent once and never again on a guess.
/// 5. Lists end on what came back, never on a size that was asked for.
/// 6. Nothing secret is logged, thrown or returned.
public protocol PSAConnector: PSAConnection {
    /// What the connector says about itself.
    static var descriptor: ConnectorDescriptor { get }

    /// Makes a connection from checked settings, without contacting the vendor.
    ///
    /// - Throws: ``PSAError`` if settings contradict each other.
    init(settings: ConnectorSettings, context: ConnectorContext) throws
}
