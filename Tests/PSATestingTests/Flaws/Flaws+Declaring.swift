import PSACore
import PSATesting
import SampleConnector

extension Flaw {
    /// Connectors that say something wrong about themselves.
    static let declaring: [Flaw] = [
        Flaw(rule: "declaration.registry", describe: { $0.changed(aliases: ["Sample PSA!"]) }),
        Flaw(rule: "declaration.tier", describe: { $0.changed(tier: .placeholder) }),
        Flaw(rule: "declaration.built", connect: { good, _ in MuteConnection(good: good) }),
        Flaw(rule: "declaration.declared", describe: { $0.changed(capabilities: $0.capabilities.subtracting([.replyToContacts])) }),
        Flaw(rule: "declaration.settings", describe: { $0.changing("clientID") { $0.changed(label: "") } }),
        Flaw(
            rule: "declaration.texts",
            describe: { descriptor in
                let long = GuidanceTemplate(
                    title: "Too much to do", detail: "{message}",
                    causes: [
                        CauseTemplate("zeal", .likely, "Zeal.", steps: Array(repeating: "Do something.", count: 7), responsibleParty: .you)
                    ], guide: descriptor.settings.fields[0].guideAnchor)
                return descriptor.changed(guidance: GuidanceCatalogue(vendorName: "Sample PSA", overrides: [.requestConflict: long]))
            }),
        Flaw(
            rule: "declaration.guide",
            describe: { descriptor in descriptor.changing("clientID") { $0.changed(anchor: GuideAnchor(descriptor.guide, "nowhere")) } }),
        Flaw(rule: "configuration.required", describe: { $0.changing("clientSecret") { $0.changed(isRequired: false) } }),
        Flaw(rule: "configuration.addresses", describe: { $0.changing("serverURL") { $0.changed(kind: .text(maximumLength: 200)) } }),
    ]
}

extension ConnectorDescriptor {
    fileprivate func changed(
        aliases: [String]? = nil, tier: ConnectorTier? = nil, settings: SettingsSchema? = nil, capabilities: Set<Capability>? = nil,
        guidance: GuidanceCatalogue? = nil
    ) -> ConnectorDescriptor {
        ConnectorDescriptor(
            id: id, aliases: aliases ?? self.aliases, displayName: displayName, tier: tier ?? self.tier, grade: grade,
            settings: settings ?? self.settings, capabilities: capabilities ?? self.capabilities, guidance: guidance ?? self.guidance,
            guide: guide)
    }

    fileprivate func changing(_ key: SettingKey, _ change: (SettingField) -> SettingField) -> ConnectorDescriptor {
        changed(settings: SettingsSchema(settings.fields.map { $0.key == key ? change($0) : $0 }))
    }
}

extension SettingField {
    fileprivate func changed(
        label: String? = nil, kind: Kind? = nil, isRequired: Bool? = nil, anchor: GuideAnchor? = nil
    ) -> SettingField {
        SettingField(
            key, label: label ?? self.label, help: help, example: example, kind: kind ?? self.kind, purpose: purpose,
            isRequired: isRequired ?? self.isRequired, isSecret: isSecret, defaultValue: defaultValue,
            guideAnchor: anchor ?? guideAnchor)
    }
}
