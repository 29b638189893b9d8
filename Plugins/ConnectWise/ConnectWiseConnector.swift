public import PSACore

/// A placeholder for ConnectWise PSA: it is listed and its settings are checked, and it does not connect.
///
/// `README.md` in this folder says which facts a real one starts from.
public struct ConnectWiseConnector: PlaceholderConnector {
    /// Its name, its settings, and no capability.
    public static var descriptor: ConnectorDescriptor { ConnectWiseDescriptor.descriptor }

    /// Makes the placeholder.
    public init() {}
}
