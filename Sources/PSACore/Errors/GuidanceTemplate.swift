/// The text of one code before the values of an occurrence are filled in: what happened, and a list of causes that carry all the rest.
///
/// Placeholders are the names of ``Slot`` in braces, and the keys of the connector's settings, which stand for the setting as a person knows
/// it. A template is data: it can be listed, checked and put into a reference page.
public struct GuidanceTemplate: Sendable {
    /// The values a text may ask for.
    @nonexhaustive
    public enum Slot: String, Sendable, CaseIterable {
        /// The vendor's product.
        case vendor
        /// The server that was asked.
        case host
        /// What was asked for: “tickets”, “a new ticket”.
        case object
        /// The permission that is missing, as the vendor writes it.
        case scope
        /// The settings or body fields concerned.
        case field
        /// The typed name.
        case name
        /// Names that would be right.
        case known
        /// The vendor's own words.
        case message
        /// What is in front of the vendor and answered in its place.
        case device
        /// The address from which this machine reaches the server.
        case source
        /// How long to wait.
        case wait
        /// By what a device's administrator finds the request.
        case reference
    }

    /// See ``Guidance/title``; no placeholders.
    public let title: LocalizedText
    /// See ``Guidance/detail``.
    public let detail: LocalizedText
    /// The possible reasons, the most frequent first.
    public let causes: [CauseTemplate]
    /// See ``Guidance/retry``; a wait the vendor named replaces the one given here.
    public let retry: RetryAdvice
    /// See ``Guidance/guide``; nil takes the reference page of the code.
    public let guide: GuideAnchor?

    /// Writes a template.
    public init(
        title: LocalizedText, detail: LocalizedText, causes: [CauseTemplate], retry: RetryAdvice = .afterFix, guide: GuideAnchor? = nil
    ) {
        self.title = title
        self.detail = detail
        self.causes = causes
        self.retry = retry
        self.guide = guide
    }

    /// Every text of the template.
    public var texts: [LocalizedText] { [title, detail] + causes.flatMap { [$0.text] + $0.steps.flatMap(\.forms) } }
}

/// One possible reason of a code's failures, with everything that depends on it: what speaks for it, what to do, where, and who.
public struct CauseTemplate: Sendable {
    /// Which settings a cause is fixed in.
    @nonexhaustive
    public enum Fields: Sendable, Hashable, ExpressibleByArrayLiteral {
        /// These.
        case keys([SettingKey])
        /// The one that holds the server's address.
        case address
        /// Those the occurrence names.
        case concerned

        /// Names settings; none for a cause that is fixed elsewhere.
        public init(arrayLiteral keys: SettingKey...) { self = .keys(keys) }
    }

    /// By which a diagnosis finds it.
    public let id: CauseID
    /// How sure it is as long as nothing was found out.
    public let confidence: Confidence
    /// The reason in a sentence.
    public let text: LocalizedText
    /// The evidence rule: which probes may speak for it, and how sure each may make it at most.
    public let evidence: [Probe: Confidence]
    /// Whether it is named only where something speaks for it: a cause that nothing hints at is one more thing to read and rule out.
    public let needsEvidence: Bool
    /// What to do about it: at most six steps, the cheapest first, the last says how to see that it worked.
    public let steps: [GuidanceStep]
    /// The settings to change.
    public let fields: Fields
    /// Who has to act.
    public let responsibleParty: ResponsibleParty

    /// States a cause.
    ///
    /// - Parameters:
    ///   - id: By which a diagnosis finds it.
    ///   - confidence: How sure it is as long as nothing was found out.
    ///   - english: The reason in a sentence.
    ///   - german: The same in German.
    ///   - evidence: Which probes may speak for it, and how sure each may make it.
    ///   - needsEvidence: Whether it is named only where something speaks for it.
    ///   - steps: What to do about it.
    ///   - fields: The settings to change.
    ///   - responsibleParty: Who has to act.
    public init(
        _ id: CauseID, _ confidence: Confidence, english: String, german: String? = nil, evidence: [Probe: Confidence] = [:],
        needsEvidence: Bool = false, steps: [GuidanceStep], fields: Fields = [], responsibleParty: ResponsibleParty
    ) {
        self.id = id
        self.confidence = confidence
        text = LocalizedText(english, german: german)
        self.evidence = evidence
        self.needsEvidence = needsEvidence
        self.steps = steps
        self.fields = fields
        self.responsibleParty = responsibleParty
    }

