import PSACore
import PSAEngine
import WebServer

/// The routes of the JSON API, described by `Docs/OpenAPI.json`.
///
/// They do what the pages do, through the same services and under the same rules.
struct APIRoutes: Sendable {
    static let root = "/api/v1"

    let services: HostServices

    init(_ services: HostServices) { self.services = services }

    var routes: [Route] {
        sessionRoutes + connectorRoutes + connectionRoutes + connectionTestRoutes + ticketDefaultsRoutes + auditRoutes + accountRoutes
            + eventRoutes + tokenRoutes + outboxLimitRoutes + companyMappingRoutes + documentRoutes
    }

    /// The connection that the path names, and what its connector says about itself.
    ///
    /// - Throws: ``WebError`` if there is none.
    func connection(_ context: RequestContext) async throws -> (connection: StoredConnection, descriptor: ConnectorDescriptor) {
        try await connection(context.parameter("id"))
    }

    /// The connection of an id, and what its connector says about itself.
    ///
    /// - Throws: ``WebError`` if there is none.
    func connection(_ id: String) async throws -> (connection: StoredConnection, descriptor: ConnectorDescriptor) {
        let connection = try await stored(id)
        return (connection, try services.registry.descriptor(named: connection.connector.rawValue))
    }

    /// The connection of an id, even if its connector is not there.
    ///
    /// - Throws: ``WebError`` if there is none.
    func stored(_ id: String) async throws -> StoredConnection {
        guard let id = ConnectionID(id), let connection = try await services.storage.connection(id) else {
            throw WebError(.notFound, "There is no connection of this id. Perhaps somebody has removed it.")
        }
        return connection
    }
}

extension WebResponse {
    /// Done, and there is nothing to say.
    static var noContent: WebResponse { WebResponse(status: 204) }
}
