/// A connection to one tenant of a PSA.
///
/// This is the part every connection has; abilities (``CompanyReading``, ``TicketCreating``, …) refine it. A host never holds one itself: it
/// calls through ``ConnectorSession``.
public protocol PSAConnection: Sendable {
    /// Tries the connection: address, credentials, granted permissions, and one read of each resource the connector uses.
    ///
    /// It answers in a report and throws only cancellation. Nothing at the vendor is changed.
    ///
    /// - Parameter progress: Called with each check as it ends.
    /// - Returns: Every check, and by it whether the connection works.
    /// - Throws: `CancellationError`.
    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport
}