    /// How sure a finding makes the cause: never surer than the rule allows its probe, and only likely for a probe the rule does not name.
    func confidence(by finding: CauseEvidence) -> Confidence {
        let limit = evidence[finding.probe] ?? .likely
        return max(finding.confidence ?? limit, limit)
    }
}

/// Where a text is read; the same step is called differently in a form and in a terminal.
@nonexhaustive
public enum Surface: String, Sendable, CaseIterable {
    /// A program that shows the text somewhere of its own, or the JSON API.
    case program
    /// A page with the fields of the connection on it.
    case page
    /// A command line, where settings are variables and lists are commands.
    case terminal
}

/// One thing to do about a cause.
public struct GuidanceStep: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// What to do, wherever it is read.
    public let text: LocalizedText
    /// What to do where the fields are on the page.
    public let page: LocalizedText?
    /// What to do in a terminal.
    public let terminal: LocalizedText?
    /// Whether the step says how to see that it worked; the last of a cause must.
    public let isCheck: Bool

    /// States a step.
    ///
    /// - Parameters:
    ///   - english: What to do.
    ///   - german: The same in German.
    ///   - page: Other words for a page.
    ///   - terminal: Other words for a terminal.
    ///   - isCheck: Whether the step says how to see that it worked.
    public init(
        _ english: String, german: String? = nil, page: LocalizedText? = nil, terminal: LocalizedText? = nil, isCheck: Bool = false
    ) {
        text = LocalizedText(english, german: german)
        self.page = page
        self.terminal = terminal
        self.isCheck = isCheck
    }

    /// States a step in English only.
    public init(stringLiteral value: String) { self.init(value) }

    /// The words for a place.
    public func words(on surface: Surface) -> LocalizedText {
        switch surface {
        case .program: text
        case .page: page ?? text
        case .terminal: terminal ?? text
        }
    }

    /// Every form the step has.
    public var forms: [LocalizedText] { [text, page, terminal].compactMap { $0 } }

    /// A step that checks.
    public static func check(
        _ english: String, german: String? = nil, page: LocalizedText? = nil, terminal: LocalizedText? = nil
    ) -> GuidanceStep {
        GuidanceStep(english, german: german, page: page, terminal: terminal, isCheck: true)
    }

    /// Ends what is fixed in settings or at the vendor.
    public static let testAgain = check("Test the connection again.", german: "Verbindung erneut testen.")

    /// Ends what is fixed for a single request.
    public static let tryAgain = check("Try again.", german: "Erneut versuchen.")
}

/// A place in one of the project's guides: a document and a heading in it, checked to exist by the tests.
public struct GuideAnchor: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The document's path from the repository's root, such as `Docs/ConnectHaloPSA.md`.
    public let document: String
    /// The heading's anchor, without `#`.
    public let heading: String

    /// Points at a heading.
    public init(_ document: String, _ heading: String) {
        self.document = document
        self.heading = heading
    }

    /// Path and anchor as a link target.
    public var description: String { heading.isEmpty ? document : document + "#" + heading }
}

/// The texts of every code: the shared ones, and a connector's own where it knows better.
public struct GuidanceCatalogue: Sendable {
    private let vendorName: String?
    /// The setting that holds the server's address.
    let addressField: SettingKey?
    private let overrides: [ErrorCode: GuidanceTemplate]
    private let fieldOverrides: [SettingKey: [ErrorCode: GuidanceTemplate]]
    private let settingNames: [String: MessageValue]

    /// The shared texts, without a vendor.
    public static let shared = GuidanceCatalogue()

    private init() {
        (vendorName, addressField, overrides, fieldOverrides, settingNames) = (nil, nil, [:], [:], [:])
    }

