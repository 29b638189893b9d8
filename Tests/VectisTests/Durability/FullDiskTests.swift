import Foundation
import PSACore
import Testing

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
        return (try? process.run()).map { process.waitUntilExit() } != nil && process.terminationStatus == 0
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
        // In blocks of 512 bytes or of a KiB, as the shell counts.
        let host = try await ServedHost.start(in: folder, launcher: "ulimit -f 1024; exec \"$0\" \"$@\"")
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
