#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

/// Talks to one HaloPSA.
typealias HaloClient = VendorClient<HaloMessage>

extension HaloClient {
    /// A minute for a request, and five and a half for its retries: HaloPSA counts requests in windows of five minutes.
    static var backgroundTimeouts: RequestTimeouts { RequestTimeouts(retryTimeLimit: .seconds(330)) }

    /// The path of the API; the token endpoint lies beside it.
    static var basePath: String { "/api" }

    /// A client for one connection.
    ///
    /// The token comes from `/auth/token`, for hosted and own installations alike (vendor guide 1499, and twelve clients). The tenant goes into
    /// the query as HaloAPI, CIPP and n8n do; on a host of the tenant's own it is not needed.
    init(settings: HaloSettings, context: ConnectorContext, timeouts: RequestTimeouts) {
        let halo = VendorDeclaration(
            HaloConnector.descriptor, origin: settings.tenantURL, addressPolicy: settings.policy, basePath: Self.basePath,
            authentication: .clientCredentials(
                settings.credentials, route: "/auth/token", query: Self.tenantQuery(settings.tenant),
                secrets: HaloShape.misplacedSecrets(settings)),
            rateLimit: settings.rateLimit, rules: HaloErrorRules.rules(namesTenant: settings.tenant != nil),
            errorParser: HaloErrorParser(settings: settings), tokenObject: .accessToken, installation: HaloAddress.installation)
        self.init(halo, context: context, timeouts: timeouts)
    }

    /// Why no token is issued when the tenant is another, or left out; nil if one is.
    func tokenError(tenant: String?) async throws -> PSAError? { try await tokenError(query: Self.tenantQuery(tenant)) }

    /// Reads a list or one record.
    func read(
        _ resource: HaloResource, id: String? = nil, _ query: [QueryItem] = [], about object: HaloMessage? = nil,
        retryTimeLimit: Duration? = nil
    ) async throws -> JSONView {
        try await read(
            id == nil ? resource.route : resource.recordRoute, pathValues: id.map { [$0] } ?? [], query: query,
            about: object ?? .rows(resource),
            requiredScope: resource.scope(for: .read), retryTimeLimit: retryTimeLimit)
    }

    /// Reads a list or one record, and takes what was asked for out of the answer.
    func read<Value>(
        _ resource: HaloResource, id: String? = nil, _ query: [QueryItem] = [], about object: HaloMessage? = nil,
        retryTimeLimit: Duration? = nil, absent: HaloMessage = .noSuchRecord, finding find: (JSONView) -> Value?
    ) async throws -> Value {
        try await read(
            id == nil ? resource.route : resource.recordRoute, pathValues: id.map { [$0] } ?? [], query: query,
            about: object ?? .rows(resource), requiredScope: resource.scope(for: .read), retryTimeLimit: retryTimeLimit, absent: absent
        ) { find($0.json) }
    }

    /// Creates or changes one record and returns it as saved.
    ///
    /// The body is an array even for one: HaloPSA refuses a bare object.
    func write(_ resource: HaloResource, _ record: JSONValue, about object: HaloMessage) async throws -> JSONView {
        // An answer that does not say what was saved was accepted all the same.
        try await write(
            .post, resource.route, body: .array([record]), about: object, requiredScope: resource.scope(for: .write),
            absent: .noSavedRecord
        ) { HaloSavedRecord.find(in: $0.json) }
    }

    /// Uploads a file, which is a record without a number of its own yet: its id may be a text.
    func upload(_ record: JSONValue, about object: HaloMessage) async throws -> JSONView {
        let resource = HaloResource.attachments
        return try await write(
            .post, resource.route, body: .array([record]), about: object, requiredScope: resource.scope(for: .write),
            absent: .noSavedRecord
        ) { row in
            let answer = row.json
            guard let saved = answer.isArray ? answer.elements.first : answer, answer.isObject || answer.elements.count == 1,
                saved["id"]?.text != nil
            else { return nil }
            return saved
        }
    }

    /// Deletes one record; HaloPSA keeps a ticket where administrators can bring it back.
    func delete(_ resource: HaloResource, id: String, _ query: [QueryItem] = [], about object: HaloMessage) async throws {
        // The code of a success was not recorded by any source; an empty body is one.
        _ = try await writeAnswer(
            .delete, resource.recordRoute, pathValues: [id], query: query, about: object,
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

/// The parts of HaloPSA's API this connector uses: route, envelope key, and the permission each needs.
///
/// Routes and keys are the vendor's (OpenAPI v2, copy of April 2025; envelopes seen live). The scopes are those of its permission table; staff,
/// ticket types, statuses, priorities and outcomes need none of their own (seen live by two clients).
enum HaloResource: String, Sendable, CaseIterable {
    case companies = "Client"
    case contacts = "Users"
    case agents = "Agent"
    case tickets = "Tickets"
    case actions = "Actions"
    case contracts = "ClientContract"
    case recurringInvoices = "RecurringInvoice"
    case ticketTypes = "TicketType"
    case statuses = "Status"
    case priorities = "Priority"
    case outcomes = "Outcome"
    case fields = "FieldInfo"
    case lookups = "Lookup"
    case categories = "Category"
    case teams = "Team"
    case assets = "Asset"
    case sites = "Site"
    case attachments = "Attachment"

    /// The route of the list and of a POST, below ``HaloClient/basePath``.
    var route: String { "/" + rawValue }
    /// The route of one record.
    var recordRoute: String { route + "/{id}" }

    /// The member of the list answer that holds the rows.
    var listKey: String {
        switch self {
        case .companies: "clients"
        case .contacts: "users"
        case .agents: "results"
        case .tickets: "tickets"
        case .actions: "actions"
        case .contracts: "contracts"
        case .recurringInvoices: "invoices"
        case .assets: "assets"
        case .sites: "sites"
        case .attachments: "attachments"
        case .ticketTypes, .statuses, .priorities, .outcomes, .fields, .lookups, .categories, .teams: "results"
        }
    }

    /// The word behind `read:` and `edit:`, or nil where no scope of its own is needed.
    var scopeArea: String? {
        switch self {
        case .companies, .contacts, .sites: "customers"
        case .tickets, .actions, .attachments: "tickets"
        case .contracts: "contracts"
        case .recurringInvoices: "invoices"
        // A scope of their own for assets is not documented in the sources; a refusal is recognized by its status.
        case .agents, .ticketTypes, .statuses, .priorities, .outcomes, .fields, .lookups, .categories, .teams, .assets: nil
        }
    }

    /// The scope a request needs.
    func scope(for stage: RequestStage) -> String? { scopeArea.map { (stage == .write ? "edit:" : "read:") + $0 } }
}

extension GrantedScope {
    /// Whether a scope is known to be missing.
    ///
    /// `all` and its relatives stand for every scope; an empty scope, or one that names only other things, grants nothing.
    func lacks(_ scope: String) -> Bool {
        guard !names.contains(where: { $0 == "all" || $0.hasPrefix("all:") || $0 == "admin" }) else { return false }
        return !contains(scope)
    }
}
