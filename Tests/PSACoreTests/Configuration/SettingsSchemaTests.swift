import Testing

@testable import PSACore

@Suite struct SettingsSchemaTests {
    private let schema = SettingsSchema([
        .sample("tenantURL", kind: .serviceURL), .sample("clientID"), .sample("clientSecret", isSecret: true),
        .sample("scope", isRequired: false, defaultValue: "all"),
        .sample("pageSize", kind: .integer(1...100), isRequired: false, defaultValue: "50"),
        .sample("note", isRequired: false),
    ])
    private let good: SettingsInput = ["tenantURL": "acme.example.com", "clientID": "id", "clientSecret": "secret"]

    private func with(_ changes: [SettingKey: String]) -> SettingsInput {
        var input = good
        for (key, value) in changes { input[key] = Secret(value) }
        return input
    }

    @Test func goodSettingsAreReadByKindWithDefaultsForTheRest() throws {
        let settings = try #require(schema.validate(good, policy: .allowingLoopback).settings)
        #expect(settings.serviceURL("tenantURL")?.text == "https://acme.example.com")
        #expect(settings.text("clientID") == "id")
        #expect(settings.secret("clientSecret")?.reveal() == "secret")
        #expect(settings.text("scope") == "all")
        #expect(settings.integer("pageSize") == 50)
        #expect(settings.text("note") == nil)
        #expect(settings.policy == .allowingLoopback)
    }

    @Test func aValueIsNotReadAsAnotherKindOrUnderAnotherName() throws {
        let settings = try #require(schema.validate(good).settings)
        #expect(settings.text("tenantURL") == nil && settings.secret("clientID") == nil && settings.text("clientSecret") == nil)
        #expect(settings.text("pageSize") == nil && settings.integer("scope") == nil && settings.text("unknown") == nil)
    }

