import PSACore

extension SettingField {
    /// Reads a setting as a connector describes it.
    ///
    /// - Parameters:
    ///   - object: The description.
    ///   - guide: The document its anchor leads into.
    /// - Throws: ``WireMismatch``.
    init(_ object: WireObject, guide: String) throws(WireMismatch) {
        let key = try object.required("key", .form(.settingKey)) { $0.string.flatMap { Self.isKey($0) ? $0 : nil } }
        let kind = try Self.kind(object)
        let isSecret = try object.optionalFlag("secret") ?? false
        let purpose = try object.optionalWord("purpose", PurposeName.self) ?? .access
        let label = try object.notEmpty("label")
        let standard = try object.optionalText("default")
        // A default would be a publicly known secret, and a number or an address is displayed.
        if isSecret, kind.isOpen || standard != nil { throw object.mismatch("secret", .form(.acceptedBySetting)) }
        let anchor = try object.optional("anchor", .form(.anchor)) { $0.string.flatMap { Self.isAnchor($0) ? $0 : nil } } ?? ""
        self.init(
            SettingKey(key), label: label, help: try object.notEmpty("help"),
            example: Redactor([]).clean(try object.optionalText("example") ?? ""), kind: kind,
            purpose: purpose.purpose, isRequired: try object.optionalFlag("required") ?? false, isSecret: isSecret, defaultValue: standard,
            guideAnchor: GuideAnchor(guide, anchor))
        if let standard, !accepts(standard) { throw object.mismatch("default", .form(.acceptedBySetting)) }
    }

    private func accepts(_ value: String) -> Bool {
        var input = SettingsInput()
        input[key] = Secret(value)
        return SettingsSchema([self]).validate(input, policy: .allowingPrivate).issues.isEmpty
    }

    private enum KindName: String, CaseIterable {
        case text, serviceURL, integer
    }

    private enum PurposeName: String, CaseIterable {
        case tenant, access, ticketType, ticketStatus, ticketPriority, behaviour

        var purpose: Purpose {
            switch self {
            case .tenant: .tenant
            case .access: .access
            case .ticketType: .ticketDefault(.type)
            case .ticketStatus: .ticketDefault(.status)
            case .ticketPriority: .ticketDefault(.priority)
            case .behaviour: .behaviour
            }
        }
    }

    private static func kind(_ object: WireObject) throws(WireMismatch) -> Kind {
        switch try object.optionalWord("kind", KindName.self) ?? .text {
        case .serviceURL: return .serviceURL
        case .text:
            let length = try object.optionalInteger("maximumLength") ?? 200
            guard (1...10_000).contains(length) else { throw object.mismatch("maximumLength", .wholeNumber) }
            return .text(maximumLength: length)
        case .integer:
            let (lowest, highest) = (try object.optionalInteger("minimum") ?? 0, try object.optionalInteger("maximum") ?? Int(Int32.max))
            guard lowest <= highest else { throw object.mismatch("maximum", .wholeNumber) }
            return .integer(lowest...highest)
        }
    }

    /// Names that forms reserve for themselves.
    private static let reserved: Set<String> = ["action", "receipt", "revision"]

    private static func isKey(_ text: String) -> Bool {
        !reserved.contains(text) && (1...40).contains(text.utf8.count) && text.utf8.first.map { (0x61...0x7A).contains($0) } == true
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) }
    }

    private static func isAnchor(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D || $0 == 0x5F }
    }
}

extension SettingField.Kind {
    /// Whether values of it are shown, as numbers and addresses are.
    fileprivate var isOpen: Bool {
        guard case .text = self else { return true }
        return false
    }
}

extension WireObject {
    /// A required string that is not empty; line ends and control characters become spaces.
    func notEmpty(_ name: String) throws(WireMismatch) -> String {
        let text = Redactor([]).clean(try text(name), maximumLength: 500)
        guard text.contains(where: { !$0.isWhitespace }) else { throw mismatch(name, .form(.notEmpty)) }
        return text
    }
}
