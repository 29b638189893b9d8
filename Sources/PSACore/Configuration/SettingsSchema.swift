/// Every setting of a connector, in the order in which a form shows them.
///
/// ```swift
/// let schema = try registry.descriptor(named: "halopsa").settings
/// for field in schema.fields { print(field.label, field.help, field.isSecret ? "secret" : field.example) }
/// for issue in schema.validate(["tenantURL": "http://acme.halopsa.com"]).issues {
///     print(schema[issue.field]?.label ?? issue.field.rawValue, issue.message)
/// }
/// ```
public struct SettingsSchema: Sendable {
    /// The fields in form order.
    public let fields: [SettingField]

    /// Collects fields; a key declared twice is a mistake of the connector's author, found by its declaration test.
    public init(_ fields: [SettingField]) { self.fields = fields }

    /// The field of a key.
    public subscript(key: SettingKey) -> SettingField? { fields.first { $0.key == key } }

    /// Checks every field and answers for all of them at once.
    ///
    /// Spaces around a value are dropped; an empty value counts as not given. Nothing is thrown half-way and no issue hides another.
    public func validate(_ input: SettingsInput, policy: AddressPolicy = .publicOnly) -> SettingsValidation {
        var values: [SettingKey: ConnectorSettings.Value] = [:]
        var issues: [SettingIssue] = []
        let secrets = fields.filter(\.isSecret).compactMap { input[$0.key]?.reveal().trimmingInvisible }
        for field in fields {
            let typed = input[field.key].map { $0.reveal().trimmingInvisible } ?? ""
            let text = typed.isEmpty ? field.defaultValue ?? "" : typed
            guard !text.isEmpty else {
                if field.isRequired { issues.append(.missing(field)) }
                continue
            }
            do {
                values[field.key] = try field.checked(text, policy: policy, secrets: secrets)
            } catch {
                issues.append(error)
            }
        }
        issues += input.keys.filter { self[$0] == nil }.sorted().map { .unknown($0, known: fields.map(\.key)) }
        return SettingsValidation(settings: ConnectorSettings(values: values, policy: policy), issues: issues)
    }
}

extension SettingField {
    /// Checks a value; what is said of it repeats nothing that is or may be a secret.
    fileprivate func checked(_ text: String, policy: AddressPolicy, secrets: [String]) throws(SettingIssue) -> ConnectorSettings.Value {
        var shown: String? {
            let isSecretText = secrets.contains { secret in
                secret == text || text.utf8.count >= 6 && secret.contains(text) || secret.utf8.count >= 6 && text.contains(secret)
            }
            return isSecret || isSecretText || text.maySecretBeIn ? nil : String(text.prefix(40))
        }
        switch kind {
        case .serviceURL:
            do {
                return .serviceURL(try ServiceURL(typed: text, policy: policy, installation: installation))
            } catch {
                throw SettingIssue(field: key, code: error.code, localizedMessage: .url(error))
            }
        case .integer(let range):
            guard let number = Int(text), range.contains(number) else {
                throw .invalid(self, .notANumber(label: label, shown: shown, lowest: range.lowerBound, highest: range.upperBound))
            }
            return .integer(number)
        case .flag:
            switch text.lowercased() {
            case "yes", "true": return .flag(true)
            case "no", "false": return .flag(false)
            default: throw .invalid(self, .notAFlag(label: label, shown: shown ?? ""))
            }
        case .text(let limit):
            guard text.count <= limit else { throw .invalid(self, .tooLong(label: label, count: text.count, limit: limit)) }
            guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
                throw .invalid(self, .controlCharacter(label: label))
            }
            return isSecret ? .secret(Secret(text)) : .text(text)
        }
    }
}

/// One setting a connector asks for, declared once: form, flags, environment variables, validation and reference pages come from it.
public struct SettingField: Sendable {
    /// What a value looks like, and thereby how it is checked.
    @nonexhaustive
    public enum Kind: Sendable, Hashable {
        /// One line of text.
        case text(maximumLength: Int)
        /// The vendor's server; tidied up by ``ServiceURL``.
        case serviceURL
        /// A whole number within bounds.
        case integer(ClosedRange<Int>)
        /// Yes or no: `yes`, `no`, `true` or `false`.
        case flag
    }

    /// What a value is for; a host groups its forms by it.
    @nonexhaustive
    public enum Purpose: Sendable, Hashable {
        /// Says which tenant is meant: connections that agree in all of these lead to the same one.
        case tenant
        /// Opens the tenant.
        case access
        /// What new tickets start with.
        case ticketDefault(TicketDefault)
        /// How the connector goes about its work; seldom changed.
        case behaviour
    }

