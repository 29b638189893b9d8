import Autotask
import ConnectWise
import HaloPSA
public import PSACore
public import PSATesting

/// The connectors this host is built with.
///
/// A new one is added here and nowhere else in the host.
public enum BuiltInConnectors {
    /// All of them by name.
    public static func registry() throws -> ConnectorRegistry {
        try ConnectorRegistry([
            AutotaskConnector.self,
            ConnectWiseConnector.self,
            HaloConnector.self,
        ])
    }

    /// What the author of a connector says about the rules of the conformance suite.
    ///
    /// A connector that nothing is said of fetches access tokens and claims to keep every rule.
    public static func conformanceProfile(of connector: ConnectorID) -> ConformanceProfile { .accessToken }
}
