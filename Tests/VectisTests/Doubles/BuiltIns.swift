import PSACore

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// The connectors this host is built with, as arguments of tests; a registry that can't be made fails the tests that read it themselves.
enum BuiltIns {
    static let names = descriptors.map(\.id.rawValue)
    static let placeholders = descriptors.filter { $0.tier == .placeholder }.map(\.id.rawValue)

    private static let descriptors = (try? BuiltInConnectors.registry().descriptors) ?? []
}
