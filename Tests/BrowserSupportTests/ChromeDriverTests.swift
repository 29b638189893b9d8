import BrowserSupport
import Foundation
import PSACore
import Testing

@Suite("chromedriver", .serialized, .timeLimit(.minutes(3)))
struct ChromeDriverTests {
    @Test func missingPackagesAreNamedWithTheLineThatInstallsThem() async throws {
        let error = await #expect(throws: BrowserError.self) { try await ChromeDriver.start(searchPath: "/nowhere:/also/nowhere") }
        #expect(error?.kind == .notInstalled)
        #expect(error?.description.contains("apt-get install -y --no-install-recommends chromium chromium-driver") == true)
    }

    @Test(arguments: ["exit 1", "echo no such luck", "sleep 30", "exec sleep 30"])
    func aDriverThatNeverListensIsReported(script: String) async throws {
        let folder = try ProgramFolder(["chromedriver": script, "chromium": ""])
        defer { folder.remove() }
        let error = await #expect(throws: BrowserError.self) {
            try await ChromeDriver.start(searchPath: folder.path, within: .milliseconds(300))
        }
        #expect(error?.kind == .driverGone)
        if script.hasPrefix("echo") { #expect(error?.message.contains("no such luck") == true) }
    }

    @Test func stoppingLeavesNoProcessAndNoProfile() async throws {
        let driver = try await ChromeDriver.start()
        let browser = try await Browser.start(driver: driver)
        try await browser.open(dataURL("<title>Here</title>"))
        let profile = try await profileFolder(of: browser)
        #expect(processes(mentioning: profile) > 1)
        #expect(FileManager.default.fileExists(atPath: profile))

        await driver.stop()
        #expect(processes(mentioning: profile) == 0)
        #expect(!FileManager.default.fileExists(atPath: profile))
        #expect(!FileManager.default.fileExists(atPath: URL(fileURLWithPath: profile).deletingLastPathComponent().path))

        let error = await #expect(throws: BrowserError.self) { try await browser.title() }
        #expect(error?.kind == .driverGone)
        await browser.close()
        await driver.stop()
    }

    @Test func aTestThatThrowsClosesItsBrowser() async throws {
        struct Failure: Error {}
        var profile = ""
        await #expect(throws: Failure.self) {
            try await Browser.with { browser in
                profile = try await profileFolder(of: browser)
                throw Failure()
            }
        }
        #expect(!profile.isEmpty)
        try await browserIsGone(profile)
    }

    @Test func aCrashedPageIsReportedAndTheNextUseHasABrowser() async throws {
        let shared = SharedBrowser()
        try await shared.use { browser in
            let error = await #expect(throws: BrowserError.self) { try await browser.open("chrome://crash") }
            #expect(error?.kind == .crashed)
            let later = await #expect(throws: BrowserError.self) { try await browser.find("p") }
            #expect(later?.kind == .crashed)
        }
        try await shared.use { browser in
            try await browser.open(dataURL("<title>Alive</title>"))
            #expect(try await browser.title() == "Alive")
            let error = await #expect(throws: BrowserError.self) { try await browser.devTools("Browser.crash") }
            #expect(error?.kind == .crashed)
            #expect(error?.message.contains("crashed") == true)
        }
        try await shared.use { browser in
            let title = try await browser.title()
            #expect(title.isEmpty)
        }
        await shared.close()
    }

    @Test func usesOfTheBrowserAreSerialized() async throws {
        let inside = Counter()
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    try await TestBrowser.shared.use { browser in
                        #expect(await inside.enter() == 1)
                        try await browser.open(dataURL("<p>mine</p>"))
                        await inside.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func profileFolder(of browser: Browser) async throws -> String {
        try await browser.open("chrome://version")
        return try await browser.text("#profile_path").replacing("/Default", with: "")
    }

    private func browserIsGone(_ profile: String) async throws {
        for _ in 0..<200 where processes(mentioning: profile) > 0 { try await Task.sleep(for: .milliseconds(50)) }
        #expect(processes(mentioning: profile) == 0)
    }

    /// Counts living processes by their arguments; those of a dead one are empty.
    private func processes(mentioning text: String) -> Int {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.filter { entry in
            guard Int(entry) != nil, let line = FileManager.default.contents(atPath: "/proc/\(entry)/cmdline") else { return false }
            return String(decoding: line, as: UTF8.self).contains(text)
        }.count
    }
}

private actor Counter {
    private var count = 0
    func enter() -> Int {
        count += 1
        return count
    }
    func leave() { count -= 1 }
}

/// A folder with shell scripts under given names.
private struct ProgramFolder {
    let path = NSTemporaryDirectory() + "/programs-\(UUID().uuidString)"

    init(_ programs: [String: String]) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, script) in programs {
            let created = FileManager.default.createFile(
                atPath: "\(path)/\(name)", contents: Data("#!/bin/sh\n\(script)\n".utf8), attributes: [.posixPermissions: 0o755])
            try #require(created)
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
