/// A connector whose settings are known and which is not built yet.
///
/// It can be listed, shown and its settings checked. Testing it, and every operation, answers `connector.placeholder`; it never makes a
/// request. Its descriptor declares the tier `placeholder` and no capability.
public protocol PlaceholderConnector: PSAConnector {
    /// Makes the placeholder.
    init()
}

extension PlaceholderConnector {
    /// Takes the settings as checked and forgets them.
    public init(settings: ConnectorSettings, context: ConnectorContext) { self.init() }

    /// Answers that there is nothing to connect with.
    public func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        let descriptor = Self.descriptor
        let error = PSAError(.connectorPlaceholder, catalogue: descriptor.guidance)
        let check = ConnectionCheck(.address, .failed, evidence: CoreMessage.placeholderContactsNothing, error: error)
        progress(check)
        return ConnectionReport(connector: descriptor.id, host: descriptor.displayName, checks: [check])
    }
}
