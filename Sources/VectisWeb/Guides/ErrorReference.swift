import FoundationEssentials
package import PSACore
import PSAEngine
import VectisCore
import VectisRules

/// The page `Docs/Errors.md`, made from the catalogue so that it always matches.
package struct ErrorReference {
    private let registry: ConnectorRegistry
    private let renderer = TextRenderer()

    package init(registry: ConnectorRegistry) { self.registry = registry }

    /// Every code: those that hold for every vendor, and those of the host itself.
    package static let codes = ErrorCode.allCases + HostErrorCode.allCases.map(\.code) + NotificationErrorCode.allCases.map(\.code)

    /// The texts of a code without those of connectors.
    package static func catalogue(of code: ErrorCode) -> GuidanceCatalogue {
        NotificationErrorCode(code) != nil ? .notifications : HostErrorCode(code) == nil ? .shared : .host
    }

    /// The whole page.
    package var markdown: String {
        let overview = Self.codes.map { code in
            "| [`\(code)`](#\(code.anchor)) | \(Self.catalogue(of: code).template(for: code).title.english) | \(retry(code)) |"
        }
        return """
            # Errors

            Every failure has one of these codes. A code never changes its meaning; texts may be improved. Words in braces are filled in with the
            values of the occurrence. This page is generated from the catalogue (`make docs`); a test compares it.

            In JSON (RFC 9457) the `type` of a problem is the code as an absolute URI that never changes, such as
            `urn:psa-connectors:error:auth.invalid_client`. It is a name and leads nowhere; the host's page about it is `/errors/auth.invalid_client`.

            | Code | Title | Again? |
            | --- | --- | --- |
            \(overview.joined(separator: "\n"))

            \(Self.codes.map(section).joined(separator: "\n"))
            """
    }

    /// One code: the shared text, then that of each connector with its own.
    package func section(for code: ErrorCode) -> String {
        let own = registry.descriptors.filter { $0.guidance.ownCodes.contains(code) }
        var parts = ["## \(code.anchor)", "", "`\(code)`", "", body(Self.catalogue(of: code).template(for: code))]
        for descriptor in own {
            parts += ["### \(descriptor.displayName): \(code.anchor)", "", body(descriptor.guidance.template(for: code))]
        }
        parts += ["What it looks like:", "", "```text", ErrorExample(code, registry: registry).text, "```", ""]
        return parts.joined(separator: "\n")
    }

    /// One code as a terminal shows a failure of it, with all of its causes: the shared text, then that of each connector with its own.
    ///
    /// - Parameters:
    ///   - code: The code.
    ///   - registry: The connectors.
    ///   - renderer: The language.
    /// - Returns: The text, ending with a line end.
    package static func text(of code: ErrorCode, registry: ConnectorRegistry, renderer: TextRenderer) -> String {
        let own = registry.descriptors.filter { $0.guidance.ownCodes.contains(code) }
        let catalogues: [(ConnectorID?, GuidanceCatalogue)] = [(nil, catalogue(of: code))] + own.map { ($0.id, $0.guidance) }
        return catalogues.map { connector, catalogue in
            var error = PSAError(code, catalogue: catalogue, values: [.message: .phrase(ExplanationPlaceholder())])
            error.connector = connector
            error.findings = catalogue.template(for: code).causes.filter(\.needsEvidence)
                .map { CauseEvidence($0.id, .possible, by: .settings) }
            return GuidanceText(error, registry: registry, renderer: renderer, isOccurrence: false).text
        }.joined()
    }

    private func body(_ template: GuidanceTemplate) -> String {
        var lines = ["**\(template.title.english).** \(template.detail.english)", ""]
        for cause in template.causes { lines += self.lines(of: cause) }
        let guide = template.guide.map { " Guide: [\($0.heading)](\($0.description.replacing("Docs/", with: "")))." } ?? ""
        lines += ["\(renderer.text(CoreMessage.retry(template.retry)))\(guide)", ""]
        return lines.joined(separator: "\n")
    }

    /// A cause with its steps and links.
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
        let retry = Self.catalogue(of: code).template(for: code).retry
        return retry.delaySeconds.map { "after \($0) s" } ?? retry.name
    }
}

/// What is in the place of the sentence that an occurrence has.
private struct ExplanationPlaceholder: LocalizedMessage {
    var values: [String: MessageValue] { [:] }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: "(What was found is explained here.)"
        case .german: "(Hier steht, was festgestellt wurde.)"
        }
    }
}

/// One occurrence of a code with sample values, as a terminal shows it.
struct ErrorExample {
    private let error: PSAError
    private let registry: ConnectorRegistry

