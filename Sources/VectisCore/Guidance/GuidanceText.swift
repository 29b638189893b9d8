package import PSACore
import PSAEngine
import VectisRules

/// A failure as an administrator reads it in a terminal: what happened, why, what to do, in that order.
package struct GuidanceText {
    private let error: PSAError
    private let guidance: Guidance
    private let descriptor: ConnectorDescriptor?
    private let renderer: TextRenderer
    private let isOccurrence: Bool

    /// Creates the text of an error.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - registry: The connectors, for the names of settings.
    ///   - renderer: The language.
    ///   - isOccurrence: Whether it happened; otherwise the text explains a code, and has no correlation id.
    package init(_ error: PSAError, registry: ConnectorRegistry, renderer: TextRenderer, isOccurrence: Bool = true) {
        self.error = error
        self.isOccurrence = isOccurrence
        self.renderer = renderer.on(.terminal)
        guidance = error.guidance(in: self.renderer)
        descriptor = error.connector.flatMap { try? registry.descriptor(named: $0.rawValue) }
    }

    /// The whole text, ending with a line end.
    package var text: String {
        var lines = ["", "\(guidance.title)  [\(error.code)]", "", guidance.detail]
        if error.settingIssues.count > 1 {
            lines += section(.settingsToCorrect, error.settingIssues.map { "\(label($0.field)): \(renderer.text($0.localizedMessage))" })
        }
        lines += section(.why, causes)
        lines += section(.whatToDo, guidance.steps.enumerated().map { "\($0 + 1). \($1)" })
        lines += section(.ifThatWasNotIt, guidance.otherSteps.enumerated().map { "\($0 + 1 + guidance.steps.count). \($1)" })
        lines += [""] + facts.map { renderer.text($0) }
        return lines.joined(separator: "\n") + "\n"
    }

    private var causes: [String] {
        guidance.causes.flatMap { cause in
            [Columns.pad(renderer.text(CoreMessage.confidence(cause.confidence)), to: 15) + cause.text]
                + (cause.evidence.map { [Columns.pad("", to: 15) + renderer.text(TerminalMessage.seen($0))] } ?? [])
        }
    }

    private var facts: [TerminalMessage] {
        var facts: [TerminalMessage] = [.whoHasToAct(guidance.responsibleParty)]
        if !guidance.fields.isEmpty { facts.append(.settingToChange(guidance.fields.map(label))) }
        if let suggestion = guidance.suggestion {
            let field = label(suggestion.field)
            facts.append(suggestion.value.isEmpty ? .valueToEmpty(field) : .valueToPaste(field, suggestion.value))
        }
        facts.append(.whatHappensNext(guidance.retry))
        if let guide = guidance.guide { facts.append(.guide(guide.description)) }
        if let words = vendorWords { facts.append(.vendorSaid(vendor: descriptor?.displayName ?? "PSA", words: words)) }
        if let request = error.request { facts.append(.toRequest(request)) }
        return facts + (isOccurrence ? [.correlationID(error.correlationID.rawValue)] : [])
    }

    private var vendorWords: String? {
        guard let vendor = error.vendor else { return nil }
        let parts = [vendor.status.map { "HTTP \($0)" }, vendor.code, vendor.message.map { "“\($0)”" }, vendor.requestID].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    private func section(_ title: TerminalMessage, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["", renderer.text(title)] + lines.map { "  " + $0 }
    }

    private func label(_ key: SettingKey) -> String {
        descriptor.flatMap { $0.settings[key]?.name(for: $0.id) }.map { renderer.text($0) } ?? key.rawValue
    }
}

/// Text in columns.
package enum Columns {
    /// The text padded with spaces to a width, truncated with an ellipsis if it is longer and truncation is requested.
    package static func pad(_ text: String, to width: Int, cutting: Bool = false) -> String {
        let count = text.count
        if count <= width { return text + String(repeating: " ", count: width - count) }
        return cutting ? text.prefix(max(width - 1, 0)) + "…" : text
    }
}
