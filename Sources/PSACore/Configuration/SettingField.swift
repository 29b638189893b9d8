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
public enum TicketDefault: String, Sendable, Hashable, CaseIterable {
    case type, status, priority
}
