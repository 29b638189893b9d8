import PSACore

/// A failure as an administrator reads it in a terminal: what happened, why, what to do, in that order.
struct GuidanceText {
    private let error: PSAError
    private let descriptor: ConnectorDescriptor?

    init(_ error: PSAError, registry: ConnectorRegistry) {
        self.error = error
        descriptor = error.connector.flatMap { try? registry.descriptor(named: $0.rawValue) }
    }

    /// The whole text, ending with a line end.
    var text: String {
        var lines = ["", "\(error.guidance.title)  [\(error.code)]", "", error.guidance.detail]
        if error.settingProblems.count > 1 {
            lines += ["", "Settings to correct"] + error.settingProblems.map { "  \(label($0.field)): \($0.message)" }
        }
        lines += section("Why", causes)
        lines += section("What to do", error.guidance.steps.enumerated().map { "\($0 + 1). \($1)" })
        lines += ["", "Who has to act: \(error.guidance.actor.label)"]
        if !error.guidance.fields.isEmpty { lines.append("Setting to change: \(error.guidance.fields.map(label).joined(separator: ", "))") }
        lines.append("What happens next: \(error.guidance.retry.explanation)")
        if let guide = error.guidance.guide { lines.append("Guide: \(guide)") }
        if let vendor = vendorWords { lines.append(vendor) }
        lines.append("Correlation id: \(error.correlationID)")
        return lines.joined(separator: "\n") + "\n"
    }

    private var causes: [String] {
        error.guidance.causes.flatMap { cause in
            [Columns.pad(cause.confidence.rawValue, to: 10) + cause.text]
                + (cause.evidence.map { [Columns.pad("", to: 10) + "Seen: \($0)"] } ?? [])
        }
    }

    private var vendorWords: String? {
        guard let vendor = error.vendor else { return nil }
        let parts = [
            vendor.status.map { "HTTP \($0)" }, vendor.code, vendor.message.map { "“\($0)”" }, vendor.requestID.map { "request \($0)" },
        ].compactMap { $0 }
        guard !parts.isEmpty else { return nil }
        return "\(descriptor?.displayName ?? "The PSA") said: \(parts.joined(separator: ", "))" + (error.request.map { " to \($0)" } ?? "")
    }

    private func section(_ title: String, _ lines: [String]) -> [String] { lines.isEmpty ? [] : ["", title] + lines.map { "  " + $0 } }

    private func label(_ key: SettingKey) -> String { descriptor?.settings[key]?.label ?? key.rawValue }
}
