import PSACore
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("External connectors on the admin page", .timeLimit(.minutes(2)))
struct ExternalConnectorPageTests {
    @Test func aWorkingConnectorHasCardFormAndGuideAndABrokenOneExplainsWhy() async throws {
        let folder = try TemporaryFolder()
        let programs = try ProgramFolder(at: folder.file("data") + "/connectors")
        try programs.addBrokenOne()
        let host = try await ServedHost.start(in: folder)
        let browser = try await SignedInBrowser(host, name: "admin", password: try #require(host.firstPassword))
        func page(_ path: String) async throws -> String {
            String(decoding: try await browser.open(path, at: host).body, as: UTF8.self)
        }
        let overview = try await page("/integrations")
        #expect(overview.contains("Example PSA"))
        #expect(overview.contains("HaloPSA"))
        #expect(overview.contains("The program ended by itself with status 1."))
        let form = try await page("/integrations/new/example-psa")
        #expect(form.contains("Example PSA shows it once, when the key is made."))
        #expect(form.contains("/guides/connect-example-psa#2-make-an-api-key"))
        #expect(try await page("/guides/connect-example-psa").contains("Copy the key at once."))
        await host.kill()
        withExtendedLifetime((folder, programs)) {}
    }

    @Test func aConnectionWithoutItsProgramIsShownAndTheOthersWork() async throws {
        let folder = try TemporaryFolder()
        let programs = try ProgramFolder(at: folder.file("data") + "/connectors")
        let before = try await ServedHost.start(in: folder)
        let browser = try await SignedInBrowser(before, name: "admin", password: try #require(before.firstPassword))
        let settings = [
            "serverURL": "https://psa.example.com", "apiKey": "example-key", "connection-name": "Our psa", "action": "save",
            "accept-untested": "1",
        ]
        #expect(try await browser.submit("/integrations/new/example-psa", settings, to: before).status == 303)
        await before.kill()
        try programs.removeExample()
        let host = try await ServedHost.start(in: folder)
        let overview = String(decoding: try await browser.open("/integrations", at: host).body, as: UTF8.self)
        #expect(overview.contains("Without a connector"))
        #expect(overview.contains("Our psa"))
        #expect(overview.contains("HaloPSA"))
        let listed = try await browser.open("/api/v1/connections", at: host)
        #expect(listed.status == 200)
        let id = try #require(try JSONDocument(listed.body).root["connections"]?.elements.first?["id"]?.string)
        #expect(try await browser.submit("/integrations/\(id)/remove", [:], to: host).status == 303)
        await host.kill()
        withExtendedLifetime((folder, programs)) {}
    }
}