    /// The key under which the value is given.
    public let key: SettingKey
    /// The label beside the input, in the vendor's own words.
    public let label: String
    /// One or two sentences on what the value is and where it comes from.
    public let help: String
    /// A value that would be accepted, never a real one.
    public let example: String
    /// What a value looks like.
    public let kind: Kind
    /// What the value is for.
    public let purpose: Purpose
    /// Whether a value must be given.
    public let isRequired: Bool
    /// Whether the value is kept from every output.
    public let isSecret: Bool
    /// The value used when none is given.
    public let defaultValue: String?
    /// The step of the connector's guide at which the value is found.
    public let guideAnchor: GuideAnchor
    /// Which part of a typed path belongs to a server's address; nil if none does.
    public let installation: InstallationPath?

    /// Declares a setting.
    ///
    /// - Parameters:
    ///   - key: Its key in camel case.
    ///   - label: Its label.
    ///   - help: What it is and where it comes from.
    ///   - example: An acceptable value.
    ///   - kind: What a value looks like.
    ///   - purpose: What the value is for.
    ///   - isRequired: Whether it must be given.
    ///   - isSecret: Whether it is kept from every output.
    ///   - defaultValue: What counts when none is given.
    ///   - guideAnchor: The step of the guide that leads to it.
    ///   - installation: For a server: which part of a typed path belongs to its address.
    public init(
        _ key: SettingKey, label: String, help: String, example: String, kind: Kind = .text(maximumLength: 200), purpose: Purpose = .access,
        isRequired: Bool = false, isSecret: Bool = false, defaultValue: String? = nil, guideAnchor: GuideAnchor,
        installation: InstallationPath? = nil
    ) {
        self.key = key
        self.label = label
        self.help = help
        self.example = example
        self.kind = kind
        self.purpose = purpose
        self.isRequired = isRequired
        self.isSecret = isSecret
        self.defaultValue = defaultValue
        self.guideAnchor = guideAnchor
        self.installation = installation
    }
}

/// A choice that new tickets start with, out of what the vendor's lists offer.
@nonexhaustive
public enum TicketDefault: String, Sendable, Hashable, Codable, CaseIterable {
    /// The ticket type, an id out of ``PicklistReading/ticketTypes()``.
    case type
    /// The status that a ticket starts in, an id out of ``PicklistReading/ticketStatuses(for:)`` for the type.
    case status
    /// The priority, an id out of ``PicklistReading/ticketPriorities(for:)`` for the type.
    case priority
}

/// The name of a setting: camel case, as the library and `--setting` spell it.
public struct SettingKey: RawRepresentable, Sendable, Hashable, Codable, Comparable, CustomStringConvertible,
    ExpressibleByStringLiteral
{
    /// The key as text, such as `clientSecret`.
    public let rawValue: String

    /// Names a setting.
    public init(_ rawValue: String) { self.rawValue = rawValue }
    /// Names a setting.
    public init(rawValue: String) { self.rawValue = rawValue }
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

/// What is wrong with one setting.
public struct SettingIssue: Error, Sendable, Hashable, Codable {
    /// The setting.
    public let field: SettingKey
    /// The kind of issue: a `config.…` or `url.…` code.
    public let code: ErrorCode
    /// What is wrong and what to do; never the value of a secret.
    public let localizedMessage: SettingMessage

    /// States an issue; connectors do for what only the vendor can tell them.
    public init(field: SettingKey, code: ErrorCode, localizedMessage: SettingMessage) {
        self.field = field
        self.code = code
        self.localizedMessage = localizedMessage
    }

    /// What is wrong and what to do, in English.
    public var message: String { TextRenderer().text(localizedMessage) }

    static func missing(_ field: SettingField) -> SettingIssue {
        SettingIssue(field: field.key, code: .configMissingField, localizedMessage: .missing(label: field.label, help: field.help))
    }

    static func invalid(_ field: SettingField, _ message: SettingMessage) -> SettingIssue {
        SettingIssue(field: field.key, code: .configInvalidField, localizedMessage: message)
    }

    static func unknown(_ key: SettingKey, known: [SettingKey]) -> SettingIssue {
        let names = known.map(\.rawValue)
        return SettingIssue(
            field: key, code: .configUnknownField,
            localizedMessage: .unknownKey(String(key.rawValue.prefix(60)), nearest: NearestName.of(key.rawValue, in: names), known: names))
    }
}

/// The answer for all fields of a schema.
public struct SettingsValidation: Sendable {
    fileprivate let checked: ConnectorSettings
    /// Every issue found, in form order, unknown keys last.
    public let issues: [SettingIssue]

    init(settings: ConnectorSettings, issues: [SettingIssue]) {
        checked = settings
        self.issues = issues
    }

    /// The settings, if no field has an issue.
    public var settings: ConnectorSettings? { issues.isEmpty ? checked : nil }
}
