import Foundation
import Glibc
import Synchronization

/// What a child process took.
struct Usage {
    var status: Int32
    var seconds: Double
    /// User and system time.
    var cpuSeconds: Double
    var peakMegabytes: Double
    /// The first bytes of standard error.
    var messages: String
}

/// A program that is run to its end and measured alone.
struct ChildProcess {
    /// The path of the program.
    var program: String
    var arguments: [String]
    /// Where standard output goes.
    var output = "/dev/null"

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Runs it and waits; CPU time is that of this child by `wait4`.
    ///
    /// The peak is read from `/proc` while it runs: `ru_maxrss` of a child starts at the memory of its parent.
    func run() throws -> Usage {
        let folder = try TemporaryFolder("messages")
        defer { folder.remove() }
        let start = ContinuousClock.now
        let process = try spawn(messages: folder.path + "/stderr")
        defer { Cleanup.shared.ended(process) }
        var (status, usage, peak, polls): (Int32, rusage, Int, Int) = (0, rusage(), 0, 0)
        while wait4(process, &status, WNOHANG, &usage) == 0 {
            if polls % 5 == 0 { peak = max(peak, Self.peakKilobytes(process)) }
            polls += 1
            usleep(2_000)
        }
        let took = (ContinuousClock.now - start) / .seconds(1)
        Cleanup.shared.holdIfInterrupted()
        let messages = (try? String(contentsOfFile: folder.path + "/stderr", encoding: .utf8)) ?? ""
        return Usage(
            status: status, seconds: took, cpuSeconds: usage.cpuSeconds, peakMegabytes: Double(peak) / 1_024,
            messages: String(messages.prefix(2_000)))
    }

    /// Starts it without waiting.
    ///
    /// - Parameter messages: The file for standard error.
    /// - Returns: The id of the process, which is killed if this program is interrupted.
    /// - Throws: ``Failure`` if the program cannot be started.
    func spawn(messages: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, messages, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // This program blocks the signals that end it.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, program, &actions, &attributes, &words, environ)
        guard code == 0 else { throw Failure(description: "\(program): \(String(cString: strerror(code)))") }
        Cleanup.shared.started(process)
        return process
    }

    /// The path of a program that a Debian package installs; nil if it is not there.
    static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return (path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/bin"]).map { $0 + "/" + name }
            .first { access($0, X_OK) == 0 }
    }

    private static func peakKilobytes(_ process: pid_t) -> Int {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }
}

extension rusage {
    /// User and system time.
    var cpuSeconds: Double { Double(ru_utime.tv_sec + ru_stime.tv_sec) + Double(ru_utime.tv_usec + ru_stime.tv_usec) / 1e6 }
}

/// A folder that is gone at the end, also after an interrupt.
struct TemporaryFolder {
    let path: String

    init(_ label: String) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(label)-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        Cleanup.shared.made(path)
    }

    /// Removes it with its contents.
    func remove() {
        try? FileManager.default.removeItem(atPath: path)
        Cleanup.shared.removed(path)
    }
}

/// What must not outlive this program: processes and temporary folders.
final class Cleanup: Sendable {
    static let shared = Cleanup()
    private let state = Mutex((processes: Set<pid_t>(), folders: Set<String>(), isInterrupted: false))

    func started(_ process: pid_t) { state.withLock { _ = $0.processes.insert(process) } }
    func ended(_ process: pid_t) { state.withLock { _ = $0.processes.remove(process) } }
    func made(_ folder: String) { state.withLock { _ = $0.folders.insert(folder) } }
    func removed(_ folder: String) { state.withLock { _ = $0.folders.remove(folder) } }

    /// Ends the processes and removes the folders.
    func run() {
        let left = state.withLock { state in
            defer { state = ([], [], true) }
            return state
        }
        for process in left.processes {
            kill(process, SIGTERM)
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
        for folder in left.folders { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// Never returns while this program is cleaning up, so that a child that was killed for it is not taken for one that failed.
    func holdIfInterrupted() {
        while state.withLock({ $0.isInterrupted }) { sleep(1) }
    }

    /// Cleans up at SIGINT, SIGTERM and SIGHUP, and ends this program.
    static func runWhenInterrupted() {
        let signals = [SIGINT, SIGTERM, SIGHUP]
        var set = sigset_t()
        sigemptyset(&set)
        for number in signals { sigaddset(&set, number) }
        // A thread of its own waits for them, because the others block.
        pthread_sigmask(SIG_BLOCK, &set, nil)
        let waiting = Thread { [set] in
            var (set, number): (sigset_t, Int32) = (set, 0)
            sigwait(&set, &number)
            shared.run()
            exit(128 + number)
        }
        waiting.start()
    }
}
