import Autotask
import PSACore
import PSATesting
import Testing

@Suite("Autotask PSA settings")
struct AutotaskSettingsTests {
    private let schema = AutotaskConnector.descriptor.settings

    private func settings(zoneURL: String) -> SettingsInput {
        var input = PlaceholderExamination(AutotaskConnector.self, guide: "").settings
        input["zoneURL"] = Secret(zoneURL)
        return input
    }

    @Test func theFormAsksForTheseSettingsInThisOrder() {
        #expect(schema.fields.map(\.key) == ["username", "secret", "integrationCode", "zoneURL"])
        #expect(schema.fields.filter(\.isRequired).map(\.key) == ["username", "secret", "integrationCode"])
        #expect(schema.fields.filter(\.isSecret).map(\.key) == ["secret", "integrationCode"])
        #expect(schema.fields.allSatisfy { $0.defaultValue == nil })
    }

    @Test func settingsThatPassAreReadByKind() throws {
        let input = settings(zoneURL: "webservices5.autotask.net/ATServicesRest/")
        let settings = try #require(schema.validate(input).settings)
        #expect(settings.serviceURL("zoneURL")?.text == "https://webservices5.autotask.net")
        #expect(settings.text("username") == schema["username"]?.example)
        for key in ["secret", "integrationCode"] as [SettingKey] {
            #expect(settings.secret(key) != nil && settings.secret(key) == input[key])
            #expect(settings.text(key) == nil)
        }
    }

    @Test(arguments: ["ftp://webservices5.autotask.net", "https://127.0.0.1"])
    func aZoneURLThatCannotBeUsedIsAnsweredWithLeavingItEmpty(address: String) throws {
        let input = settings(zoneURL: address)
        let context = ConnectorContext(transport: ForbiddenTransport { Issue.record("A placeholder made a request: \($0)") })
        let error = #expect(throws: PSAError.self) {
            try ConnectorRegistration(AutotaskConnector.self).connect(settings: input, context: context)
        }
        #expect(error?.guidance.fields == ["zoneURL"])
        #expect(error?.guidance.steps.first?.contains("empty") == true)
        #expect(error?.guidance.steps.contains { $0.contains("log in") } == false)
    }
}
