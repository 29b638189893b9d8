import ConnectWise
import PSACore
import PSATesting
import Testing

@Suite("ConnectWise PSA settings")
struct ConnectWiseSettingsTests {
    private let schema = ConnectWiseConnector.descriptor.settings

    @Test func theFormAsksForTheseSettingsInThisOrder() {
        #expect(schema.fields.map(\.key) == ["site", "companyID", "publicKey", "privateKey", "clientID"])
        #expect(schema.fields.filter(\.isRequired).map(\.key) == ["site", "companyID", "publicKey", "privateKey", "clientID"])
        #expect(schema.fields.filter(\.isSecret).map(\.key) == ["publicKey", "privateKey"])
        #expect(schema.fields.allSatisfy { $0.defaultValue == nil })
    }

    @Test func settingsThatPassAreReadByKind() throws {
        var input = PlaceholderExamination(ConnectWiseConnector.self, guide: "").settings
        input["site"] = Secret("na.myconnectwise.net/v4_6_release/")
        let settings = try #require(schema.validate(input).settings)
        #expect(settings.serviceURL("site")?.text == "https://na.myconnectwise.net")
        #expect(settings.text("companyID") == schema["companyID"]?.example)
        for key in ["publicKey", "privateKey"] as [SettingKey] {
            #expect(settings.secret(key) != nil && settings.secret(key) == input[key])
            #expect(settings.text(key) == nil)
        }
    }
}
