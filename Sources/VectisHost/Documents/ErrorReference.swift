import PSACore

/// The page `Docs/Errors.md`, made from the catalogue so that it can't say anything else.
struct ErrorReference {
    private let registry: ConnectorRegistry
    private let renderer = TextRenderer()

    init(registry: ConnectorRegistry) { self.registry = registry }

    /// The whole page.
    var markdown: String {
        let overview = ErrorCode.allCases.map { code in
            "| [`\(code)`](#\(code.anchor)) | \(GuidanceCatalogue.shared.template(for: code).title.english) | \(retry(code)) |"
        }
        return """
            # Errors

            Every failure has one of these codes. A code never changes its meaning; texts may be improved. Words in braces are filled in with the
            values of the occurrence. This page is generated from the catalogue (`make docs`); a test compares it.

            In JSON (RFC 9457) the `type` of a problem is the code as an absolute URI that never changes, such as
            `urn:psa-connectors:error:auth.invalid_client`. It is a name and leads nowhere; the host's page about it is `/errors#auth-invalid-client`.

            | Code | Title | Again? |
            | --- | --- | --- |
            \(overview.joined(separator: "\n"))

            \(ErrorCode.allCases.map(section).joined(separator: "\n"))
            """
    }

    /// One code: the shared text, then that of each connector with its own.
    func section(for code: ErrorCode) -> String {
        let own = registry.descriptors.filter { $0.guidance.ownCodes.contains(code) }
        var parts = ["## \(code.anchor)", "", "`\(code)`", "", body(GuidanceCatalogue.shared.template(for: code))]
        for descriptor in own {
            parts += ["### \(descriptor.displayName): \(code.anchor)", "", body(descriptor.guidance.template(for: code))]
        }
        parts += ["What it looks like:", "", "```text", ErrorExample(code, registry: registry).text, "```", ""]
        return parts.joined(separator: "\n")
    }

    private func body(_ template: GuidanceTemplate) -> String {
        var lines = ["**\(template.title.english).** \(template.detail.english)", ""]
        for cause in template.causes { lines += self.lines(of: cause) }
        let guide = template.guide.map { " Guide: [\($0.heading)](\($0.description.replacing("Docs/", with: "")))." } ?? ""
        lines += ["\(renderer.text(CoreMessage.retry(template.retry)))\(guide)", ""]
        return lines.joined(separator: "\n")
    }

    /// A cause with all that depends on it.
    private func lines(of cause: CauseTemplate) -> [String] {
        let fields =
            switch cause.fields {
            case .keys(let keys): keys.map { "`\($0)`" }.joined(separator: ", ")
            case .address: "the server's address"
            case .concerned: "those concerned"
            }
        let evidence = cause.evidence.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key) (\($0.value.rawValue))" }
        return ["- \(cause.confidence.rawValue) `\(cause.id)`: \(cause.text.english)"]
            + cause.steps.enumerated().map { "  \($0 + 1). \($1.text.english)" }
            + [
                "",
                "  Who has to act: \(renderer.text(CoreMessage.responsibleParty(cause.responsibleParty)))."
                    + (fields.isEmpty ? "" : " Settings: \(fields).")
                    + (evidence.isEmpty ? "" : " Evidence: \(evidence.joined(separator: ", "))."), "",
            ]
    }

    private func retry(_ code: ErrorCode) -> String {
        let retry = GuidanceCatalogue.shared.template(for: code).retry
        return retry.delaySeconds.map { "after \($0) s" } ?? retry.name
    }
}
