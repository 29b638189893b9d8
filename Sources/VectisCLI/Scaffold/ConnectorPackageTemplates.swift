import PSACore

/// The files of a package that holds a new connector: one list works against a fake server, and the conformance test passes.
///
/// `Tests/Embedding` has what is written for the name Desk; it is built and tested there.
struct ConnectorPackageTemplates: Sendable {
    let name: ConnectorName
    let source: PackageSource

    /// Paths and texts, from the root of the package.
    var files: [(path: String, text: String)] {
        [
            ("Package.swift", manifest), ("README.md", readme), (".gitignore", ".build/\n"), (name.guide, guide),
            ("Sources/\(name.module)/\(name.module)Connector.swift", connector),
            ("Sources/\(name.module)/\(name.module)Descriptor.swift", descriptor),
            ("Tests/\(name.module)Tests/Fake\(name.module).swift", fakeServer),
            ("Tests/\(name.module)Tests/\(name.module)ConformanceTests.swift", tests),
            ("Tests/\(name.module)Tests/LiveConformanceTests.swift", liveTests),
        ]
    }

    private func variable(_ key: SettingKey) -> String { key.environmentVariable(for: name.id) }
}

/// Where a new package takes this one from.
enum PackageSource: Sendable, Equatable {
    /// A clone, by its path.
    case folder(String)
    /// A repository, by its address and the first version that will do.
    case repository(String)

    /// What stands in the manifest as long as no address is known.
    static let placeholder = PackageSource.repository("https://git.example.com/psa-connectors.git")

    /// Takes an address, or a path.
    init(_ text: String) { self = text.contains("://") || text.hasPrefix("git@") ? .repository(text) : .folder(text) }

    fileprivate var dependency: String {
        switch self {
        case .folder(let path): ".package(name: \"psa-connectors\", path: \(Self.literal(path)))"
        case .repository(let url): ".package(url: \(Self.literal(url)), from: \"1.0.0\")"
        }
    }

    private static func literal(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}

extension ConnectorPackageTemplates {
    private var manifest: String {
        #"""
        // swift-tools-version: 6.2
        import PackageDescription

        let package = Package(
            name: "\#(name.id)-connector",
            platforms: [.macOS(.v15)],
            products: [.library(name: "\#(name.module)", targets: ["\#(name.module)"])],
            dependencies: [\#(source.dependency)],
            targets: [
                .target(
                    name: "\#(name.module)", dependencies: [.product(name: "PSACore", package: "psa-connectors")],
                    swiftSettings: [.enableUpcomingFeature("InternalImportsByDefault")]),
                .testTarget(
                    name: "\#(name.module)Tests",
                    dependencies: [
                        "\#(name.module)", .product(name: "PSACore", package: "psa-connectors"),
                        .product(name: "PSACurl", package: "psa-connectors"), .product(name: "PSATesting", package: "psa-connectors"),
                    ]),
            ]
        )

        """#
    }

    private var readme: String {
        #"""
        # \#(name.displayName)

        A connector to \#(name.displayName), for [psa-connectors](https://git.example.com/psa-connectors). It reads companies from a fake server, and keeps the
        rules that concern it.

        ```sh
        swift test
        ```

        1. `Tests/\#(name.module)Tests/Fake\#(name.module).swift`: let it answer as the vendor's documents say.
        2. `Sources/\#(name.module)/\#(name.module)Descriptor.swift` and `\#(name.guide)`: say what \#(name.displayName) really asks for.
        3. `Sources/\#(name.module)/\#(name.module)Connector.swift`: add one ability after another. “Writing a connector” (Docs/WritingAConnector.md there) leads through
           them; the conformance test says what is missing.
        4. `Tests/\#(name.module)Tests/LiveConformanceTests.swift`: the same rules at a real tenant. It is skipped unless the tenant's settings are in the environment:

        ```sh
        \#(variable("serverURL"))=https://test.example.com \#(variable("apiKey"))=… swift test --filter LiveConformanceTests
        ```

        A host takes it as `ConnectorRegistry([\#(name.module)Connector.self])`.

        """#
    }

    private var connector: String {
        #"""
        public import PSACore

        /// A connector to \#(name.displayName): it reads companies.
        public struct \#(name.module)Connector: PSAConnector {
            /// Its name, its settings and its abilities.
            public static var descriptor: ConnectorDescriptor { \#(name.module)Descriptor.descriptor }

            private let client: VendorClient<\#(name.module)Message>
            /// For a person who waits: nothing is repeated.
            private let testClient: VendorClient<\#(name.module)Message>

            /// Makes a connection without contacting \#(name.displayName).
            public init(settings: ConnectorSettings, context: ConnectorContext) throws {
                guard let server = settings.serviceURL("serverURL"), let key = settings.secret("apiKey") else {
                    throw PSAError(.configMissingField)
                }
                let vendor = VendorDeclaration<\#(name.module)Message>(
                    \#(name.module)Descriptor.descriptor, origin: server, addressPolicy: settings.policy, basePath: "/api",
                    authentication: .headers([(name: "X-Api-Key", value: key)]), rateLimit: RateLimit(60, per: .seconds(60)),
                    lists: ListFormat { RowList(array: $0["rows"], total: $0["total"]?.integer) })
                client = VendorClient(vendor, context: context)
                testClient = VendorClient(vendor, context: context, timeouts: .connectionTest(within: context.connectionTestLimit))
            }

            /// Reads one page of each list.
            public func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
                try await testClient.connectionTest(about: nil, progress: progress) { progress in
                    let check = try await testClient.readCheck(.readCompanies, about: .companies) {
                        try await companies(at: nil, through: testClient)
                    }
                    progress(check)
                    return [check]
                }
            }
        }

