import FoundationEssentials
import PSACore

/// Talks to one HaloPSA.
typealias HaloClient = VendorClient<HaloMessage>

extension HaloClient {
    /// A minute for a request, and five and a half for its retries: HaloPSA counts requests in windows of five minutes.
    static var backgroundTimeouts: RequestTimeouts { RequestTimeouts(retryTimeLimit: .seconds(330)) }

    /// A client for one connection.
    ///
    /// The token comes from `/auth/token`, for hosted and own installations alike (vendor guide 1499, and twelve clients). The tenant goes into
    /// the query as HaloAPI, CIPP and n8n do; on a host of the tenant's own it is not needed.
    init(settings: HaloSettings, context: ConnectorContext, timeouts: RequestTimeouts) {
        let halo = VendorDeclaration(
            HaloConnector.descriptor, origin: settings.tenantURL, addressPolicy: settings.policy,
            authentication: .clientCredentials(
                settings.credentials, route: "/auth/token", query: Self.tenantQuery(settings.tenant)),
            rateLimit: settings.rateLimit, rules: HaloErrorRules.rules(namesTenant: settings.tenant != nil),
            errorParser: HaloErrorParser(settings: settings), tokenObject: .accessToken, installation: HaloAddress.installation)
        self.init(halo, context: context, timeouts: timeouts)
    }

    /// Why no token is issued when the tenant is another, or left out; nil if one is.
    func tokenError(tenant: String?) async throws -> PSAError? { try await tokenError(query: Self.tenantQuery(tenant)) }

    /// Reads a list or one record.
    func read(
        _ resource: HaloResource, id: String? = nil, _ query: [QueryItem] = [], about object: HaloMessage? = nil
    ) async throws -> JSONView {
        try await read(
            id == nil ? resource.route : resource.recordRoute, id.map { [$0] } ?? [], query: query, about: object ?? .rows(resource),
            requiredScope: resource.scope(for: .read))
    }

    /// Creates or changes one record and returns it as saved.
    ///
    /// The body is an array even for one: HaloPSA refuses a bare object.
    func write(_ resource: HaloResource, _ record: JSONValue, about object: HaloMessage) async throws -> JSONView {
        let answer = try await write(
            .post, resource.route, body: .array([record]), about: object, requiredScope: resource.scope(for: .write))
        guard let saved = HaloSavedRecord.find(in: answer) else {
            // It was accepted, but what came back does not say what was saved.
            throw error(
                .writeOutcomeUnknown, about: object, request: description(of: .post, resource.route), evidence: .noSavedRecord)
        }
        return saved
    }

    /// Deletes one record; HaloPSA keeps it where administrators can bring it back.
    func delete(_ resource: HaloResource, id: String, about object: HaloMessage) async throws {
        // The code of a success was not recorded by any source; an empty body is one.
        _ = try await writeAnswer(
            .delete, resource.recordRoute, [id], query: [QueryItem("reason", "Connection test")], about: object,
            requiredScope: resource.scope(for: .write))
    }

    /// The error of permissions that were not granted.
    func scopeError(_ missing: [String]) -> PSAError {
        let scopes = missing.joined(separator: ", ")
        return error(
            .permissionScopeMissing, about: .whatNeedsThem, scope: scopes, evidence: .notGranted(missing),
            cause: CauseEvidence("scope_not_granted", by: .grantedScope, evidence: HaloMessage.scopeLacks(scopes)))
    }

    private static func tenantQuery(_ tenant: String?) -> [QueryItem] { tenant.map { [QueryItem("tenant", $0)] } ?? [] }
}
