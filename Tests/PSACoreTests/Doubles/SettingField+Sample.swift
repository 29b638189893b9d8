import PSACore

extension SettingField {
    static func sample(
        _ key: SettingKey, kind: Kind = .text(maximumLength: 20), isRequired: Bool = true, isSecret: Bool = false,
        defaultValue: String? = nil
    ) -> SettingField {
        SettingField(
            key, label: "Label of \(key)", help: "Help for \(key).", example: "x", kind: kind, isRequired: isRequired, isSecret: isSecret,
            defaultValue: defaultValue, guideAnchor: GuideAnchor("Docs/Guide.md", "step"))
    }
}
