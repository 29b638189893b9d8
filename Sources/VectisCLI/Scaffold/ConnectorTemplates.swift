import PSACore
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// The files of a new connector: a placeholder.
struct ConnectorTemplates: Sendable {
    let name: ConnectorName

    /// The settings that nearly every PSA asks for, so that form, guide and tests agree from the start; the author corrects them.
    static let (serverURL, apiKey) = ("serverURL", "apiKey")
    static let (serverHeading, keyHeading) = ("1. Find the server URL", "2. Make an API key")
    static let (serverAnchor, keyAnchor) = ("1-find-the-server-url", "2-make-an-api-key")
}

extension ConnectorTemplates {
    var readme: String {
        """
        # \(name.displayName)

        A placeholder. It does not connect.

        ## What is there

        - `\(name.module)Descriptor.swift`: the id `\(name.id)`, two settings that are a guess, and no capability.
        - `\(name.module)Connector.swift`: a connector that answers `connector.placeholder` to everything and makes no request.
        - [\(name.guide)](../../\(name.guide)): where a person finds the values; its steps are still to be written.
        - `\(name.testFolder)`: holds all of this to its word.

        ## What is not there

        Every request. [Writing a connector](../../Docs/WritingAConnector.md) leads from here to one that connects.

        """
    }

    var guide: String {
        """
        # Connect \(name.displayName)

        > **This connector is a placeholder. It can't connect yet.** Its settings can be shown and checked. Testing it, and
        > every operation, answers `connector.placeholder`, and no request is made.

        ## What you need

        | Setting | Key | Environment |
        | --- | --- | --- |
        | Server URL | `\(Self.serverURL)` | `\(variable(SettingKey(Self.serverURL)))` |
        | API Key | `\(Self.apiKey)` | `\(variable(SettingKey(Self.apiKey)))` |

        ## \(Self.serverHeading)

        It is the address in the browser when you are logged in. Which page of \(name.displayName) shows it is not written
        down yet.

        ## \(Self.keyHeading)

        Where \(name.displayName) makes one, and what it has to allow, is not written down yet.

        ## Check the settings

        ```sh
        vectis connectors show \(name.id)
        vectis test \(name.id)
        ```

        The first command lists the settings. The second checks them, names every one that is missing or can't be right, and
        then answers that the connector is a placeholder.

        """
    }

    private func variable(_ key: SettingKey) -> String { key.environmentVariable(for: name.id) }
}

extension ConnectorTemplates {
    var connector: String {
        """
        package import PSACore

        /// A placeholder for \(name.displayName): it is listed and its settings are checked, and it does not connect.
        ///
        /// `README.md` in this folder says what is missing.
        package struct \(name.module)Connector: PlaceholderConnector {
            /// Its name, its settings, and no capability.
            package static var descriptor: ConnectorDescriptor { \(name.module)Descriptor.descriptor }

            /// Makes the placeholder.
            package init() {}
        }

        """
    }

    var descriptor: String {
        """
        import PSACore

        /// What \(name.displayName) asks for.
        enum \(name.module)Descriptor {
            static let descriptor = ConnectorDescriptor(
                id: ConnectorID("\(name.id)"),
                displayName: "\(name.displayName)",
                tier: .placeholder,
                settings: SettingsSchema([\(Self.serverURL), \(Self.apiKey)]),
                capabilities: [],
                guidance: GuidanceCatalogue(
                    vendorName: "\(name.displayName)", addressField: "\(Self.serverURL)", overrides: [:]),
                guide: guide)

            private static let guide = "\(name.guide)"

            private static let \(Self.serverURL) = SettingField(
                "\(Self.serverURL)", label: "Server URL", help: "The address you log in at.",
                example: "https://acme.example.com", kind: .serviceURL, purpose: .tenant, isRequired: true,
                guideAnchor: GuideAnchor(guide, "\(Self.serverAnchor)"))

            private static let \(Self.apiKey) = SettingField(
                "\(Self.apiKey)", label: "API Key", help: "Made for this integration by an administrator.",
                example: "example-key-not-a-real-one", isRequired: true, isSecret: true,
                guideAnchor: GuideAnchor(guide, "\(Self.keyAnchor)"))
        }

        """
    }

    var tests: String {
        """
        \(["PSACore", "PSATesting", "TestSupport", "Testing", name.module].sorted().map { "import " + $0 }.joined(separator: "\n"))

        @Suite("\(name.displayName) is an honest placeholder")
        struct \(name.module)PlaceholderTests {
            @Test("it keeps to what a placeholder promises", arguments: PlaceholderRule.allCases)
            func promise(rule: PlaceholderRule) async throws {
                let guide = try RepositoryFile(\(name.module)Connector.descriptor.guide).text
                #expect(try await PlaceholderExamination(\(name.module)Connector.self, guide: guide).violations(of: rule) == [])
            }

            @Test func theFormAsksForTheseSettingsInThisOrder() {
                let fields = \(name.module)Connector.descriptor.settings.fields
                #expect(fields.map(\\.key) == ["\(Self.serverURL)", "\(Self.apiKey)"])
                #expect(fields.filter(\\.isSecret).map(\\.key) == ["\(Self.apiKey)"])
            }
        }

        """
    }
}
