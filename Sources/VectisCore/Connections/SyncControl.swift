package import PSAEngine
import PSACore
import VectisRules

extension ConnectionService {
    /// Asks for a run of resources, and records who asked; the process that reads the copies begins it.
    ///
    /// - Parameters:
    ///   - request: What is asked for.
    ///   - resources: The resources; nil for all.
    ///   - connection: The connection.
    ///   - origin: Who asks.
    /// - Throws: Errors of the storage.
    package func requestSync(
        _ request: SyncRequest, _ resources: Set<SyncResource>?, of connection: StoredConnection, by origin: RequestOrigin
    ) async throws {
        try await sync.request(request, resources, of: connection.id)
        let what =
            switch request {
            case .now: "Read now"
            case .full: "Read in full"
            case .acceptMissing: "Read in full, and records that are missing are taken for removed"
            }
        try await storage.append(
            origin.audit(.syncRequested, connection.name, .done, "\(what): \(Self.names(of: resources))."))
    }

    /// Pauses or resumes the reading of resources, and records who did.
    ///
    /// - Throws: Errors of the storage.
    package func setSyncPaused(
        _ isPaused: Bool, _ resources: Set<SyncResource>?, of connection: StoredConnection, by origin: RequestOrigin
    ) async throws {
        try await sync.setPaused(isPaused, resources, of: connection.id)
        try await storage.append(
            origin.audit(isPaused ? .syncPaused : .syncResumed, connection.name, .done, "Resources: \(Self.names(of: resources))."))
    }

    private static func names(of resources: Set<SyncResource>?) -> String {
        guard let resources else { return "all" }
        return SyncResource.allCases.filter { resources.contains($0) }.map(\.rawValue).joined(separator: ", ")
    }
}
