import PSACore
import TestSupport
import Testing

@testable import ConnectWise

/// Settings that pass, and a context whose transport fails the test that uses it.
enum ConnectWiseFixture {
    static let descriptor = ConnectWiseConnector.descriptor
    static let secretKeys: [SettingKey] = ["publicKey", "privateKey"]
    /// Stands in every secret, so that one search finds any of them.
    static let marker = "marker-7f3a91"

    static var examples: SettingsInput {
        var input = SettingsInput()
        for field in descriptor.settings.fields { input[field.key] = Secret(field.example) }
        for key in secretKeys { input[key] = Secret("\(marker)-\(key)") }
        return input
    }

    static var context: ConnectorContext {
        ConnectorContext(transport: ForbiddenTransport { Issue.record("A placeholder made a request: \($0)") })
    }

    static func session(_ name: String = "connectwise") throws -> ConnectorSession {
        try ConnectorRegistry([ConnectWiseConnector.self]).connect(name, settings: examples, context: context)
    }
}

extension SettingsInput {
    /// The same settings with one replaced; nil leaves it out.
    func with(_ key: SettingKey, _ value: String?) -> SettingsInput {
        var copy = self
        copy[key] = value.map { Secret($0) }
        return copy
    }
}
