/// The texts of every code: the shared ones, and a connector's own where it knows better.
public struct GuidanceCatalogue: Sendable {
    private let vendorName: String
    private let addressField: SettingKey?
    private let overrides: [ErrorCode: GuidanceTemplate]

    /// The shared texts, without a vendor.
    public static let shared = GuidanceCatalogue(vendorName: "the PSA", overrides: [:])

    /// Puts a connector's own texts in front of the shared ones.
    ///
    /// - Parameters:
    ///   - vendorName: The vendor's product as a person knows it.
    ///   - addressField: The setting that holds the server's address; failures on the way to the server point at it.
    ///   - overrides: Texts that replace the shared ones.
    public init(vendorName: String, addressField: SettingKey? = nil, overrides: [ErrorCode: GuidanceTemplate]) {
        self.vendorName = vendorName
        self.addressField = addressField
        self.overrides = overrides
    }

    /// The codes for which the connector has a text of its own.
    public var ownCodes: [ErrorCode] { ErrorCode.allCases.filter { overrides[$0] != nil } }

    /// The text of a code before values are filled in.
    public func template(for code: ErrorCode) -> GuidanceTemplate { overrides[code] ?? code.sharedTemplate }

    /// The guidance for one occurrence.
    ///
    /// - Parameters:
    ///   - code: What happened.
    ///   - values: The values its texts ask for.
    ///   - evidence: What was observed; it is put to the first cause.
    /// - Returns: Texts ready to show.
    public func guidance(for code: ErrorCode, values: [GuidanceTemplate.Slot: String] = [:], evidence: String? = nil) -> Guidance {
        var values = values
        values[.vendor] = values[.vendor] ?? vendorName
        var guidance = template(for: code).filled(with: values)
        if guidance.fields.isEmpty, let addressField, code.concernsAddress { guidance.fields = [addressField] }
        if let evidence, !guidance.causes.isEmpty { guidance.causes[0].evidence = evidence }
        guidance.guide = guidance.guide ?? GuideAnchor("Docs/Errors.md", code.anchor)
        guidance.title = guidance.title.startingUpperCase()
        guidance.detail = guidance.detail.startingUpperCase(unlessWith: values[.host])
        guidance.steps = guidance.steps.map { $0.startingUpperCase(unlessWith: values[.host]) }
        for index in guidance.causes.indices {
            guidance.causes[index].text = guidance.causes[index].text.startingUpperCase(unlessWith: values[.host])
        }
        return guidance
    }
}

extension String {
    /// A filled-in value can stand at the start of a sentence; a host name keeps its case there.
    fileprivate func startingUpperCase(unlessWith name: String? = nil) -> String {
        if let name, hasPrefix(name) { return self }
        return prefix(1).uppercased() + dropFirst()
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
