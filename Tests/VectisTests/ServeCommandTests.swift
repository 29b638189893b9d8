import Foundation
import PSACore
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("vectis serve")
struct ServeCommandTests {
    @Test(
        "an address other than loopback needs its option",
        arguments: ["0.0.0.0", "::", "192.168.1.5", "127.evil.example", "10.0.0.1"])
    func remoteAddress(address: String) async throws {
        let folder = try TemporaryFolder()
        let result = try await CommandLineFixture().run("serve --port 0 --data '\(folder.path)/data' --address \(address)")
        #expect(result.status == 2)
        #expect(result.messages.contains("--allow-remote"))
        // Rejected before anything is created.
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/data"))
    }

    @Test func aTenantOnLoopbackIsRejectedWithoutItsOption() async throws {
        let folder = try TemporaryFolder()
        let host = try await ServedHost.start(in: folder)
        let browser = try await SignedInBrowser(host, name: "admin", password: try #require(host.firstPassword))
        let answer = try await browser.submit(
            "/integrations/new/halopsa",
            ["tenantURL": "https://127.0.0.1:9", "clientID": "x", "clientSecret": "y", "action": "test"], to: host)
        #expect(answer.status == 422)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("an address of a private or local network"))
        await host.kill()
        withExtendedLifetime(folder) {}
    }

    @Test func anUncreatableDataFolderIsReportedByName() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        try Data().write(to: URL(fileURLWithPath: path))
        let result = try await CommandLineFixture().run("serve --port 0 --data '\(path)/data'")
        #expect(result.status == 2)
        #expect(result.messages.contains(path))
    }
}
