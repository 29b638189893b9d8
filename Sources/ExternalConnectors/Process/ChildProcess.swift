import CSpawn
import Dispatch
import Glibc
import Synchronization

/// A program that runs as a child process: it reads lines, writes bytes, and can be ended.
///
/// It has a process group of its own, so that what it starts ends with it, and inherits nothing: no descriptor, no environment, no signal
/// mask. The child is reaped as soon as it ends, and its group is killed then; both happen under one lock, so that a signal never goes to a
/// process that has reused the id since.
final class ChildProcess: Sendable {
    /// Receives the child's output; called serially on one thread.
    protocol Listener: Sendable {
        /// Bytes of its standard output.
        func output(_ bytes: ArraySlice<UInt8>)
        /// Bytes of its standard error.
        func errors(_ bytes: ArraySlice<UInt8>)
        /// More bytes are queued for it than it may leave unread; they were dropped, and so is all that follows.
        func overflowed()
        /// It has ended, and all it wrote before was delivered.
        func ended(_ end: ProcessEnd)
    }

    /// Why no child could be started: the system's error number.
    struct NotStarted: Error {
        let code: Int32
    }

    /// The environment of a child.
    static let environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]

    /// Its number.
    let processID: pid_t
    private let loop: PipeLoop
    private let isReaped = Mutex(false)

    private init(processID: pid_t, loop: PipeLoop) {
        self.processID = processID
        self.loop = loop
    }

    /// Starts a program in its own folder.
    ///
    /// - Parameters:
    ///   - path: The program's absolute path.
    ///   - unreadLimit: How many bytes it may leave unread.
    ///   - listener: Receives its output; retained until it has ended.
    /// - Returns: The running child.
    /// - Throws: ``NotStarted``.
    static func start(_ path: String, unreadLimit: Int, listener: any Listener) throws(NotStarted) -> ChildProcess {
        var input = try PipePair()
        var output = try PipePair()
        var errors = try PipePair()
        let loop = try PipeLoop(
            input: input.takeWriter(), output: output.takeReader(), errors: errors.takeReader(), unreadLimit: unreadLimit)
        var processID: pid_t = 0
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let environment = environment.map { strdup($0) }
        defer { environment.forEach { free($0) } }
        let code = (environment + [nil]).withUnsafeBufferPointer {
            psa_spawn(
                &processID, path, folder.isEmpty ? "/" : folder, $0.baseAddress, input.reader, output.writer, errors.writer)
        }
        guard code == 0 else { throw NotStarted(code: code) }
        let child = ChildProcess(processID: processID, loop: loop)
        // Both block; a queue of its own gives each a thread of its own.
        DispatchQueue(label: "connector pipes").async { loop.run(listener) }
        DispatchQueue(label: "connector end").async { loop.childEnded(child.reap()) }
        return child
    }

    /// Queues bytes for its standard input; after its end they are dropped.
    func write(_ bytes: [UInt8]) { loop.write(bytes) }

    /// Closes its standard input after the queued bytes.
    func closeInput() { loop.closeInput() }

    /// Sends a signal to its group, unless it has ended.
    func signal(_ number: Int32) {
        isReaped.withLock { isReaped in
            if !isReaped { kill(-processID, number) }
        }
    }

    /// Waits for the end; until the child is reaped, its id and its group's id can't be reused.
    private func reap() -> ProcessEnd {
        var facts = siginfo_t()
        while waitid(P_PID, id_t(processID), &facts, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        return isReaped.withLock { isReaped in
            kill(-processID, SIGKILL)
            var status: Int32 = 0
            while waitpid(processID, &status, 0) < 0, errno == EINTR {}
            isReaped = true
            return ProcessEnd(waitStatus: status)
        }
    }
}
