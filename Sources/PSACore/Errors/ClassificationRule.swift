/// One row of the classification table: what a signal must look like, and the code it then gets.
public struct ClassificationRule: Sendable {
    /// The stages it applies to.
    public let stages: Set<RequestStage>
    /// The statuses it applies to.
    public let statuses: [ClosedRange<Int>]
    /// The body shapes it applies to; nil for all.
    public let shapes: Set<BodyShape>?
    /// The vendor code it needs; nil for any or none.
    public let vendorCode: String?
    /// Text the vendor's message must contain, whatever its case; nil for any or none.
    public let messageContains: String?
    /// What must be known about the missing scope; nil if it doesn't matter.
    public let scopeIsMissing: Bool?
    /// The code the signal gets.
    public let code: ErrorCode

    /// Writes a row.
    public init(
        _ stages: Set<RequestStage>, _ statuses: ClosedRange<Int>..., shapes: Set<BodyShape>? = nil, vendorCode: String? = nil,
        messageContains: String? = nil, scopeIsMissing: Bool? = nil, is code: ErrorCode
    ) {
        self.stages = stages
        self.statuses = statuses
        self.shapes = shapes
        self.vendorCode = vendorCode
        self.messageContains = messageContains?.lowercased()
        self.scopeIsMissing = scopeIsMissing
        self.code = code
    }

    /// Whether a signal fits the row.
    public func matches(_ signal: FailureEvidence) -> Bool {
        stages.contains(signal.stage)
            && statuses.contains { $0.contains(signal.status) }
            && shapes.map { $0.contains(signal.shape) } ?? true
            && vendorCode.map { $0 == signal.vendorCode } ?? true
            && messageContains.map { signal.vendorMessage?.lowercased().contains($0) ?? false } ?? true
            && scopeIsMissing.map { $0 == signal.scopeIsMissing } ?? true
    }
}
