import PSACore
package import PSAEngine
package import VectisRules

/// The part of the storage that keeps the settings of detectors, and knows which tickets were created for findings.
package protocol DetectorStore: Sendable {
    /// The settings of a connection; all off with revision 0 before the first change.
    func detectorSettings(of connection: ConnectionID) async throws -> StoredDetectorSettings

    /// The settings of all connections that have a detector on.
    func detectorSettings() async throws -> [ConnectionID: DetectorSettings]

    /// Replaces the settings whose stored revision is the given one, and returns them with the next.
    ///
    /// - Throws: ``StoreError/stale``, or ``StoreError/notFound`` if there is no such connection.
    func setDetectorSettings(
        _ settings: DetectorSettings, of connection: ConnectionID, revision: Int, audit: AuditEntry
    ) async throws -> StoredDetectorSettings

    /// The tickets of a connection that were created for findings of its detectors, or may have been.
    ///
    /// - Parameters:
    ///   - connection: The connection.
    ///   - origin: Where the findings were reported, see ``EventNamespace/origin(of:)``.
    /// - Returns: Their ids and write references.
    /// - Throws: Errors of the storage.
    func ticketsOfFindings(of connection: ConnectionID, origin: String) async throws -> FindingTickets
}

/// The tickets that were created for findings: none of them is a finding again.
package struct FindingTickets: Sendable, Equatable {
    /// The ids of those that are known to exist.
    package var ids: Set<String> = []
    /// The references of all writes, also of those whose outcome is unknown, in lower case.
    package var references: Set<String> = []

    /// Creates an empty set.
    package init() {}

    /// Whether a ticket of a local copy is one of them: by its id, by its external reference or, where it has none, by its text.
    package func contains(_ ticket: SyncRecord) -> Bool {
        if ids.contains(ticket.id.rawValue) { return true }
        guard !references.isEmpty, let text = (ticket.content["externalReference"] ?? ticket.content["details"])?.string else {
            return false
        }
        return !WriteReference.all(in: text).isDisjoint(with: references)
    }
}
