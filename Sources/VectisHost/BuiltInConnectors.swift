public import PSACore
import Autotask
import ConnectWise
import HaloPSA

/// The connectors this host is built with.
///
/// A new one is added here and nowhere else in the host.
public enum BuiltInConnectors {
    /// All of them by name.
    public static func registry() throws -> ConnectorRegistry {
        try ConnectorRegistry([HaloConnector.self, ConnectWiseConnector.self, AutotaskConnector.self])
    }
}
