/// A connector as a registry holds it: what it says about itself, and how it makes a connection.
///
/// One that is compiled in comes as its type; one that runs elsewhere, such as in a process of its own, as these two values.
public struct ConnectorEntry: Sendable {
    /// Makes a connection from checked settings, without contacting the vendor.
    public typealias Make = @Sendable (ConnectorSettings, ConnectorContext) throws -> any PSAConnection

    /// What the connector says about itself.
    public let descriptor: ConnectorDescriptor
    /// Makes a connection.
    public let make: Make

    /// The entry of a connector that is compiled in.
    public init(_ type: any PSAConnector.Type) {
        self.init(descriptor: type.descriptor) { try type.init(settings: $0, context: $1) }
    }

    /// The entry of a connector that is known only when the program runs.
    ///
    /// - Parameters:
    ///   - descriptor: What it says about itself.
    ///   - make: Makes a connection; it must conform to the protocol of each ability the descriptor declares.
    public init(descriptor: ConnectorDescriptor, make: @escaping Make) {
        self.descriptor = descriptor
        self.make = make
    }
}
