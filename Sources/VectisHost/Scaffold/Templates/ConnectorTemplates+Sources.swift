extension ConnectorTemplates {
    var connector: String {
        """
        public import PSACore

        /// A placeholder for \(name.displayName): it is listed and its settings are checked, and it does not connect.
        ///
        /// `README.md` in this folder says what is missing.
        public struct \(name.module)Connector: PlaceholderConnector {
            /// Its name, its settings, and no capability.
            public static var descriptor: ConnectorDescriptor { \(name.module)Descriptor.descriptor }

            /// Makes the placeholder.
            public init() {}
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
        \(["PSACore", "TestSupport", "Testing", name.module].sorted().map { "import " + $0 }.joined(separator: "\n"))

        @Suite("\(name.displayName) is an honest placeholder")
        struct \(name.module)PlaceholderTests {
            @Test("it keeps to what a placeholder promises", arguments: PlaceholderRule.allCases)
            func promise(rule: PlaceholderRule) async throws {
                #expect(try await PlaceholderExamination(\(name.module)Connector.self).findings(rule) == [])
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
