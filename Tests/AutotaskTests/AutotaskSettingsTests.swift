import PSACore
import Testing

@testable import Autotask

@Suite("Autotask PSA settings")
struct AutotaskSettingsTests {
    private let schema = AutotaskFixture.descriptor.settings

    @Test func theFormAsksForTheseSettingsInThisOrder() {
        #expect(schema.fields.map(\.key) == ["username", "secret", "integrationCode", "zoneURL"])
        #expect(schema.fields.filter(\.isRequired).map(\.key) == ["username", "secret", "integrationCode"])
        #expect(schema.fields.filter(\.isSecret).map(\.key) == ["secret", "integrationCode"])
        #expect(schema.fields.allSatisfy { $0.defaultValue == nil })
    }

    @Test func everyExamplePasses() {
        var input = SettingsInput()
        for field in schema.fields { input[field.key] = Secret(field.example) }
        #expect(schema.validate(input).problems == [])
    }

    @Test func settingsThatPassAreReadByKind() throws {
        let input = AutotaskFixture.examples.with("zoneURL", "webservices5.autotask.net/ATServicesRest/")
        let settings = try #require(schema.validate(input).settings)
        #expect(settings.serviceURL("zoneURL")?.text == "https://webservices5.autotask.net")
        #expect(settings.text("username") == schema["username"]?.example)
        for key in AutotaskFixture.secretKeys {
            #expect(settings.secret(key) == Secret("\(AutotaskFixture.marker)-\(key)"))
            #expect(settings.text(key) == nil)
        }
    }

    @Test(arguments: AutotaskFixture.descriptor.settings.fields.map(\.key), [nil, "", " \n"] as [String?])
    func aSettingWithoutValueIsMissingExactlyIfItIsRequired(key: SettingKey, value: String?) throws {
        let field = try #require(schema[key])
        let problems = schema.validate(AutotaskFixture.examples.with(key, value)).problems
        #expect(problems.map(\.field) == (field.isRequired ? [key] : []))
        #expect(problems.allSatisfy { $0.code == .configMissingField && $0.message.contains(field.label) })
    }

    @Test(arguments: ["username", "secret", "integrationCode"] as [SettingKey], ["two\nlines", String(repeating: "x", count: 201)])
    func aTextThatCannotBeRightIsInvalid(key: SettingKey, value: String) {
        let problems = schema.validate(AutotaskFixture.examples.with(key, value)).problems
        #expect(problems.map(\.field) == [key])
        #expect(problems.map(\.code) == [.configInvalidField])
    }

    @Test(arguments: [
        ("http://webservices5.autotask.net", ErrorCode.urlInsecure), ("https://127.0.0.1", .urlForbiddenAddress),
        ("https://user:password@webservices5.autotask.net", .urlMalformed), ("ftp://webservices5.autotask.net", .urlMalformed),
    ])
    func anAddressThatCannotBeUsedIsRefused(address: String, code: ErrorCode) {
        let problems = schema.validate(AutotaskFixture.examples.with("zoneURL", address)).problems
        #expect(problems.map(\.field) == ["zoneURL"])
        #expect(problems.map(\.code) == [code])
    }

    @Test func allProblemsComeAtOnceInFormOrder() throws {
        var input = AutotaskFixture.examples.with("zoneURL", "ftp://webservices5.autotask.net").with("colour", "blue")
        for field in schema.fields where field.key != "zoneURL" { input[field.key] = nil }
        let expected = schema.fields.map(\.key) + ["colour"]
        #expect(schema.validate(input).problems.map(\.field) == expected)

        let registry = try ConnectorRegistry([AutotaskConnector.self])
        let error = #expect(throws: PSAError.self) {
            try registry.connect("autotask", settings: input, context: AutotaskFixture.context)
        }
        #expect(error?.settingProblems.map(\.field) == expected)
        #expect(error?.guidance.fields == expected)
        #expect(error?.connector == ConnectorID("autotask"))
    }

    @Test(arguments: ["ftp://webservices5.autotask.net", "https://127.0.0.1"])
    func aZoneURLThatCannotBeUsedIsAnsweredWithLeavingItEmpty(address: String) throws {
        let registry = try ConnectorRegistry([AutotaskConnector.self])
        let error = #expect(throws: PSAError.self) {
            try registry.connect("autotask", settings: AutotaskFixture.examples.with("zoneURL", address), context: AutotaskFixture.context)
        }
        #expect(error?.guidance.fields == ["zoneURL"])
        #expect(error?.guidance.steps.first?.contains("empty") == true)
        #expect(error?.guidance.steps.contains { $0.contains("log in") } == false)
    }
}
