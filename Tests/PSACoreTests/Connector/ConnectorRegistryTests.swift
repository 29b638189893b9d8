import Testing

@testable import PSACore

@Suite struct ConnectorRegistryTests {
    struct Halo: PlaceholderConnector {
        static let descriptor = SampleConnector.describing(
            id: ConnectorID("halopsa"), aliases: ["halo", "halo-itsm"], tier: .placeholder, capabilities: [])
    }

    struct Autotask: PlaceholderConnector {
        static let descriptor = SampleConnector.describing(id: ConnectorID("autotask"), aliases: [], tier: .placeholder, capabilities: [])
    }

    struct Thief: PlaceholderConnector {
        static let descriptor = SampleConnector.describing(id: ConnectorID("thief"), aliases: ["halo"])
    }

    struct Shouting: PlaceholderConnector {
        static let descriptor = SampleConnector.describing(id: ConnectorID("shouting"), aliases: ["LOUD"])
    }

    private func registry() throws -> ConnectorRegistry { try ConnectorRegistry([Halo.self, SampleConnector.self, Autotask.self]) }

    private func context() -> ConnectorContext {
        struct NoTransport: HTTPTransport {
            func send(_ request: TransportRequest) async throws -> TransportResponse {
                throw TransportError(.unusableRequest, delivery: .notSent)
            }
        }
        return ConnectorContext(transport: NoTransport())
    }

    @Test(arguments: ["halopsa", "HaloPSA", "HALOPSA", " halopsa ", "\thalopsa\n", "halo", "Halo", "HALO-ITSM"])
    func aConnectorIsFoundByNameOrAliasInAnyCase(name: String) throws {
        #expect(try registry().descriptor(named: name).id.rawValue == "halopsa")
    }

    @Test func aConnectorKnownOnlyAtRunTimeIsOfferedBesideTheOthers() async throws {
        let foreign = ConnectorRegistration(descriptor: SampleConnector.describing(id: ConnectorID("foreign"), aliases: [])) {
            try SampleConnector(settings: $0, context: $1)
        }
        let registry = try registry().adding(foreign)
        #expect(registry.descriptors.map(\.id.rawValue) == ["autotask", "foreign", "halopsa", "sample"])
        var settings = SettingsInput()
        settings["key"] = Secret("x")
        let report = try await registry.connect("foreign", settings: settings, context: context()).testConnection()
        #expect(report.isConnected)
    }

    @Test func addingAConnectorUnderATakenNameIsRefused() throws {
        let thief = ConnectorRegistration(Thief.self)
        #expect(throws: ConnectorRegistry.Problem.duplicateName("halo")) { try registry().adding(thief) }
    }

    @Test func connectorsAreListedInAlphabeticalOrder() throws {
        #expect(try registry().descriptors.map(\.id.rawValue) == ["autotask", "halopsa", "sample"])
        #expect(try ConnectorRegistry([]).descriptors.isEmpty)
    }

    @Test(
        arguments: [
            ("halopas", "halopsa"), ("halpsa", "halopsa"), ("autotesk", "autotask"), ("hallo", "halo"), ("zzzzzzzz", nil), ("", nil),
        ] as [(String, String?)])
    func anUnknownNameIsAnErrorWithTheKnownNamesAndTheNearest(name: String, nearest: String?) throws {
        let registry = try registry()
        let error = try #require(throws: PSAError.self) { try registry.descriptor(named: name) }
        #expect(error.code == .configUnknownConnector)
        #expect(error.guidance.detail == "No connector is registered under “\(name)”.")
        #expect(error.guidance.steps.first == "Use one of the registered names: autotask, halopsa, sample.")
        #expect(error.guidance.causes.first?.evidence == nearest.map { "The nearest registered name is “\($0)”." })
        #expect(throws: PSAError.self) { try registry.connect(name, settings: [:], context: context()) }
    }

    @Test func anEmptyRegistryKnowsNobody() throws {
        let error = try #require(throws: PSAError.self) { try ConnectorRegistry([]).descriptor(named: "halopsa") }
        #expect(error.code == .configUnknownConnector)
    }

    @Test func aLongTypedNameIsCut() throws {
        let error = try #require(throws: PSAError.self) { try registry().descriptor(named: String(repeating: "x", count: 100_000)) }
        #expect(error.guidance.detail.count < 200)
    }

    @Test func twoConnectorsOfOneNameAreRefused() {
        #expect(throws: ConnectorRegistry.Problem.duplicateName("halopsa")) { try ConnectorRegistry([Halo.self, Halo.self]) }
        #expect(throws: ConnectorRegistry.Problem.duplicateName("halo")) { try ConnectorRegistry([Halo.self, Thief.self]) }
    }

    @Test func anAliasThatIsNoNameIsRefused() {
        #expect(throws: ConnectorRegistry.Problem.malformedAlias("LOUD", of: ConnectorID("shouting"))) {
            try ConnectorRegistry([Shouting.self])
        }
    }

    @Test func badSettingsAreOneErrorWithAllProblems() throws {
        let error = try #require(throws: PSAError.self) { try registry().connect("sample", settings: ["kay": "x"], context: context()) }
        #expect(error.code == .configMissingField)
        #expect(error.connector?.rawValue == "sample")
        #expect(error.settingIssues.map(\.field) == ["key", "kay"])
    }

    @Test func settingsAreCheckedUnderTheContextsPolicy() throws {
        struct Addressed: PlaceholderConnector {
            static let descriptor = SampleConnector.describing(settings: SettingsSchema([.sample("url", kind: .serviceURL)]))
        }
        let registry = try ConnectorRegistry([Addressed.self])
        var context = context()
        #expect(throws: PSAError.self) { try registry.connect("sample", settings: ["url": "http://127.0.0.1"], context: context) }
        context.addressPolicy = .allowingLoopback
        _ = try registry.connect("sample", settings: ["url": "http://127.0.0.1"], context: context)
    }

    @Test func whatAnInitialiserThrowsIsAttributedToo() throws {
        let contradiction = try #require(throws: PSAError.self) {
            try registry().connect("sample", settings: ["key": "contradiction"], context: context())
        }
        #expect(contradiction.code == .configInvalidField && contradiction.connector?.rawValue == "sample")
        let defect = try #require(throws: PSAError.self) {
            try registry().connect("sample", settings: ["key": "defect"], context: context())
        }
        #expect(defect.code == .connectorDefect && defect.connector?.rawValue == "sample")
        #expect(!defect.problem.encodedText.contains("hunter2"))
    }

    @Test(arguments: [
        ("halopsa", true), ("a", true), ("a-b-2", true), (String(repeating: "a", count: 40), true), ("", false), ("Halo", false),
        ("2a", false), ("-a", false),
        ("a-", false), ("a_b", false), ("a b", false), ("é", false), (String(repeating: "a", count: 41), false),
    ])
    func aConnectorNameIsLowerCaseWordsJoinedByHyphens(text: String, isName: Bool) {
        #expect((ConnectorID(text)?.rawValue == text) == isName)
    }
}
