/// The texts of every code: the shared ones, and a connector's own where it knows better, in every language.
public struct GuidanceCatalogue: Sendable {
    private let vendorName: String?
    private let addressField: SettingKey?
    private let overrides: [ErrorCode: GuidanceTemplate]
    private let translations: [Language: [ErrorCode: GuidanceWords]]

    /// The shared texts, without a vendor.
    public static let shared = GuidanceCatalogue()

    private init() {
        (vendorName, addressField, overrides, translations) = (nil, nil, [:], [:])
    }

    /// Puts a connector's own texts in front of the shared ones.
    ///
    /// - Parameters:
    ///   - vendorName: The vendor's product as a person knows it.
    ///   - addressField: The setting that holds the server's address; failures on the way to the server point at it.
    ///   - overrides: English texts, with causes, steps and the rest, that replace the shared ones.
    ///   - translations: The same texts in other languages; a code that is missing there is shown in English.
    public init(
        vendorName: String, addressField: SettingKey? = nil, overrides: [ErrorCode: GuidanceTemplate],
        translations: [Language: [ErrorCode: GuidanceWords]] = [:]
    ) {
        self.vendorName = vendorName
        self.addressField = addressField
        self.overrides = overrides
        self.translations = translations
    }

    /// The codes for which the connector has a text of its own.
    public var ownCodes: [ErrorCode] {
        ErrorCode.allCases.filter { overrides[$0] != nil } + overrides.keys.filter { $0.shared == nil }.sorted { $0.rawValue < $1.rawValue }
    }

    /// The template of a code, with its English texts.
    public func template(for code: ErrorCode) -> GuidanceTemplate { overrides[code] ?? code.sharedTemplate }

    /// The texts of a code in a language.
    public func words(for code: ErrorCode, in language: Language) -> GuidanceWords {
        guard language != .english else { return template(for: code).words }
        if let own = overrides[code] { return translations[language]?[code] ?? own.words }
        return code.germanWords
    }

    /// The setting to look at first, if the connector's text names none.
    func fields(for code: ErrorCode) -> [SettingKey] {
        let stated = template(for: code).fields
        guard stated.isEmpty, let addressField, code.concernsAddress else { return stated }
        return [addressField]
    }

    /// The values of an occurrence, with something for every name a text may ask for.
    func values(_ given: [GuidanceTemplate.Slot: PhraseValue]) -> [String: PhraseValue] {
        Dictionary(
            uniqueKeysWithValues: GuidanceTemplate.Slot.allCases.map { slot in
                let vendor = slot == .vendor ? vendorName.map(PhraseValue.verbatim) : nil
                return (slot.rawValue, given[slot] ?? vendor ?? .phrase(CorePhrase.unknown(slot)))
            })
    }
}

extension ErrorCode {
    /// Whether the failure lies between here and the server, so that its address is the first thing to look at.
    fileprivate var concernsAddress: Bool {
        switch self {
        case .networkTimeout, .networkInterrupted, .tlsExpired: false
        default: ["url", "network", "tls", "proxy"].contains(area)
        }
    }
}
