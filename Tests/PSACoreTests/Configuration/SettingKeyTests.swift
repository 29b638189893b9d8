import Testing

@testable import PSACore

@Suite struct SettingKeyTests {
    @Test(arguments: [
        ("tenantURL", "HALOPSA_TENANT_URL"), ("clientID", "HALOPSA_CLIENT_ID"), ("clientSecret", "HALOPSA_CLIENT_SECRET"),
        ("scope", "HALOPSA_SCOPE"),
        ("privateNoteOutcome", "HALOPSA_PRIVATE_NOTE_OUTCOME"), ("baseURLPath", "HALOPSA_BASE_URL_PATH"), ("URL", "HALOPSA_URL"),
        ("oauth2Token", "HALOPSA_OAUTH2_TOKEN"), ("apiV2", "HALOPSA_API_V2"), ("x", "HALOPSA_X"), ("aB", "HALOPSA_A_B"),
    ])
    func aKeyGivesItsEnvironmentVariable(key: String, variable: String) {
        #expect(SettingKey(key).environmentVariable(for: ConnectorID("halopsa")) == variable)
    }

    @Test func hyphensOfTheConnectorBecomeUnderscores() {
        #expect(SettingKey("clientID").environmentVariable(for: ConnectorID("my-psa-2")) == "MY_PSA_2_CLIENT_ID")
    }

    @Test(
        arguments: [
            ("halo", ["halopsa", "autotask"], nil), ("halopsb", ["halopsa", "autotask"], "halopsa"), ("HALOPSA", ["halopsa"], "halopsa"),
            ("halpsa", ["autotask", "halopsa"], "halopsa"), ("hlaopsa", ["halopsa"], "halopsa"), ("x", [], nil), ("", ["halopsa"], nil),
            ("halo", ["halo", "halopsa"], "halo"), (String(repeating: "halopsa", count: 1_000), ["halopsa"], nil),
        ] as [(String, [String], String?)])
    func theNearestNameIsFoundIfItIsASlip(typed: String, names: [String], expected: String?) {
        #expect(NearestName.of(typed, in: names) == expected)
    }
}
