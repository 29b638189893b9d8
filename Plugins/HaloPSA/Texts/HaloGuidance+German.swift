import PSACore

extension HaloGuidance {
    /// The connector's own texts in German, by code; causes and steps stand in the order of the English ones.
    static let german: [ErrorCode: GuidanceWords] = [:]
}
