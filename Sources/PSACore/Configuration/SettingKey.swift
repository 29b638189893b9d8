/// The name of a setting: camel case, as the library and `--setting` spell it.
public struct SettingKey: Sendable, Hashable, Comparable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The key as text, such as `clientSecret`.
    public let rawValue: String

    /// Names a setting.
    public init(_ rawValue: String) { self.rawValue = rawValue }
    /// Names a setting by literal.
    public init(stringLiteral value: String) { rawValue = value }

    /// The key as text.
    public var description: String { rawValue }

    /// The environment variable of this setting for a connector: `halopsa` and `tenantURL` give `HALOPSA_TENANT_URL`.
    public func environmentVariable(for connector: ConnectorID) -> String {
        var words: [String] = []
        let characters = Array(rawValue)
        for (index, character) in characters.enumerated() {
            let startsWord =
                character.isUppercase
                && (index == 0 || characters[index - 1].isLowercase || index + 1 < characters.count && characters[index + 1].isLowercase)
            if startsWord || words.isEmpty { words.append("") }
            words[words.count - 1].append(character)
        }
        return ([connector.rawValue.replacing("-", with: "_")] + words).joined(separator: "_").uppercased()
    }

    /// Orders alphabetically.
    public static func < (lhs: SettingKey, rhs: SettingKey) -> Bool { lhs.rawValue < rhs.rawValue }
}
