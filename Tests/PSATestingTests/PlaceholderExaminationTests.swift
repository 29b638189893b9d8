import PSACore
import PSATesting
import Testing

@Suite("The examination of placeholders")
struct PlaceholderExaminationTests {
    /// A placeholder that breaks one promise.
    struct Broken: Sendable, CustomTestStringConvertible {
        let rule: PlaceholderRule
        var registration = PlaceholderExaminationTests.registration()
        var guide = PlaceholderExaminationTests.guide

        var testDescription: String { rule.rawValue }
    }

    private static let guide = """
        # Connect Empty PSA

        > It can't connect yet. See [below](#1-start).

        ## 1. Start

        Server URL `serverURL` `EMPTY_SERVER_URL`, API key `apiKey` `EMPTY_API_KEY`
        """

    private static let serverURL = field("serverURL", "Server URL", "https://acme.example.com", kind: .serviceURL)
    private static let apiKey = field("apiKey", "API key", "example-key", isSecret: true)

    private static func field(
        _ key: SettingKey, _ label: String, _ example: String, kind: SettingField.Kind = .text(maximumLength: 200), isSecret: Bool = false
    ) -> SettingField {
        SettingField(
            key, label: label, help: "Where it is.", example: example, kind: kind, isRequired: true, isSecret: isSecret,
            guideAnchor: GuideAnchor("Docs/ConnectEmpty.md", "1-start"))
    }

    private static func registration(
        aliases: [String] = [], tier: ConnectorTier = .placeholder, capabilities: Set<Capability> = [],
        fields: [SettingField] = [serverURL, apiKey],
        make: @escaping @Sendable (Secret?, ConnectorContext) throws -> EmptyConnection = { _, _ in EmptyConnection() }
    ) -> ConnectorRegistration {
        let descriptor = ConnectorDescriptor(
            id: ConnectorID("empty"), aliases: aliases, displayName: "Empty PSA", tier: tier, settings: SettingsSchema(fields),
            capabilities: capabilities, guidance: GuidanceCatalogue(vendorName: "Empty PSA", overrides: [:]), guide: "Docs/ConnectEmpty.md")
        return ConnectorRegistration(descriptor: descriptor) { try make($0.secret("apiKey"), $1) }
    }

    private static let broken: [Broken] = [
        Broken(
            rule: .conformance,
            registration: registration(fields: [serverURL, field("apiKey", "API key", String(repeating: "x", count: 201), isSecret: true)])),
        Broken(rule: .noAbility, registration: registration(capabilities: [.readTickets])),
        Broken(rule: .names, registration: registration(aliases: ["Empty PSA"])),
        Broken(rule: .test, registration: registration { _, context in EmptyConnection(probe: context.transport) }),
        Broken(rule: .operations, registration: registration(tier: .complete)),
        Broken(rule: .missing, registration: registration(fields: [serverURL, apiKey, apiKey])),
        Broken(rule: .malformed, registration: registration(fields: [serverURL, apiKey, apiKey])),
        // It knows the setting that no connector should know.
        Broken(rule: .allAtOnce, registration: registration(fields: [serverURL, field("colour", "Colour", "blue")])),
        Broken(rule: .secrecy, registration: registration { secret, _ in EmptyConnection(note: secret?.reveal() ?? "") }),
        Broken(
            rule: .secretProblems,
            registration: registration(fields: [
                serverURL, field("apiKey", "API key", "example-key", kind: .text(maximumLength: 400), isSecret: true),
            ])),
        Broken(rule: .guide, guide: guide.replacing("`EMPTY_API_KEY`", with: "")),
        Broken(rule: .guide, guide: guide.replacing("can't connect yet", with: "connects")),
        Broken(rule: .guide, guide: guide.replacing("#1-start", with: "#2-end")),
    ]

    @Test(arguments: PlaceholderRule.allCases)
    func anHonestOneKeepsEveryRule(rule: PlaceholderRule) async throws {
        #expect(try await PlaceholderExamination(Self.registration(), guide: Self.guide).violations(of: rule) == [])
    }

    @Test(arguments: broken)
    func aBrokenPromiseIsFound(broken: Broken) async throws {
        #expect(try await !PlaceholderExamination(broken.registration, guide: broken.guide).violations(of: broken.rule).isEmpty)
    }

    @Test func everyRuleHasABrokenPromise() {
        #expect(Set(Self.broken.map(\.rule)) == Set(PlaceholderRule.allCases))
    }
}

/// A connection without abilities that can be made to expose a secret or to send a request.
private struct EmptyConnection: PSAConnection {
    var note = ""
    var probe: (any HTTPTransport)?

    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        if let probe { _ = try? await probe.send(TransportRequest(.get, ServiceURL(typed: "acme.example.com"), route: "/")) }
        let catalogue = GuidanceCatalogue(vendorName: "Empty PSA", overrides: [:])
        let check = ConnectionCheck(
            .address, .failed, evidence: CoreMessage.placeholderContactsNothing,
            error: PSAError(.connectorPlaceholder, catalogue: catalogue)
        )
        return ConnectionReport(connector: ConnectorID("empty"), host: "Empty PSA", checks: [check])
    }
}