    init(_ code: ErrorCode, registry: ConnectorRegistry) {
        guard HostErrorCode(code) == nil, NotificationErrorCode(code) == nil else {
            var always = FixedGenerator()
            error = PSAError(
                code, catalogue: ErrorReference.catalogue(of: code),
                values: [.name: .verbatim(Self.hostName(code)), .message: .verbatim("")],
                correlationID: CorrelationID(using: &always))
            self.registry = registry
            return
        }
        // The first connector that the error can come from stands for all.
        let descriptor = registry.descriptors.first { $0.tier == (code == .connectorPlaceholder ? .placeholder : .complete) }
        var always = FixedGenerator()
        var error = PSAError(
            code, catalogue: descriptor?.guidance ?? .shared, values: Self.values(of: descriptor, among: registry),
            vendor: Self.vendor(code),
            correlationID: CorrelationID(using: &always))
        error.connector = descriptor?.id
        self.error = error
        self.registry = registry
    }

    /// The text without surrounding empty lines.
    var text: String {
        GuidanceText(error, registry: registry, renderer: TextRenderer()).text.split(separator: "\n", omittingEmptySubsequences: false)
            .drop { $0.isEmpty }.joined(separator: "\n").trimmingLineEnds
    }

    /// What the example of a host code names.
    private static func hostName(_ code: ErrorCode) -> String {
        switch HostErrorCode(code) {
        case .portReserved: "127.0.0.1 port 443"
        case .portInUse, .addressUnusable, .resourcesExhausted: "127.0.0.1 port 8080"
        case .keyMissing, .keyUnreadable, .keyNotAFile, .keyExposed, .keyDamaged, .keyNotWritable, .keyMismatch: "vectis-data/vectis.key"
        case .folderInUse, .folderUnusable, .folderReplaced: "vectis-data"
        case .copyUnusable: "vectis-data/copy.db"
        case .logUnusable: "/var/log/vectis.log"
        case .outputUnusable: ""
        case .connectorsUnsafe: "vectis-data/connectors"
        case nil: "mail.example.com"
        default: "vectis-data/vectis.db"
        }
    }

    private static func values(
        of descriptor: ConnectorDescriptor?, among registry: ConnectorRegistry
    ) -> [GuidanceTemplate.Slot: MessageValue] {
        let fields = descriptor?.settings.fields ?? []
        let address = fields.lazy.compactMap { URL(string: $0.example)?.host() }.first ?? "psa.example.com"
        let setting = fields.first { $0.purpose == .ticketDefault(.type) } ?? fields.first
        let known = registry.descriptors.map(\.id.rawValue)
        return [
            .host: .verbatim(address), .object: .phrase(CoreMessage.capability(.readTickets)), .scope: .verbatim("read:tickets"),
            .field: .verbatim(setting?.label ?? ""), .name: .verbatim(String((descriptor?.id.rawValue ?? "psa").dropLast())),
            .known: .verbatim(known.joined(separator: ", ")),
            .message: .verbatim("the vendor's or the checker's own sentence is shown here."),
        ]
    }

    /// Only codes that come from a response have one to show.
    private static func vendor(_ code: ErrorCode) -> VendorReply? {
        switch code {
        case .authInvalidClient: VendorReply(status: 401, code: "invalid_client")
        case .authEndpointNotFound: VendorReply(status: 404)
        case .permissionScopeMissing, .permissionRoleDenied: VendorReply(status: 403)
        case .requestRejected, .ticketDefaultInvalid, .permissionActionDenied: VendorReply(status: 400)
        case .rateLimited: VendorReply(status: 429)
        case .vendorUnavailable: VendorReply(status: 503)
        default: nil
        }
    }
}

/// Uses the same correlation id each time, so that the page is reproducible.
private struct FixedGenerator: RandomNumberGenerator {
    private var state: UInt64 = 1

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
    }
}

extension String {
    fileprivate var trimmingLineEnds: String {
        guard let last = lastIndex(where: { !$0.isNewline }) else { return "" }
        return String(self[...last])
    }
}

/// A text file of the repository that is part of the program, so that no file has to be installed beside it.
///
/// Its static members are written during the build by `EmbedPlugin`: ``all``, and one for each file, named after it.
package struct EmbeddedFile: Sendable {
    /// Its path from the repository's root.
    package let path: String
    /// Its content, byte for byte.
    package let text: String

    /// Creates an ``EmbeddedFile``.
    package init(path: String, text: String) {
        self.path = path
        self.text = text
    }

}