    /// Puts a connector's own texts in front of the shared ones.
    ///
    /// - Parameters:
    ///   - vendorName: The vendor's product as a person knows it.
    ///   - addressField: The setting that holds the server's address; failures on the way to the server point at it.
    ///   - overrides: Texts that replace the shared ones, and those of codes of the connector's own.
    ///   - fieldOverrides: Texts that replace them where an error concerns just that setting, such as `config.invalid_field` of one.
    ///   - settings: The connector's settings, whose keys may stand in braces in its texts.
    ///   - connector: The connector's name, from which a terminal makes the names of its variables.
    public init(
        vendorName: String, addressField: SettingKey? = nil, overrides: [ErrorCode: GuidanceTemplate],
        fieldOverrides: [SettingKey: [ErrorCode: GuidanceTemplate]] = [:], settings: SettingsSchema? = nil, connector: ConnectorID? = nil
    ) {
        self.vendorName = vendorName
        self.addressField = addressField
        self.overrides = overrides
        self.fieldOverrides = fieldOverrides
        settingNames = Dictionary(
            (settings?.fields ?? []).map { ($0.key.rawValue, $0.name(for: connector)) }, uniquingKeysWith: { first, _ in first })
    }

    /// The codes for which the connector has a text of its own.
    public var ownCodes: [ErrorCode] {
        ErrorCode.allCases.filter { overrides[$0] != nil } + overrides.keys.filter { $0.shared == nil }.sorted { $0.rawValue < $1.rawValue }
    }

    /// The templates of its own that hold for one setting only, by setting and code.
    public var ownFieldTemplates: [(field: SettingKey, code: ErrorCode, template: GuidanceTemplate)] {
        fieldOverrides.flatMap { field, templates in templates.map { (field: field, code: $0.key, template: $0.value) } }
            .sorted { ($0.field, $0.code.rawValue) < ($1.field, $1.code.rawValue) }
    }

    /// The setting that holds the server's address, as a person knows it.
    var addressName: MessageValue? { addressField.flatMap { settingNames[$0.rawValue] } }

    /// The names in braces that mean something in this catalogue's texts.
    public var placeholders: Set<String> { Set(GuidanceTemplate.Slot.allCases.map(\.rawValue)).union(settingNames.keys) }

    /// The template of a code.
    public func template(for code: ErrorCode) -> GuidanceTemplate { overrides[code] ?? code.sharedTemplate }

    /// The template of a code where an occurrence concerns settings: that of the setting, if it is just one and has a text of its own.
    public func template(for code: ErrorCode, concerning fields: [SettingKey]) -> GuidanceTemplate {
        guard fields.count == 1, let template = fieldOverrides[fields[0]]?[code] else { return template(for: code) }
        return template
    }

    /// The settings a cause is fixed in.
    ///
    /// - Parameters:
    ///   - cause: The cause.
    ///   - concerned: Those the occurrence names.
    /// - Returns: The settings, in the order in which they are to be looked at.
    func fields(of cause: CauseTemplate, concerned: [SettingKey]) -> [SettingKey] {
        switch cause.fields {
        case .keys(let keys): keys
        case .address: addressField.map { [$0] } ?? concerned
        case .concerned: concerned
        }
    }

    /// The values of an occurrence, with something for every name a text may ask for.
    func values(_ given: [GuidanceTemplate.Slot: MessageValue]) -> [String: MessageValue] {
        settingNames.merging(
            GuidanceTemplate.Slot.allCases.map { slot in
                let vendor = slot == .vendor ? vendorName.map(MessageValue.verbatim) : nil
                return (slot.rawValue, given[slot] ?? vendor ?? .phrase(CoreMessage.unknown(slot)))
            }
        ) { $1 }
    }
}

extension SettingField {
    /// The setting as a person knows it: its label on a page, its label and variable in a terminal.
    public func name(for connector: ConnectorID?) -> MessageValue {
        .setting(label: label, variable: connector.map { key.environmentVariable(for: $0) })
    }
}
