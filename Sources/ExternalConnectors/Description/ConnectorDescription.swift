import PSACore

/// A connector's validated description of itself.
struct ConnectorDescription: Sendable {
    let descriptor: ConnectorDescriptor
    let pace: RateLimit
    let guide: String?

    /// Reads the result of `describe`.
    ///
    /// - Throws: ``WireMismatch``.
    init(_ view: JSONView) throws(WireMismatch) {
        let object = try WireObject(view)
        let id = try object.required("id", .form(.connectorName)) { $0.string.flatMap { ConnectorID($0) } }
        let displayName = try object.notEmpty("displayName")
        let document = Self.document(of: id)
        let settings = SettingsSchema(
            try object.objects("settings").map { object throws(WireMismatch) in try SettingField(object, guide: document) })
        for field in settings.fields where settings.fields.count(where: { $0.key == field.key }) > 1 {
            throw object.mismatch("settings." + field.key.rawValue, .form(.unique))
        }
        let aliases = try object.texts("aliases")
        guard aliases.allSatisfy({ ConnectorID($0) != nil }) else { throw object.mismatch("aliases", .form(.connectorName)) }
        let capabilities = try object.texts("capabilities").map { text throws(WireMismatch) in
            guard let capability = Capability(rawValue: text) else {
                throw object.mismatch("capabilities", .oneOf(Capability.allCases.map(\.rawValue)))
            }
            return capability
        }
        guide = try object.optionalText("guide")
        pace = try Self.pace(object.object("pace"))
        descriptor = ConnectorDescriptor(
            id: id, aliases: aliases, displayName: displayName, tier: .complete, settings: settings, capabilities: Set(capabilities),
            guidance: try Self.guidance(object, vendor: displayName, of: id, settings), guide: document)
    }

    /// The name of a connector's own guide; there is no such file.
    static func document(of id: ConnectorID) -> String { "connectors/\(id)/guide.md" }

    private static func pace(_ object: WireObject?) throws(WireMismatch) -> RateLimit {
        guard let object else { return RateLimit(120, per: .seconds(60)) }
        let requests = try object.required("requests", .wholeNumber) { $0.integer.flatMap { (1...100_000).contains($0) ? $0 : nil } }
        let seconds = try object.required("seconds", .wholeNumber) { $0.integer.flatMap { (1...86_400).contains($0) ? $0 : nil } }
        return RateLimit(requests, per: .seconds(seconds))
    }

    private static func guidance(
        _ object: WireObject, vendor: String, of id: ConnectorID, _ settings: SettingsSchema
    ) throws(WireMismatch) -> GuidanceCatalogue {
        // Codes of its own are named after the connector.
        let vendorArea = ErrorCode.Area(rawValue: id.rawValue.replacing("-", with: "_"))
        var texts = [ErrorCode.connectorDefect: ProgramGuidance.defect]
        for member in try object.object("guidance")?.view.members ?? [] {
            let place = "guidance.\(member.name)"
            // The guidance for a failing program comes from the host.
            guard let code = ErrorCode(rawValue: member.name), code != .connectorDefect,
                ErrorCode.known(member.name) != nil || code.area == vendorArea
            else {
                let known = ErrorCode.allCases.filter { $0 != .connectorDefect }.map(\.rawValue)
                throw WireMismatch(path: "guidance", wanted: .oneOf(known))
            }
            texts[code] = try GuidanceTemplate(try WireObject(member.value, at: place), for: code, settings: settings)
        }
        return GuidanceCatalogue(
            vendorName: vendor, addressField: settings.fields.first { $0.kind == .serviceURL }?.key, overrides: texts,
            settings: settings, connector: id)
    }
}
