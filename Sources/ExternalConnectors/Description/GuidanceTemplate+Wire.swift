import PSACore

extension GuidanceTemplate {
    /// Reads a connector's own text for a code.
    ///
    /// - Parameters:
    ///   - object: The text.
    ///   - code: What it is for; how often and when to try again is a property of the code, not of the text.
    ///   - settings: The settings it may point at.
    /// - Throws: ``WireMismatch``.
    init(_ object: WireObject, for code: ErrorCode, settings: SettingsSchema) throws(WireMismatch) {
        let shared = GuidanceCatalogue.shared.template(for: code)
        let causes = try object.objects("causes").map { cause throws(WireMismatch) in
            Cause(try cause.notEmpty("text"), try cause.optionalWord("confidence", Confidence.self) ?? .possible)
        }
        let steps = try object.texts("steps").map { Redactor([]).clean($0) }
        guard !causes.isEmpty, causes.count <= 6 else { throw object.mismatch("causes", .list) }
        guard !steps.isEmpty, steps.count <= 6 else { throw object.mismatch("steps", .list) }
        let fields = try object.texts("fields").map { SettingKey($0) }
        if fields.contains(where: { settings[$0] == nil }) {
            throw object.mismatch("fields", .oneOf(settings.fields.map { $0.key.rawValue }))
        }
        self.init(
            title: String(try object.notEmpty("title").prefix(60)), detail: try object.notEmpty("detail"), causes: causes, steps: steps,
            fields: fields, actor: try object.optionalWord("actor", Actor.self) ?? shared.actor, retry: shared.retry)
    }
}
