/// The connectors a host offers: an immutable value from which one is picked by name.
///
/// ```swift
/// let registry = try ConnectorRegistry([HaloConnector.self])
/// let session = try registry.connect(
///     "halopsa", settings: ["tenantURL": "https://acme.halopsa.com", "clientID": clientID, "clientSecret": clientSecret],
///     context: ConnectorContext(transport: CurlTransport()))
/// let report = try await session.testConnection()
/// print(report.headline, report.failure?.guidance.steps ?? [])
/// ```
public struct ConnectorRegistry: Sendable {
    /// Why a registry can't be made.
    @nonexhaustive
    public enum Problem: Error, Sendable, Equatable, CustomStringConvertible {
        /// Two connectors answer to the same name.
        case duplicateName(String)
        /// An alias is not a well-formed connector name.
        case malformedAlias(String, of: ConnectorID)

        /// What is wrong and what to do.
        public var description: String {
            switch self {
            case .duplicateName(let name): "Two connectors answer to the name “\(name)”; remove or rename one."
            case .malformedAlias(let alias, let id): "“\(alias)”, an alias of “\(id)”, is not lower-case words joined by hyphens."
            }
        }
    }

    private let registrations: [ConnectorRegistration]

    /// Collects connectors that are compiled in.
    ///
    /// - Throws: ``Problem`` if two share a name or alias, or an alias is malformed.
    public init(_ types: [any PSAConnector.Type]) throws(Problem) { try self.init(registrations: types.map { ConnectorRegistration($0) }) }

    /// Collects connectors of any origin.
    ///
    /// - Throws: ``Problem`` if two share a name or alias, or an alias is malformed.
    public init(registrations: [ConnectorRegistration]) throws(Problem) {
        var names: Set<String> = []
        for descriptor in registrations.map(\.descriptor) {
            for alias in descriptor.aliases where ConnectorID(alias) == nil { throw .malformedAlias(alias, of: descriptor.id) }
            for name in [descriptor.id.rawValue] + descriptor.aliases where !names.insert(name).inserted { throw .duplicateName(name) }
        }
        self.registrations = registrations.sorted { $0.descriptor.id < $1.descriptor.id }
    }

    /// The same connectors and one more.
    ///
    /// - Throws: ``Problem``; the registry itself stays as it is, so that one bad connector does not cost a host the others.
    public func adding(_ entry: ConnectorRegistration) throws(Problem) -> ConnectorRegistry {
        try ConnectorRegistry(registrations: registrations + [entry])
    }

    /// All connectors in alphabetical order.
    public var descriptors: [ConnectorDescriptor] { registrations.map(\.descriptor) }

    /// What the connector of a name says about itself; case doesn't matter, and declared aliases count.
    ///
    /// - Throws: ``PSAError`` with `config.unknown_connector`, which lists the known names and the nearest one.
    public func descriptor(named name: String) throws -> ConnectorDescriptor { try registration(named: name).descriptor }

    /// Picks a connector by name and connects it to a tenant, without contacting the vendor yet.
    ///
    /// - Parameters:
    ///   - name: The connector's name or alias.
    ///   - settings: What it needs to know.
    ///   - context: What the host passes to it.
    /// - Returns: The connection, ready to be tested and used.
    /// - Throws: ``PSAError`` for an unknown name, for settings with all their problems at once, or for what the connector's initialiser
    ///   threw.
    public func connect(_ name: String, settings: SettingsInput, context: ConnectorContext) throws -> ConnectorSession {
        try registration(named: name).connect(settings: settings, context: context)
    }

    /// The connector of a name; case doesn't matter, and declared aliases count.
    ///
    /// - Throws: ``PSAError`` with `config.unknown_connector`, which lists the known names and the nearest one.
    public func registration(named name: String) throws -> ConnectorRegistration {
        let wanted = name.trimmingInvisible.lowercased()
        if let found = registrations.first(where: { $0.descriptor.id.rawValue == wanted || $0.descriptor.aliases.contains(wanted) }) {
            return found
        }
        let known = registrations.map { $0.descriptor.id.rawValue }
        let nearest = NearestName.of(wanted, in: known + registrations.flatMap { $0.descriptor.aliases })
        throw PSAError(
            .configUnknownConnector, values: [.name: .verbatim(String(name.prefix(60))), .known: .list(known.map(MessageValue.verbatim))],
            evidence: nearest.map { CoreMessage.nearestName($0) })
    }
}

/// A connector as a registry holds it: what it says about itself, and how it makes a connection.
///
/// One that is compiled in comes as its type; one that runs elsewhere, such as in a process of its own, as these two values.
public struct ConnectorRegistration: Sendable {
    /// Makes a connection from checked settings, without contacting the vendor.
    public typealias MakeConnection = @Sendable (ConnectorSettings, ConnectorContext) throws -> any PSAConnection

    /// What the connector says about itself.
    public let descriptor: ConnectorDescriptor
    /// Makes a connection.
    public let makeConnection: MakeConnection

    /// The registration of a connector that is compiled in.
    public init(_ type: any PSAConnector.Type) {
        self.init(descriptor: type.descriptor) { try type.init(settings: $0, context: $1) }
    }

    /// The registration of a connector that is known only when the program runs.
    ///
    /// - Parameters:
    ///   - descriptor: What it says about itself.
    ///   - makeConnection: Makes a connection; it must conform to the protocol of each ability the descriptor declares.
    public init(descriptor: ConnectorDescriptor, makeConnection: @escaping MakeConnection) {
        self.descriptor = descriptor
        self.makeConnection = makeConnection
    }

    /// Connects to a tenant, without contacting the vendor yet.
    ///
    /// - Parameters:
    ///   - settings: What the connector needs to know.
    ///   - context: What the host passes to it.
    /// - Returns: The connection, ready to be tested and used.
    /// - Throws: ``PSAError`` for settings with all their problems at once, or for what the connector's initialiser threw.
    public func connect(settings: SettingsInput, context: ConnectorContext) throws -> ConnectorSession {
        let validation = descriptor.settings.validate(settings, policy: context.addressPolicy)
        guard let checked = validation.settings else { throw PSAError(settings: validation.issues, descriptor: descriptor) }
        return try connect(checked, context: context)
    }

    /// Connects to a tenant with settings that were checked before, without contacting the vendor yet.
    ///
    /// - Parameters:
    ///   - settings: What this connector's ``SettingsSchema/validate(_:policy:)`` returned, under the context's address policy.
    ///   - context: What the host passes to it.
    /// - Returns: The connection, ready to be tested and used.
    /// - Throws: ``PSAError`` for what the connector's initialiser threw.
    public func connect(_ settings: ConnectorSettings, context: ConnectorContext) throws -> ConnectorSession {
        do {
            var context = context
            context.transport = WriteRecordingTransport(transport: context.transport)
            if let connection = context.connection { context.log = ConnectionLog(connection: connection, log: context.log) }
            return ConnectorSession(
                try makeConnection(settings, context), descriptor: descriptor, tenant: settings.tenantFingerprint(of: descriptor))
        } catch {
            throw PSAError(escaped: error, from: descriptor, during: CoreMessage.itsSettings)
        }
    }
}
