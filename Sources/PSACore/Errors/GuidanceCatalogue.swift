/// The texts of every code: the shared ones, and a connector's own where it knows better.
public struct GuidanceCatalogue: Sendable {
    private let vendorName: String
    private let overrides: [ErrorCode: GuidanceTemplate]

    /// The shared texts, without a vendor.
    public static let shared = GuidanceCatalogue(vendorName: "the PSA", overrides: [:])

    /// Puts a connector's own texts in front of the shared ones.
    ///
    /// - Parameters:
    ///   - vendorName: The vendor's product as a person knows it.
    ///   - overrides: Texts that replace the shared ones.
    public init(vendorName: String, overrides: [ErrorCode: GuidanceTemplate]) {
        self.vendorName = vendorName
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
    public func guidance(for code: ErrorCode, values: [GuidanceTemplate.Slot: String] = [:], evidence: String? = nil) -> Guidance {
        var values = values
        values[.vendor] = values[.vendor] ?? vendorName
        var guidance = template(for: code).filled(with: values)
        if let evidence, !guidance.causes.isEmpty { guidance.causes[0].evidence = evidence }
        guidance.guide = guidance.guide ?? GuideAnchor("Docs/Errors.md", code.anchor)
        guidance.title = guidance.title.capitalizedFirst
        guidance.detail = guidance.detail.capitalizedFirst
        return guidance
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