        extension \#(name.module)Connector: CompanyReading {
            /// A page of `/api/companies`.
            public func companies(at cursor: PageCursor?) async throws -> Page<Company> { try await companies(at: cursor, through: client) }

            private func companies(at cursor: PageCursor?, through client: VendorClient<\#(name.module)Message>) async throws -> Page<Company> {
                try await client.numberedPage("/companies", at: cursor, about: .companies) { row in
                    row.id().map { Company(id: $0, name: row.text("name") ?? "", native: row.native) }
                }
            }
        }

        /// The connector's own messages.
        enum \#(name.module)Message: String, LocalizedMessage {
            case companies = "the companies"

            var values: [String: MessageValue] { [:] }
            func pattern(in language: Language) -> String { rawValue }
        }

        """#
    }

    private var descriptor: String {
        #"""
        import PSACore

        /// What \#(name.displayName) asks for, and what can be done with it.
        enum \#(name.module)Descriptor {
            private static let guide = "\#(name.guide)"

            static let descriptor = ConnectorDescriptor(
                id: ConnectorID("\#(name.id)"), displayName: "\#(name.displayName)", tier: .complete,
                settings: SettingsSchema([
                    SettingField(
                        "serverURL", label: "Server URL", help: "The address you log in at.", example: "https://acme.example.com",
                        kind: .serviceURL, purpose: .tenant, isRequired: true, guideAnchor: GuideAnchor(guide, "1-find-the-server-url")),
                    SettingField(
                        "apiKey", label: "API Key", help: "Made for this integration by an administrator.",
                        example: "example-key-not-a-real-one", isRequired: true, isSecret: true,
                        guideAnchor: GuideAnchor(guide, "2-make-an-api-key")),
                ]),
                capabilities: [.readCompanies],
                guidance: GuidanceCatalogue(vendorName: "\#(name.displayName)", addressField: "serverURL", overrides: [:]), guide: guide)
        }

        """#
    }

    private var fakeServer: String {
        #"""
        import PSACore
        import PSATesting

        /// \#(name.displayName) in memory, to write the connector against: make it answer as the vendor's documents say.
        enum Fake\#(name.module) {
            /// The settings with which the connector connects to it.
            static let settings: SettingsInput = ["serverURL": "https://acme.example.com", "apiKey": apiKey]

            private static let apiKey = "fake-key-000001"

            /// What it stores.
            struct State: Sendable {
                var companies = (1...45).map { number -> JSONValue in ["id": .integer(number), "name": .string("Company \(number)")] }
            }

            /// A server with some companies.
            static func server() -> FakeServer<State> {
                FakeServer(State()) { request in
                    request.headers["X-Api-Key"] == apiKey ? nil : .json(401, ["message": "The API key is not valid."])
                }
                .on(.get, "/api/companies") { request, state in
                    .json(200, ["total": .integer(state.companies.count), "rows": .array(request.page(of: state.companies, size: 20))])
                }
            }
        }

        """#
    }

    private var tests: String {
        #"""
        import \#(name.module)
        import Foundation
        import PSACore
        import PSATesting
        import Testing

        @Suite("\#(name.displayName) keeps the rules of a connector")
        struct \#(name.module)ConformanceTests {
            /// Rules that are not kept yet are `todo` here, with a reason.
            private static func profile() throws -> ConformanceProfile { try ConformanceProfile(standings: [:]) }

            @Test func itKeepsEveryRuleThatItsProfileDoesNotName() async throws {
                let subject = ConformanceSubject(
                    ConnectorRegistration(\#(name.module)Connector.self), settings: Fake\#(name.module).settings, transport: Fake\#(name.module).server(),
                    profile: try Self.profile(), mayWrite: true, guideHeadings: try Self.guideHeadings())
                let report = try await ConformanceSuite.run(subject)
                #expect(report.complaints.map { "\($0.rule.id): \($0.outcome.logLines)" } == [])
                #expect(report.grade == .platinum)
            }

            private static func guideHeadings() throws -> Set<String> {
                var folder = URL(fileURLWithPath: #filePath)
                for _ in 1...3 { folder.deleteLastPathComponent() }
                let guide = folder.appendingPathComponent(\#(name.module)Connector.descriptor.guide)
                return GuideHeadings.anchors(of: try String(contentsOf: guide, encoding: .utf8))
            }
        }

        """#
    }

    private var liveTests: String {
        #"""
        import \#(name.module)
        import Foundation
        import PSACore
        import PSACurl
        import PSATesting
        import Testing

        /// A real tenant whose settings are in the environment, such as `\#(variable("serverURL"))`.
        ///
        /// With `\#(variable("allowWrites"))=1` tickets are created, and stay there: use a tenant and an account made for tests.
        enum LiveTenant {
            /// The settings; nil if one that is required is not in the environment.
            static var settings: SettingsInput? {
                let descriptor = \#(name.module)Connector.descriptor
                var settings = SettingsInput()
                for field in descriptor.settings.fields {
                    settings[field.key] = environment[field.key.environmentVariable(for: descriptor.id)].map { Secret($0) }
                }
                return descriptor.settings.fields.allSatisfy { !$0.isRequired || settings[$0.key] != nil } ? settings : nil
            }

            static var mayWrite: Bool { environment["\#(variable("allowWrites"))"] == "1" }

            private static var environment: [String: String] { ProcessInfo.processInfo.environment }
        }

        @Suite("\#(name.displayName) keeps the rules of a connector at a real tenant", .enabled(if: LiveTenant.settings != nil))
        struct LiveConformanceTests {
            @Test func itKeepsEveryRule() async throws {
                let subject = ConformanceSubject(
                    ConnectorRegistration(\#(name.module)Connector.self), settings: try #require(LiveTenant.settings), transport: CurlTransport(),
                    mayWrite: LiveTenant.mayWrite)
                let report = try await ConformanceSuite.run(subject) { line in
                    print("\(line.rule.id): \(line.outcome.name) \(line.outcome.logLines.joined(separator: " "))")
                }
                print("Grade: \(report.gradeText)")
                #expect(report.complaints.map { "\($0.rule.id): \($0.outcome.logLines)" } == [])
            }
        }

        """#
    }

    private var guide: String {
        #"""
        # Connect \#(name.displayName)

        For administrators: what to do in \#(name.displayName), and which values to enter.

        | Setting | Key | Environment |
        | --- | --- | --- |
        | Server URL | `serverURL` | `\#(variable("serverURL"))` |
        | API Key | `apiKey` | `\#(variable("apiKey"))` |

        ## 1. Find the server URL

        It is the address in the browser when you are logged in.

        ## 2. Make an API key

        Where \#(name.displayName) makes one, and what it has to allow, is not written down yet.

        """#
    }
}
