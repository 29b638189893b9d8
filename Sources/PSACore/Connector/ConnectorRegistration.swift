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
            return ConnectorSession(try makeConnection(settings, context), descriptor: descriptor)
        } catch {
            throw PSAError(escaped: error, from: descriptor, during: .itsSettings)
        }
    }
}
