import Foundation
import Glibc
import HaloSimulator
import PSACore
import PSATesting
import TestSupport
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// The durability contract of the shipped program: acknowledged changes are stored, and no change is partial.
@Suite("kill -9")
struct KillTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// How often the host is killed; `KILL_ROUNDS=100` asks for all hundred.
    ///
    /// A round takes a third of a second on a machine that does nothing else, most of it the start of a debug build.
    private static let rounds = environment["KILL_ROUNDS"].flatMap { Int($0) } ?? 20
    /// Draws who does what and after how many answers the host dies; `KILL_SEED` chooses another course.
    private static let seed = environment["KILL_SEED"].flatMap { UInt64($0) } ?? 9
    private static let browsers = 6

    @Test func aKilledHostLosesNoAcknowledgedChange() async throws {
        let folder = try TemporaryFolder()
        var generator = SeededGenerator(seed: Self.seed)
        var audit = DataFolderAudit()
        var connections: [StoredConnection] = []
        var browser: SignedInBrowser?
        let start = ContinuousClock.now
        for round in 0..<Self.rounds {
            let host = try await ServedHost.start(in: folder)
            if let password = host.firstPassword { browser = try await SignedInBrowser(host, name: "admin", password: password) }
            let actions = try await work(
                round, host, try #require(browser, "only the first start makes an account"), connections, &generator)
            #expect(host.wasKilled)
            connections = try await audit.check(folder, after: actions)
        }
        for name in ["data/vectis.db", "data/vectis.db-wal", "log"] {
            let isShown = Data(folder.bytes(name)).range(of: Data(RevisionMarker.secretPrefix.utf8)) != nil
            #expect(!isShown, "\(name)")
        }
        #expect(audit.answered >= Self.rounds)
        print(
            "kill -9: \(Self.rounds) rounds in \(ContinuousClock.now - start), \(audit.answered) changes answered;",
            "of those without an answer \(audit.unanswered.done) were done, \(audit.unanswered.undone) were not")
    }

    /// Starts the browsers, kills the host while they work, and returns their actions.
    private func work(
        _ round: Int, _ host: ServedHost, _ browser: SignedInBrowser, _ connections: [StoredConnection], _ generator: inout SeededGenerator
    ) async throws -> [ClientAction] {
        let answers = AnswerCount(until: Int.random(in: 1...40, using: &generator))
        let wait = Int.random(in: 0...4_000, using: &generator)
        let workers = (0..<Self.browsers).map { number in
            LoadClient(
                browser: browser, host: host, prefix: "r\(round)b\(number)", answers: answers,
                own: connections.enumerated().filter { $0.offset % Self.browsers == number }.map(\.element),
                generator: SeededGenerator(seed: generator.next()))
        }
        return try await withThrowingTaskGroup(of: [ClientAction].self) { group in
            for var worker in workers { group.addTask { try await worker.run() } }
            group.addTask {
                await answers.reached()
                // Only to vary the time of the kill; nothing depends on the actual duration.
                try await Task.sleep(for: .microseconds(wait))
                await host.kill()
                return []
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }
}

@Suite("A host with a full disk")
struct FullDiskTests {
    /// Starts the program on its own file system, and fills and frees that on request.
    private static let script = """
        data="$3"
        mkdir -p "$data" && mount -t tmpfs -o size=4m,mode=700 tmpfs "$data" || exit 42
        # The input is this script's, which ends the host itself.
        for word in "$@"; do
            shift
            [ "$word" = --until-input-ends ] || set -- "$@" "$word"
        done
        "$0" "$@" < /dev/null &
        host=$!
        while read -r word; do
            case "$word" in
            fill) cat /dev/zero > "$data/filler" 2> /dev/null ;;
            free) rm "$data/filler" ;;
            esac
        done
        kill -9 $host
        """

    /// The command that mounts such a file system: as root, or in a user namespace; nil if neither works.
    private static let mountCommand: String? = ["unshare -m", "unshare -r -m"].first { mountCommand in
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "\(mountCommand) mount -t tmpfs tmpfs /mnt 2> /dev/null"]
        return (try? process.run()).map { process.waitForExit() } != nil && process.terminationStatus == 0
    }

    private static let text = String(repeating: "The disk is full. ", count: 10_000)

    private func until(_ condition: () async throws -> Bool) async throws {
        for _ in 0..<150 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("it did not happen")
    }

    @Test(.enabled(if: mountCommand != nil, "no file system can be mounted here: run the tests as root, or allow user namespaces"))
    func aFullDiskRejectsEventsWithARetryUntilThereIsSpace() async throws {
        let folder = try TemporaryFolder()
        let script = "exec \(Self.mountCommand ?? "") /bin/sh -c '\(Self.script.replacing("'", with: "'\\''"))' \"$0\" \"$@\""
        let host = try await ServedHost.start(in: folder, launcher: script)
        let browser = try await SignedInBrowser(host, name: "admin", password: try #require(host.firstPassword))
        let token = try await browser.token(at: host)
        #expect(try await SignedInBrowser.send(event: .event("1", text: Self.text), token: token, to: host).status == 202)
        #expect(try await SignedInBrowser.get("/healthz", from: host).status == 200)

        try host.say("fill")
        var refused = try await SignedInBrowser.send(event: .event("2", text: Self.text), token: token, to: host)
        var sent = 2
        // Space already allocated to the write-ahead log is used first.
        try await until {
            if refused.status != 202 { return true }
            sent += 1
            refused = try await SignedInBrowser.send(event: .event("\(sent)", text: Self.text), token: token, to: host)
            return false
        }
        #expect([503, 507].contains(refused.status) && refused.headers["Retry-After"] == "60")
        let problem = String(decoding: refused.body, as: UTF8.self)
        #expect(problem.contains("data of Vectis") && !problem.contains("report the correlation"), "\(problem)")
        try await until { try await SignedInBrowser.get("/healthz", from: host).status == 503 }
        let page = try await browser.open("/integrations", at: host)
        #expect(page.status == 200 && String(decoding: page.body, as: UTF8.self).contains("data of Vectis is full"))
        #expect(String(decoding: folder.bytes("log"), as: UTF8.self).contains("\"event\":\"storage_failed\""))

        try host.say("free")
        try await until { try await SignedInBrowser.get("/healthz", from: host).status == 200 }
        #expect(try await SignedInBrowser.send(event: .event("\(sent)", text: Self.text), token: token, to: host).status == 202)
        #expect(String(decoding: folder.bytes("log"), as: UTF8.self).contains("\"event\":\"storage_recovered\""))
        try await host.stop()
    }

    @Test func aLimitOnTheSizeOfFilesEndsNoProcess() async throws {
        let folder = try TemporaryFolder()
        // In blocks of 512 bytes or of a KiB, as the shell counts; the first start alone writes more than half a MiB.
        let host = try await ServedHost.start(in: folder, launcher: "ulimit -f 2048; exec \"$0\" \"$@\"")
        let browser = try await SignedInBrowser(host, name: "admin", password: try #require(host.firstPassword))
        let token = try await browser.token(at: host)
        var (status, number) = (202, 0)
        try await until {
            number += 1
            let answer = try await SignedInBrowser.send(event: .event("\(number)", text: Self.text), token: token, to: host)
            status = answer.status
            return status != 202
        }
        #expect([503, 507].contains(status))
        try await until { try await SignedInBrowser.get("/healthz", from: host).status == 503 }
        await host.kill()
        #expect(host.wasKilled)
    }
}

@Suite("Starting the host")
struct StartTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func serve(_ options: [String] = [], data: String? = nil) async throws -> VectisRun {
        let words = ["serve", "--data", data ?? folder.file("data"), "--check-every", "0", "--json", "--until-input-ends"]
        return try await VectisRun.run(words + options)
    }

    /// The number of accounts in the folder, which is not in use.
    private func accounts() async throws -> Int {
        let storage = try await DatabaseStorage.open(folder.file("data/vectis.db"))
        defer { Task { await storage.close() } }
        return try await storage.accounts().count
    }

    @Test func aStartOnABusyPortCreatesNoAccount() async throws {
        let other = try TemporaryFolder()
        let first = try await ServedHost.start(in: other)
        let taken = try await serve(["--port", "\(try #require(first.origin.port))"])
        #expect(taken.status == 5 && taken.output.contains("--port"), "\(taken.output)")
        #expect(try await accounts() == 0)
        let host = try await ServedHost.start(in: folder)
        _ = try await SignedInBrowser(host, name: "admin", password: try #require(host.firstPassword))
        await host.kill()
        await first.kill()
        #expect(try await accounts() == 1)
        let again = try await ServedHost.start(in: folder)
        #expect(again.firstPassword == nil)
        await again.kill()
        withExtendedLifetime(other) {}
    }

    @Test func ofConcurrentStartsOneSucceedsAndPrintsThePassword() async throws {
        let path = folder.path
        let outcomes = await withTaskGroup(of: ServedHost?.self) { group in
            for _ in 0..<6 { group.addTask { [folder] in try? await ServedHost.start(in: folder) } }
            return await group.reduce(into: [ServedHost]()) { if let host = $1 { $0.append(host) } }
        }
        #expect(outcomes.count == 1, "\(path)")
        let host = try #require(outcomes.first)
        _ = try await SignedInBrowser(host, name: "admin", password: try #require(host.firstPassword))
        await host.kill()
        #expect(try await accounts() == 1)
    }

    @Test func aSecondHostAndAKeyRotationAreRejectedWhileTheFolderIsInUse() async throws {
        let host = try await ServedHost.start(in: folder)
        try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: folder.file("data"))
        for path in ["data", "link", "link/../data"] {
            let second = try await serve(["--port", "0"], data: folder.file(path))
            #expect(second.status == 5 && second.output.contains("Another Vectis works on this data folder"), "\(second.output)")
            let rotation = try await VectisRun.run(["key", "rotate", "--data", folder.file(path)])
            #expect(rotation.status == 5 && rotation.output.contains("Another Vectis"), "\(rotation.output)")
        }
        // A password is reset beside a running host, which accepts it at once.
        let reset = try await VectisRun.run(["account", "reset-password", "admin", "--data", folder.file("data"), "--json"])
        let password = try JSONDocument(Array(reset.output.utf8)).root["password"]?.string
        _ = try await SignedInBrowser(host, name: "admin", password: try #require(password))
        await host.kill()
        // Killed, it holds nothing any more.
        let rotation = try await VectisRun.run(["key", "rotate", "--data", folder.file("link")])
        #expect(rotation.status == 0, "\(rotation.output)")
    }

    @Test func aHostWhoseFolderWasReplacedStoresNothingAndReportsIt() async throws {
        let host = try await ServedHost.start(in: folder)
        let browser = try await SignedInBrowser(host, name: "admin", password: try #require(host.firstPassword))
        let token = try await browser.token(at: host)
        #expect(try await SignedInBrowser.send(event: .event("1"), token: token, to: host).status == 202)
        #expect(try await SignedInBrowser.get("/healthz", from: host).status == 200)

        try FileManager.default.copyItem(atPath: folder.file("data"), toPath: folder.file("restored"))
        try FileManager.default.moveItem(atPath: folder.file("data"), toPath: folder.file("old"))
        try FileManager.default.moveItem(atPath: folder.file("restored"), toPath: folder.file("data"))

        let refused = try await SignedInBrowser.send(event: .event("2"), token: token, to: host)
        #expect(refused.status == 503 && refused.headers["Retry-After"] == "60")
        let health = try await SignedInBrowser.get("/healthz", from: host)
        #expect(health.status == 503 && String(decoding: health.body, as: UTF8.self).contains("moved, replaced or taken over"))
        let page = try await browser.open("/integrations", at: host)
        #expect(page.status == 200 && String(decoding: page.body, as: UTF8.self).contains("moved, replaced or taken over"))
        let log = String(decoding: folder.bytes("log"), as: UTF8.self)
        #expect(log.contains("\"event\":\"storage_failed\"") && log.contains("\"reason\":\"replaced\""))
        await host.kill()
        let again = try await ServedHost.start(in: folder)
        #expect(try await SignedInBrowser.send(event: .event("2"), token: token, to: again).status == 202)
        await again.kill()
    }

    @Test func aWrongKeyFileIsReportedAtStartAndOnEveryPage() async throws {
        let first = try await ServedHost.start(in: folder, options: ["--allow-loopback"])
        let browser = try await SignedInBrowser(first, name: "admin", password: try #require(first.firstPassword))
        let server = try HaloSimulatorServer.start()
        let settings = [
            "tenantURL": "http://127.0.0.1:\(server.port)", "clientID": HaloSimulator.Configuration.demoClientID,
            "clientSecret": HaloSimulator.Configuration.demoClientSecret, "action": "save", "accept-untested": "yes",
        ]
        let saved = try await browser.submit("/integrations/new/halopsa", settings, to: first)
        #expect(saved.status == 303, "\(saved.status) \(String(decoding: saved.body, as: UTF8.self).suffix(3_000))")
        await first.kill()

        try folder.write(String(decoding: folder.bytes("data/vectis.key"), as: UTF8.self), to: "right.key")
        try FileManager.default.removeItem(atPath: folder.file("data/vectis.key"))
        _ = try KeyFile(path: folder.file("data/vectis.key")).open(isNeeded: false)
        let host = try await ServedHost.start(in: folder, options: ["--allow-loopback"])
        let log = String(decoding: folder.bytes("log"), as: UTF8.self)
        #expect(log.contains("\"event\":\"secrets_unreadable\"") && log.contains("config.secret_unreadable"))
        let stranger = try await SignedInBrowser(host, name: "admin", password: try #require(first.firstPassword))
        let overview = String(decoding: try await stranger.open("/integrations", at: host).body, as: UTF8.self)
        #expect(overview.contains("does not open the stored secrets") && overview.contains("Needs attention"))
        #expect(!overview.contains("<span class=\"state\">Connected"))
        #expect(overview.contains("<strong>Issue:</strong>") && overview.contains("href=\"/errors/config.secret_unreadable\""))
        let id = try #require(overview.firstMatch(of: /action="\/integrations\/([a-z0-9]+)\/check"/)).1
        let page = String(decoding: try await stranger.open("/integrations/\(id)", at: host).body, as: UTF8.self)
        #expect(page.contains("does not open the stored secrets") && page.contains("Open issues"))
        let test = try await stranger.submit("/integrations/\(id)/check", [:], to: host)
        #expect(test.status == 503 && String(decoding: test.body, as: UTF8.self).contains("The stored secrets can&#39;t be opened"))
        await host.kill()

        // With the right file everything is as it was.
        try FileManager.default.removeItem(atPath: folder.file("data/vectis.key"))
        try FileManager.default.moveItem(atPath: folder.file("right.key"), toPath: folder.file("data/vectis.key"))
        let corrected = try await ServedHost.start(in: folder, options: ["--allow-loopback"])
        let well = try await SignedInBrowser(corrected, name: "admin", password: try #require(first.firstPassword))
        let after = String(decoding: try await well.open("/integrations", at: corrected).body, as: UTF8.self)
        #expect(!after.contains("does not open the stored secrets") && after.contains("Saved, not tested"))
        await corrected.kill()
        await server.stop()
    }
}

extension JSONValue {
    /// An event with only what a test is about.
    static func event(_ id: String, text: String = "The disk is full.") -> JSONValue {
        ["source": "monitor", "id": .string(id), "type": "backup.failed", "severity": "error", "text": .string(text)]
    }
}

extension SignedInBrowser {
    /// Makes a token for a program.
    func token(at host: ServedHost) async throws -> String {
        let page = String(
            decoding: try await submit("/api-keys", ["name": "program", "scope": "events:send"], to: host).body, as: UTF8.self)
        return String(try #require(page.firstMatch(of: /<code id="token">([^<]+)</)).1)
    }
}
