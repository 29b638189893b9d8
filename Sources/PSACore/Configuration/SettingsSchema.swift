/// Every setting of a connector, in the order in which a form shows them.
public struct SettingsSchema: Sendable {
    /// The fields in form order.
    public let fields: [SettingField]

    /// Collects fields; a key declared twice is a mistake of the connector's author, found by its declaration test.
    public init(_ fields: [SettingField]) { self.fields = fields }

    /// The field of a key.
    public subscript(key: SettingKey) -> SettingField? { fields.first { $0.key == key } }

    /// Checks every field and answers for all of them at once.
    ///
    /// Spaces around a value are dropped; an empty value counts as not given. Nothing is thrown half-way and no issue hides another.
    public func validate(_ input: SettingsInput, policy: AddressPolicy = .publicOnly) -> SettingsValidation {
        var values: [SettingKey: ConnectorSettings.Value] = [:]
        var issues: [SettingIssue] = []
        for field in fields {
            let typed = input[field.key].map { $0.reveal().trimmingInvisible } ?? ""
            let text = typed.isEmpty ? field.defaultValue ?? "" : typed
            guard !text.isEmpty else {
                if field.isRequired { issues.append(.missing(field)) }
                continue
            }
            do {
                values[field.key] = try field.checked(text, policy: policy)
            } catch {
                issues.append(error)
            }
        }
        issues += input.keys.filter { self[$0] == nil }.sorted().map { .unknown($0, known: fields.map(\.key)) }
        return SettingsValidation(settings: ConnectorSettings(values: values, policy: policy), issues: issues)
    }
}

extension SettingField {
    fileprivate func checked(_ text: String, policy: AddressPolicy) throws(SettingIssue) -> ConnectorSettings.Value {
        switch kind {
        case .serviceURL:
            do {
                return .serviceURL(try ServiceURL(typed: text, policy: policy, installation: installation))
            } catch {
                throw SettingIssue(field: key, code: error.code, localizedMessage: .url(error))
            }
        case .integer(let range):
            guard let number = Int(text), range.contains(number) else {
                let shown = isSecret ? nil : String(text.prefix(40))
                throw .invalid(self, .notANumber(label: label, shown: shown, lowest: range.lowerBound, highest: range.upperBound))
            }
            return .integer(number)
        case .text(let limit):
            guard text.count <= limit else { throw .invalid(self, .tooLong(label: label, count: text.count, limit: limit)) }
            guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
                throw .invalid(self, .controlCharacter(label: label))
            }
            return isSecret ? .secret(Secret(text)) : .text(text)
        }
    }
}
