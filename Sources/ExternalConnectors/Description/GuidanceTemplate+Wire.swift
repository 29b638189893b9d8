import PSACore

extension GuidanceTemplate {
    /// Reads a connector's own text for a code.
    ///
    /// - Parameters:
    ///   - object: The text.
    ///   - code: Its error code; when to retry is a property of the code, not of the text.
    ///   - settings: The settings it may refer to.
    /// - Throws: ``WireMismatch``.
    init(_ object: WireObject, for code: ErrorCode, settings: SettingsSchema) throws(WireMismatch) {
        let shared = GuidanceCatalogue.shared.template(for: code)
        let common = try Remedy(object, settings)
        let causes = try object.objects("causes")
        guard !causes.isEmpty, causes.count <= 6 else { throw object.mismatch("causes", .list) }
        var templates: [CauseTemplate] = []
        for (index, cause) in causes.enumerated() {
            let own = try Remedy(cause, settings)
            let steps = own.steps.isEmpty ? common.steps : own.steps
            guard !steps.isEmpty, steps.count <= 6 else { throw (own.steps.isEmpty ? object : cause).mismatch("steps", .list) }
            templates.append(
                CauseTemplate(
                    CauseID(try cause.optionalText("id") ?? "cause_\(index + 1)"),
                    try cause.optionalWord("confidence", Confidence.self) ?? .possible, english: try cause.notEmpty("text"),
                    steps: steps.enumerated().map { GuidanceStep($1, isCheck: $0 == steps.count - 1) },
                    fields: .keys(own.fields.isEmpty ? common.fields : own.fields),
                    responsibleParty: own.responsibleParty ?? common.responsibleParty ?? shared.causes.first?.responsibleParty ?? .you))
        }
        self.init(
            title: LocalizedText(String(try object.notEmpty("title").prefix(60))), detail: LocalizedText(try object.notEmpty("detail")),
            causes: templates, retry: shared.retry)
    }
}

/// What to do, where and by whom: of a cause, or of all causes without their own.
private struct Remedy {
    let steps: [String]
    let fields: [SettingKey]
    let responsibleParty: ResponsibleParty?

    init(_ object: WireObject, _ settings: SettingsSchema) throws(WireMismatch) {
        steps = try object.texts("steps").map { Redactor([]).clean($0) }
        fields = try object.texts("fields").map { SettingKey($0) }
        if fields.contains(where: { settings[$0] == nil }) {
            throw object.mismatch("fields", .oneOf(settings.fields.map { $0.key.rawValue }))
        }
        responsibleParty = try object.optionalWord("responsibleParty", ResponsibleParty.self)
    }
}
