import PSACore
import Testing

@testable import ConnectWise

@Suite("ConnectWise PSA settings")
struct ConnectWiseSettingsTests {
    private let schema = ConnectWiseFixture.descriptor.settings

    @Test func theFormAsksForTheseSettingsInThisOrder() {
        #expect(schema.fields.map(\.key) == ["site", "companyID", "publicKey", "privateKey", "clientID"])
        #expect(schema.fields.filter(\.isRequired).map(\.key) == ["site", "companyID", "publicKey", "privateKey", "clientID"])
        #expect(schema.fields.filter(\.isSecret).map(\.key) == ["publicKey", "privateKey"])
        #expect(schema.fields.allSatisfy { $0.defaultValue == nil })
    }

    @Test func everyExamplePasses() {
        var input = SettingsInput()
        for field in schema.fields { input[field.key] = Secret(field.example) }
        #expect(schema.validate(input).problems == [])
    }

    @Test func settingsThatPassAreReadByKind() throws {
        let input = ConnectWiseFixture.examples.with("site", "na.myconnectwise.net/v4_6_release/")
        let settings = try #require(schema.validate(input).settings)
        #expect(settings.serviceURL("site")?.text == "https://na.myconnectwise.net")
        #expect(settings.text("companyID") == schema["companyID"]?.example)
        for key in ConnectWiseFixture.secretKeys {
            #expect(settings.secret(key) == Secret("\(ConnectWiseFixture.marker)-\(key)"))
            #expect(settings.text(key) == nil)
        }
    }

    @Test(arguments: ConnectWiseFixture.descriptor.settings.fields.map(\.key), [nil, "", " \n"] as [String?])
    func aSettingWithoutValueIsMissingExactlyIfItIsRequired(key: SettingKey, value: String?) throws {
        let field = try #require(schema[key])
        let problems = schema.validate(ConnectWiseFixture.examples.with(key, value)).problems
        #expect(problems.map(\.field) == (field.isRequired ? [key] : []))
        #expect(problems.allSatisfy { $0.code == .configMissingField && $0.message.contains(field.label) })
    }

    @Test(
        arguments: ["companyID", "publicKey", "privateKey", "clientID"] as [SettingKey],
        ["two\nlines", String(repeating: "x", count: 201)])
    func aTextThatCannotBeRightIsInvalid(key: SettingKey, value: String) {
        let problems = schema.validate(ConnectWiseFixture.examples.with(key, value)).problems
        #expect(problems.map(\.field) == [key])
        #expect(problems.map(\.code) == [.configInvalidField])
    }

    @Test(arguments: [
        ("http://na.myconnectwise.net", ErrorCode.urlInsecure), ("https://127.0.0.1", .urlForbiddenAddress),
        ("https://user:password@na.myconnectwise.net", .urlMalformed), ("ftp://na.myconnectwise.net", .urlMalformed),
    ])
    func anAddressThatCannotBeUsedIsRefused(address: String, code: ErrorCode) {
        let problems = schema.validate(ConnectWiseFixture.examples.with("site", address)).problems
        #expect(problems.map(\.field) == ["site"])
        #expect(problems.map(\.code) == [code])
    }

    @Test func allProblemsComeAtOnceInFormOrder() throws {
        var input = ConnectWiseFixture.examples.with("site", "ftp://na.myconnectwise.net").with("colour", "blue")
        for field in schema.fields where field.key != "site" { input[field.key] = nil }
        let expected = schema.fields.map(\.key) + ["colour"]
        #expect(schema.validate(input).problems.map(\.field) == expected)

        let registry = try ConnectorRegistry([ConnectWiseConnector.self])
        let error = #expect(throws: PSAError.self) {
            try registry.connect("connectwise", settings: input, context: ConnectWiseFixture.context)
        }
        #expect(error?.settingProblems.map(\.field) == expected)
        #expect(error?.guidance.fields == expected)
        #expect(error?.connector == ConnectorID("connectwise"))
    }
}