    @Test func everyProblemIsFoundAtOnceInFormOrderAndUnknownKeysLast() {
        let input: SettingsInput = [
            "zzz": "1", "tenantURL": "http://acme.example.com", "clientID": "", "pageSize": "0", "cliantSecret": "x", "note": "a\nb",
        ]
        let validation = schema.validate(input)
        #expect(validation.settings == nil)
        #expect(
            validation.issues.map(\.field.rawValue) == [
                "tenantURL", "clientID", "clientSecret", "pageSize", "note", "cliantSecret", "zzz",
            ])
        #expect(
            validation.issues.map(\.code) == [
                .urlInsecure, .configMissingField, .configMissingField, .configInvalidField, .configInvalidField, .configUnknownField,
                .configUnknownField,
            ])
    }

    @Test func anEmptyInputMissesExactlyTheRequiredFields() {
        let problems = schema.validate([:]).issues
        #expect(problems.map(\.field.rawValue) == ["tenantURL", "clientID", "clientSecret"])
        #expect(problems.first?.message == "Label of tenantURL is needed. Help for tenantURL.")
    }

    @Test(
        arguments: [
            ("cliantSecret", "clientSecret"), ("clientsecret", "clientSecret"), ("CLIENT_ID", "clientID"), ("clientId", "clientID"),
            ("tenantUrl", "tenantURL"), ("tenentURL", "tenantURL"), ("pagesize", "pageSize"), ("scopes", "scope"), ("zzzzzz", nil),
            ("", nil),
        ] as [(String, String?)])
    func anUnknownKeyIsToldWithTheNearestName(typed: String, nearest: String?) throws {
        let problem = try #require(schema.validate(with([SettingKey(typed): "x"])).issues.first)
        #expect(problem.code == .configUnknownField)
        #expect(problem.message.contains("Did you mean “\(nearest ?? "")”?") == (nearest != nil))
        #expect(problem.message.contains("Known settings: tenantURL, clientID, clientSecret, scope, pageSize, note."))
    }

    @Test(arguments: [" secret ", "\tsecret\n", "\u{FEFF}secret\u{200B}", "\r\nsecret\u{A0}"]) func blanksAroundAValueAreDropped(
        typed: String
    ) {
        let settings = schema.validate(with(["clientSecret": typed, "clientID": typed])).settings
        #expect(settings?.secret("clientSecret")?.reveal() == "secret")
        #expect(settings?.text("clientID") == "secret")
    }

    @Test func blanksInsideAValueStay() {
        #expect(schema.validate(with(["scope": " a  b "])).settings?.text("scope") == "a  b")
    }

    @Test(arguments: ["", "   ", "\n", "\u{200B}"]) func anEmptyValueCountsAsNotGiven(typed: String) {
        let validation = schema.validate(with(["scope": typed, "clientID": typed]))
        #expect(validation.issues.map(\.code) == [.configMissingField])
        #expect(schema.validate(with(["scope": typed])).settings?.text("scope") == "all")
    }

    @Test(arguments: [("1", 1), ("100", 100), (" 7 ", 7), ("+7", 7), ("007", 7)]) func aNumberWithinBoundsIsTaken(
        typed: String, number: Int
    ) {
        #expect(schema.validate(with(["pageSize": typed])).settings?.integer("pageSize") == number)
    }

    @Test(arguments: ["0", "101", "-1", "1.0", "1e1", "ten", "99999999999999999999", "1 0", "0x10", "٧"])
    func anyOtherNumberIsAProblemThatNamesTheBounds(typed: String) throws {
        let problem = try #require(schema.validate(with(["pageSize": typed])).issues.first)
        #expect(problem.code == .configInvalidField)
        #expect(problem.message == "“\(typed)” is not valid: Label of pageSize must be a whole number from 1 to 100.")
    }

    @Test func aTextIsAcceptedUpToItsLimit() throws {
        #expect(schema.validate(with(["clientID": String(repeating: "é", count: 20)])).settings != nil)
        let problem = try #require(schema.validate(with(["clientID": String(repeating: "é", count: 21)])).issues.first)
        #expect(problem.message == "Label of clientID has 21 characters; at most 20 are possible.")
    }

    @Test(arguments: ["hunter2\nhunter2", "hunter2\u{0}x", "hunter2\u{7F}x", "hunter2\u{85}x", String(repeating: "hunter2", count: 30)])
    func aSecretIsNeverPartOfAProblem(typed: String) throws {
        let validation = schema.validate(with(["clientSecret": typed]))
        let problem = try #require(validation.issues.first)
        #expect(problem.code == .configInvalidField)
        #expect(!"\(validation)".contains("hunter") && !String(reflecting: problem).contains("hunter"))
        let number = SettingsSchema([.sample("pin", kind: .integer(0...9_999), isSecret: true)])
        let pin = try #require(number.validate(["pin": "hunter2"]).issues.first)
        #expect(pin.message == "Label of pin must be a whole number from 0 to 9999.")
    }

    @Test(arguments: [
        ("Incident", true), ("12a", true), ("hunter2-is-my-secret", false), ("is-my-secret", false), ("4f1d1b1e-0000-4000-8000", false),
        ("Key: 8RkD93jfKs02LmQx", false), (String(repeating: "x", count: 40), false),
    ])
    func aRejectedValueThatMayBeASecretIsNotRepeated(typed: String, isRepeated: Bool) throws {
        let anchor = GuideAnchor("Docs/x.md", "x")
        let schema = SettingsSchema([
            SettingField("count", label: "Count", help: "h", example: "1", kind: .integer(1...9), guideAnchor: anchor),
            SettingField("isOn", label: "On", help: "h", example: "yes", kind: .flag, guideAnchor: anchor),
            SettingField("key", label: "Key", help: "h", example: "k", isSecret: true, guideAnchor: anchor),
        ])
        let issues = schema.validate(["count": typed, "isOn": typed, "key": "hunter2-is-my-secret"]).issues
        #expect(issues.map(\.field) == ["count", "isOn"])
        for issue in issues { #expect(issue.message.contains(typed.prefix(12)) == isRepeated, "\(issue.message)") }
    }

    @Test func aBadAddressIsToldWithItsOwnCode() {
        func code(_ typed: String, _ policy: AddressPolicy = .publicOnly) -> ErrorCode? {
            schema.validate(with(["tenantURL": typed]), policy: policy).issues.first?.code
        }
        #expect(code("acme") == .urlMalformed)
        #expect(code("http://acme.example.com") == .urlInsecure)
        #expect(code("127.0.0.1") == .urlForbiddenAddress)
        #expect(code("https://user:hunter2@acme.example.com") == .urlMalformed)
        #expect(code("http://127.0.0.1:8080", .allowingLoopback) == nil)
    }

    @Test func aSchemaWithoutFieldsKnowsNoSetting() {
        let problems = SettingsSchema([]).validate(["x": "1"]).issues
        #expect(problems.map(\.message) == ["There is no setting “x”, and this connector has none."])
    }

    @Test func theErrorForBadSettingsNamesOnlyTheFieldsItsCodeIsAbout() {
        let descriptor = SampleConnector.describing(settings: schema)
        let error = PSAError(settings: schema.validate(["clientID": "id", "pageSize": "0"]).issues, descriptor: descriptor)
        #expect(error.code == .configMissingField)
        #expect(error.connector?.rawValue == "sample")
        #expect(error.guidance.fields == ["tenantURL", "clientSecret", "pageSize"])
        #expect(error.guidance.detail == "Nothing was entered for Label of tenantURL, Label of clientSecret, and it is needed.")
        #expect(error.settingIssues.count == 3)
    }
}

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
