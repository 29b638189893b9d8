import Testing

@testable import PSACore

@Suite struct SecretTests {
    private struct Holder {
        let name = "visible"
        let secret: Secret
        let optional: Secret?
        let list: [Secret]
        let table: [String: Secret]
        let pair: (Secret, Int)
    }

    private static let value = "hunter2-hunter2"
    private let secret = Secret(value)
    private var holder: Holder { Holder(secret: secret, optional: secret, list: [secret], table: ["k": secret], pair: (secret, 1)) }

    private func dumped<Value>(_ value: Value) -> String {
        var text = ""
        dump(value, to: &text)
        return text
    }

    private func printed<Value>(_ value: Value) -> String {
        var text = ""
        print(value, to: &text)
        debugPrint(value, to: &text)
        return text
    }

    @Test func noWayOfPrintingShowsTheValue() {
        for text in [
            "\(secret)", secret.description, secret.debugDescription, String(describing: secret), String(reflecting: secret),
            dumped(secret),
            printed(secret), "\(Optional(secret).debugDescription)", "\([secret])", "\(["k": secret])", "\(Set([secret]))",
        ] {
            #expect(!text.contains("hunter"))
            #expect(text.contains("•••••"))
        }
    }

    @Test func noWayOfPrintingAStructAroundItShowsTheValue() {
        for text in ["\(holder)", String(describing: holder), String(reflecting: holder), dumped(holder), printed(holder)] {
            #expect(!text.contains("hunter"))
            #expect(text.contains("visible"))
        }
    }

    @Test func aMirrorHasNothingToShow() {
        #expect(Mirror(reflecting: secret).children.isEmpty)
        for child in Mirror(reflecting: holder).children { #expect(!dumped(child.value).contains("hunter")) }
    }

    @Test func thePlaceholderDoesNotTellTheLength() {
        #expect("\(Secret(""))" == "\(Secret(String(repeating: "x", count: 1_000)))")
    }

    @Test func theOneNamedWayGivesTheValue() {
        #expect(secret.reveal() == Self.value)
        #expect(secret == Secret(Self.value) && secret != Secret("other"))
        #expect(Secret("").isEmpty && !secret.isEmpty)
    }

    @Test func whatHoldsSecretsOnItsWayShowsNoneEither() {
        let input: SettingsInput = ["clientSecret": Self.value, "tenantURL": Self.value]
        let schema = SettingsSchema([.sample("clientSecret", isSecret: true)])
        let settings = schema.validate(["clientSecret": Self.value]).settings
        for text in ["\(input)", String(reflecting: input), dumped(input), dumped(settings), "\(String(describing: settings))"] {
            #expect(!text.contains("hunter"))
        }
        #expect(settings?.secret("clientSecret")?.reveal() == Self.value)
        #expect(settings?.text("clientSecret") == nil)
    }
}
