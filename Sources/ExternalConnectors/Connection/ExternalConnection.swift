import FoundationEssentials
import PSACore

/// A connection whose calls are served by a separate program.
///
/// It conforms to every ability; the descriptor declares which of them the connector has, and a session checks that first.
struct ExternalConnection: Sendable {
    let descriptor: ConnectorDescriptor
    let program: ProgramSupervisor
    let failures: ErrorMapper
    let context: ConnectorContext
    /// The tenant's name for display.
    let tenantName: String
    /// What two connections to the same tenant have in common.
    let tenant: String
    /// The most bytes of the files of one call.
    let attachmentBytes: Int

    init(
        path: String, description: ConnectorDescription, settings: ConnectorSettings, context: ConnectorContext,
        limits: ExternalConnectorLimits, time: TimeSource
    ) {
        let payload = SettingsPayload(settings, of: description.descriptor)
        let limiter = context.tenants.budget(for: payload.tenant, pace: description.pace, time: context.time)
        let relay = RequestRelay(
            context: context, policy: settings.policy, limiter: limiter, redactor: payload.redactor, limits: limits)
        descriptor = description.descriptor
        program = ProgramSupervisor(
            path: path, settings: payload.json, redactor: payload.redactor, relay: relay, limits: limits, time: time)
        failures = ErrorMapper(descriptor: descriptor, redactor: payload.redactor, host: payload.host, port: payload.port)
        tenantName = payload.host ?? descriptor.displayName
        tenant = payload.tenant
        attachmentBytes = limits.attachmentBytes
        self.context = context
    }

    /// Calls the program and reads its result.
    ///
    /// - Throws: ``PSAError`` or `CancellationError`.
    func call<Value>(
        _ method: ConnectorMethod, _ arguments: [(String, JSONValue?)] = [], read: (JSONView) throws(WireMismatch) -> Value
    ) async throws -> Value {
        let outcome = try await program.call(method, JSONValue(present: arguments))
        switch outcome.ending {
        case .result(let view):
            do {
                return try read(view)
            } catch {
                throw failures.error(error, method, outcome.trace)
            }
        case .refusal(let view): throw failures.error(view, method, outcome.trace)
        case .fault(let fault): throw failures.error(fault, method, outcome.trace)
        }
    }

    /// One record.
    func record<Record: RowReadable>(_ method: ConnectorMethod, _ arguments: [(String, JSONValue?)]) async throws -> Record {
        try await call(method, arguments) { view throws(WireMismatch) in
            try Record(Row(try WireObject(view), fetchedAt: context.time.now()))
        }
    }

    /// Every record of a short list; one that can't be read is an error, because a list of choices with gaps misleads.
    func records<Record: RowReadable>(_ method: ConnectorMethod, _ arguments: [(String, JSONValue?)]) async throws -> [Record] {
        try await call(method, arguments) { view throws(WireMismatch) in
            try WireObject(view).objects("items").map { object throws(WireMismatch) in
                try Record(Row(object, fetchedAt: context.time.now()))
            }
        }
    }

    /// One page of a list.
    ///
    /// - Parameters:
    ///   - method: The list.
    ///   - owner: What the list belongs to, so that a cursor of another one is rejected.
    ///   - cursor: Where to continue.
    ///   - arguments: Further filters.
    /// - Returns: The page.
    /// - Throws: ``PSAError`` or `CancellationError`.
    func page<Record: RowReadable>(
        _ method: ConnectorMethod, of owner: String = "", at cursor: PageCursor?, _ arguments: [(String, JSONValue?)] = []
    ) async throws -> Page<Record> {
        let list = owner.isEmpty ? method.rawValue : "\(method.rawValue)-\(PercentEncoding.component(owner))"
        let mark = try cursor.map { cursor in
            guard let mark = cursor.payload(connector: descriptor.id, list: list, version: 1) else {
                throw PSAError(.syncCursorRejected, catalogue: descriptor.guidance, values: [.object: .phrase(method.object)])
            }
            return JSONValue.string(mark)
        }
        return try await call(method, arguments + [("cursor", mark)]) { view throws(WireMismatch) in
            try Page(view, fetchedAt: context.time.now()) {
                PageCursor(connector: descriptor.id, list: list, version: 1, payload: $0)
            }
        }
    }
}
