import Dispatch
import Foundation
import Synchronization

/// A running `chromedriver` under a small shell that ends it, and all it made, when this process is gone.
///
/// The shell waits on its standard input. That ends when ``stop()`` closes it, and also when this process is killed, so no test run leaves
/// a browser behind. The driver is killed rather than asked: signals sent to it may be blocked, because a child inherits the mask of the
/// thread that started it.
final class DriverProcess: Sendable {
    /// The port of 127.0.0.1 the driver listens on.
    let port: Int
    private let lifeline: Lifeline
    /// Ends with the shell, because nothing else writes to it.
    private let farewell: FileHandle

    private init(port: Int, lifeline: Lifeline, farewell: FileHandle) {
        self.port = port
        self.lifeline = lifeline
        self.farewell = farewell
    }

    /// Starts a driver and waits until it says where it listens.
    ///
    /// - Throws: ``BrowserError`` if it ends or stays silent.
    static func start(executable: String, within limit: Duration) async throws -> DriverProcess {
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", script, "sh", executable]
        let (input, output, farewell) = (Pipe(), Pipe(), Pipe())
        shell.standardInput = input
        shell.standardOutput = output
        shell.standardError = farewell
        do {
            try shell.run()
        } catch {
            throw BrowserError(.driverGone, "The shell that starts chromedriver could not be started: \(error).")
        }
        let lifeline = Lifeline(input.fileHandleForWriting)
        let announcement = PortAnnouncement(output.fileHandleForReading)
        let watch = Task {
            try await Task.sleep(for: limit)
            announcement.giveUp()
        }
        defer { watch.cancel() }
        guard let port = await announcement.port() else {
            lifeline.cut()
            throw BrowserError(
                .driverGone,
                "chromedriver ended or did not say within \(limit) where it listens. It said: “\(announcement.words.suffix(400))”")
        }
        return DriverProcess(port: port, lifeline: lifeline, farewell: farewell.fileHandleForReading)
    }

    /// Ends the driver and its browsers and waits until they are gone.
    func stop() async {
        lifeline.cut()
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "chromedriver's end").async { [farewell] in
                while !farewell.availableData.isEmpty {}
                continuation.resume()
            }
        }
    }

    /// The shell gives up its own copy of the output, so that the output ends with the driver.
    ///
    /// Chromium ends by itself once the pipe to its driver is gone, and recreates parts of its profile until then, so the folder goes
    /// when no process names it any more. There is no `wait`: with SIGCHLD blocked, as tasks' threads have it, dash would wait for ever.
    private static let script = """
        trap '' INT TERM HUP PIPE
        TMPDIR=$(mktemp -d) || exit 1
        export TMPDIR
        "$1" --port=0 2>&1 &
        driver=$!
        exec >/dev/null
        read -r end
        kill -KILL $driver
        tries=100
        while printf %s "$TMPDIR" | grep -qsF -f - /proc/[0-9]*/cmdline && [ $tries -gt 0 ]; do tries=$((tries - 1)); sleep 0.1; done
        rm -rf "$TMPDIR" 2>/dev/null
        """
}

/// Reads a driver's output until it names its port, and on so that the driver never blocks on a full pipe.
private final class PortAnnouncement: Sendable {
    private enum State {
        case listening
        case awaited(CheckedContinuation<Int?, Never>)
        case completed(Int?)
    }

    private let state = Mutex((State.listening, words: ""))

    /// What the driver has said.
    var words: String { state.withLock { $0.words } }

    init(_ handle: FileHandle) {
        // Reading blocks. A queue of its own gets a thread of its own; the global ones share theirs with the tasks.
        DispatchQueue(label: "chromedriver's output").async { [self] in
            while case let more = handle.availableData, !more.isEmpty {
                let words = state.withLock { state in
                    state.words += String(decoding: more, as: UTF8.self)
                    return state.words
                }
                if let match = words.firstMatch(of: /on port ([1-9][0-9]*)\./), let port = Int(match.1) { complete(port) }
            }
            complete(nil)
        }
    }

    /// The port, or nil once the output has ended or ``giveUp()`` was called.
    func port() async -> Int? {
        await withCheckedContinuation { continuation in
            let known: Int?? = state.withLock { state in
                if case .completed(let port) = state.0 { return .some(port) }
                state.0 = .awaited(continuation)
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// Stops waiting; a process the driver left behind may keep the output open.
    func giveUp() { complete(nil) }

    private func complete(_ port: Int?) {
        let waiting: CheckedContinuation<Int?, Never>? = state.withLock { state in
            switch state.0 {
            case .completed: return nil
            case .listening:
                state.0 = .completed(port)
                return nil
            case .awaited(let continuation):
                state.0 = .completed(port)
                return continuation
            }
        }
        waiting?.resume(returning: port)
    }
}

/// The writing end of a pipe whose closing is the message.
private final class Lifeline: @unchecked Sendable {
    // Unchecked, yet sound: the handle is only touched under the lock.
    private let lock = NSLock()
    private var handle: FileHandle?

    init(_ handle: FileHandle) { self.handle = handle }

    func cut() {
        lock.withLock {
            try? handle?.close()
            handle = nil
        }
    }
}
