import Foundation
import Glibc
import PSACore
import Synchronization
import TestSupport

/// `vectis serve` in a process of its own, on a free port, until it is killed or this process ends.
final class HostProcess: Sendable {
    /// Where it listens.
    let origin: ServiceURL
    /// The password of `admin`, if this was its first start.
    let firstPassword: String?
    private let process: Process
    /// Its standard input; it ends by itself if this process does.
    private let lifeline: Pipe
    private let exit: Exit

    private init(origin: ServiceURL, firstPassword: String?, process: Process, lifeline: Pipe, exit: Exit) {
        self.origin = origin
        self.firstPassword = firstPassword
        self.process = process
        self.lifeline = lifeline
        self.exit = exit
    }

    /// Starts it on a data folder, with its log beside.
    ///
    /// - Parameters:
    ///   - binary: The program.
    ///   - folder: The data folder.
    ///   - crash: Where it ends itself, such as `after-answer:1`; `none:0` for nowhere.
    ///   - sharing: What it shares with other processes; nil if it is alone.
    /// - Returns: The host once it listens; nil if it ended before.
    /// - Throws: What the system throws that can't start a program.
    static func start(_ binary: String, folder: String, crash: String, sharing: Sharing? = nil) async throws -> HostProcess? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: binary)
        process.arguments =
            [
                "serve", "--data", folder, "--log", folder + ".log", "--port", "0", "--check-every", "0", "--no-sync", "--allow-loopback",
                "--json",
                "--until-input-ends",
            ] + (sharing?.options ?? [])
        process.environment = ProcessInfo.processInfo.environment.merging(["VECTIS_CRASH_TEST": crash]) { $1 }
            .merging(sharing?.environment ?? [:]) { $1 }
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        let exit = Exit()
        process.terminationHandler = { _ in exit.happened() }
        try process.run()
        let line = await onOwnThread {
            var line: [UInt8] = []
            while !line.contains(UInt8(ascii: "\n")), case let more = output.fileHandleForReading.availableData, !more.isEmpty {
                line += more
            }
            return line
        }
        guard let facts = try? JSONDocument(line).root, let url = facts["url"]?.string else {
            Glibc.kill(process.processIdentifier, SIGKILL)
            await exit.wait()
            return nil
        }
        return HostProcess(
            origin: try ServiceURL(typed: url, policy: .allowingLoopback), firstPassword: facts["password"]?.string, process: process,
            lifeline: input, exit: exit)
    }

    /// Ends it with SIGKILL, at once and whatever it is doing.
    func kill() { Glibc.kill(process.processIdentifier, SIGKILL) }

    /// Stops it where it is, as a snapshot of its machine would, or lets it go on.
    func suspend(_ isSuspended: Bool) { Glibc.kill(process.processIdentifier, isSuspended ? SIGSTOP : SIGCONT) }

    /// Ends it as a person would, by closing its input, and waits until it is gone.
    func stop() async throws {
        try lifeline.fileHandleForWriting.close()
        await exit.wait()
    }

    /// Returns once it is gone.
    func ended() async { await exit.wait() }
}

extension HostProcess {
    /// What several hosts have in common.
    struct Sharing: Sendable {
        /// Options besides those of each host, such as the database.
        var options: [String]
        /// The leases and the rate limit of a test.
        var environment: [String: String]
    }
}

/// The end of a process, for everybody who waits for it.
private final class Exit: Sendable {
    private let state = Mutex<(hasHappened: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func happened() {
        let waiting = state.withLock { state in
            state.hasHappened = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.hasHappened { state.waiting.append(continuation) }
                return state.hasHappened
            }
            if isOver { continuation.resume() }
        }
    }
}
