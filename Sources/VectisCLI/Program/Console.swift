import Dispatch
import Foundation
import FoundationEssentials
import Glibc
import PSACore
import PSAEngine
import Synchronization
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// Ends a command whose reader has gone away, as `head` does.
struct OutputClosed: Error {}

/// Where a command reads and writes: the terminal, or a recording in tests.
struct Console: Sendable {
    /// Results.
    var output: any TextSink
    /// Progress and failures.
    var messages: any TextSink
    /// Whether results are written to a terminal that shows colours; they are used only then.
    var outputIsTerminal: Bool
    /// Whether messages are written to a terminal that can redraw a line; progress is redrawn in place only then.
    var messagesAreTerminal: Bool
    /// How many columns the terminal of the messages has at present; nil if that is not known.
    var columns: @Sendable () -> Int? = { nil }
    /// Prompts for a secret without echoing it; nil without a terminal.
    var askSecret: (@Sendable (_ label: String) -> String?)?

    /// Creates a console, for tests.
    init(
        output: any TextSink, messages: any TextSink, outputIsTerminal: Bool = false, messagesAreTerminal: Bool = false,
        columns: @escaping @Sendable () -> Int? = { nil }, askSecret: (@Sendable (String) -> String?)? = nil
    ) {
        self.output = output
        self.messages = messages
        self.outputIsTerminal = outputIsTerminal
        self.messagesAreTerminal = messagesAreTerminal
        self.columns = columns
        self.askSecret = askSecret
    }

    /// The process's own streams.
    static var standard: Console {
        let hasPerson = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
        let terminal = TerminalAbilities(ProcessInfo.processInfo.environment)
        return Console(
            output: FileSink(descriptor: STDOUT_FILENO), messages: FileSink(descriptor: STDERR_FILENO),
            outputIsTerminal: isatty(STDOUT_FILENO) == 1 && terminal.hasColours,
            messagesAreTerminal: isatty(STDERR_FILENO) == 1 && terminal.redraws, columns: terminalColumns,
            askSecret: hasPerson ? SecretPrompt.ask : nil)
    }

    /// The columns of the terminal on standard error, as its window is now.
    private static let terminalColumns: @Sendable () -> Int? = {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// A line cut to the columns of the terminal, so that it does not wrap.
    func cutToWidth(_ line: String) -> String {
        guard messagesAreTerminal, let columns = columns(), line.count > columns else { return line }
        return Columns.pad(line, to: columns, cutting: true)
    }

    /// The same with a queue in front of both streams, for a program that must not wait for a reader.
    ///
    /// - Parameter now: The time, for the line that tells what was dropped.
    /// - Returns: The console.
    func queued(_ now: @escaping @Sendable () -> Date) -> Console {
        var console = self
        console.output = QueuedSink(output) { HostLog.droppedLine($0, at: now()) }
        console.messages = QueuedSink(messages) { HostLog.droppedLine($0, at: now()) }
        return console
    }

    /// Waits until everything written so far has reached the streams, each for so long.
    func flush(within limit: Duration) async {
        _ = await messages.flush(within: limit)
        _ = await output.flush(within: limit)
    }

    /// Writes a line to the results.
    func line(_ text: String = "") { output.write(text + "\n") }

    /// Writes a line to the messages.
    func message(_ text: String = "") { messages.write(text + "\n") }
}

/// What a terminal shows, by the conventions of the environment.
struct TerminalAbilities: Sendable, Equatable {
    /// Not with `NO_COLOR` (no-color.org) or `TERM=dumb`.
    let hasColours: Bool
    /// Not with `TERM=dumb`.
    let redraws: Bool

    init(_ environment: [String: String]) {
        redraws = environment["TERM"] != "dumb"
        hasColours = redraws && (environment["NO_COLOR"] ?? "").isEmpty
    }
}

/// Writes to a file descriptor without buffering, so that rows appear as they arrive.
final class FileSink: TextSink {
    private let descriptor: Int32
    private let end = Mutex<End?>(nil)

    /// Why it takes no more text.
    private enum End {
        case closed
        case failed(SystemReason)
    }

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Opens a file to append to, readable by its owner only; nil if that is not possible.
    ///
    /// A named pipe has to have a reader: opening one without would wait for it.
    init?(appendingTo path: String) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
    }

    var isClosed: Bool { end.withLock { $0 != nil } }

    var failure: SystemReason? {
        end.withLock { end in if case .failed(let reason) = end { reason } else { nil } }
    }

    func write(_ text: String) { write(Array(text.utf8)) }

    func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            if written < 0, errno == EAGAIN {
                // Another program that shares the stream has made it one that does not wait.
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, 1_000)
                continue
            }
            guard written > 0 else {
                let code = errno
                return end.withLock { $0 = code == EPIPE ? .closed : .failed(SystemReason(String(cString: strerror(code)))) }
            }
            rest = rest.dropFirst(written)
        }
    }
}

/// Shows the progress of a long list: redrawn in place on a terminal, otherwise a line every two seconds.
final class Progress: Sendable {
    private struct State: Sendable {
        var rows = 0
        var total: Int?
        var lastShown: Date
        var isDrawn = false
    }

    private let console: Console
    private let label: String
    private let time: TimeSource
    private let isSilent: Bool
    private let state: Mutex<State>

    init(_ label: String, console: Console, time: TimeSource, isSilent: Bool) {
        self.console = console
        self.label = label
        self.time = time
        self.isSilent = isSilent
        state = Mutex(State(lastShown: time.now()))
    }

    /// Counts rows that arrived.
    func add(_ rows: Int, total: Int?) {
        guard !isSilent else { return }
        let interval = console.messagesAreTerminal ? 0.2 : 2
        let text: String? = state.withLock { state in
            state.rows += rows
            state.total = total ?? state.total
            guard time.now().timeIntervalSince(state.lastShown) >= interval else { return nil }
            state.lastShown = time.now()
            state.isDrawn = true
            return "\(state.rows)\(state.total.map { " of \($0)" } ?? "") \(label)"
        }
        if let text { console.messages.write(console.messagesAreTerminal ? "\r\u{1B}[K" + console.cutToWidth(text + " …") : "\(text) …\n") }
    }

    /// Clears what was drawn in place.
    func finish() {
        let wasDrawn = state.withLock { $0.isDrawn }
        if wasDrawn, console.messagesAreTerminal { console.messages.write("\r\u{1B}[K") }
    }
}

enum SecretPrompt {
    /// Reads a line from the terminal with the echo off; the echo is back on however this ends.
    @Sendable static func ask(_ label: String) -> String? {
        let messages = FileSink(descriptor: STDERR_FILENO)
        messages.write("\(label) (not shown): ")
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        // Without a handler Ctrl-C would end the process and leave the terminal without echo.
        var interrupted = sigaction()
        interrupted.__sigaction_handler.sa_handler = { _ in }
        var previous = [sigaction(), sigaction()]
        let signals = [SIGINT, SIGTERM]
        for (index, number) in signals.enumerated() { sigaction(number, &interrupted, &previous[index]) }
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        let line = readLine()
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
        for (index, number) in signals.enumerated() { sigaction(number, &previous[index], nil) }
        messages.write("\n")
        guard let line else {
            raise(SIGINT)
            return nil
        }
        return line
    }

    /// A line from standard input, or nil if it ended or a signal came first.
    private static func readLine() -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(STDIN_FILENO, &byte, 1) == 1 {
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return nil
    }
}

/// Waits until the program is asked to stop.
enum ShutdownSignal {
    /// Does something that the first SIGINT or SIGTERM cancels; the second one ends the process.
    ///
    /// - Throws: What `work` throws.
    static func cancelling<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task = Task { try await work() }
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                signal(number, SIG_DFL)
                task.cancel()
            }
            source.resume()
            return source
        }
        defer {
            sources.forEach { $0.cancel() }
            for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
        }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Returns at SIGINT or SIGTERM, or, if requested, when standard input ends, so that this program ends with its parent.
    static func wait(inputCounts: Bool) async {
        let (stopped, continuation) = AsyncStream<Void>.makeStream()
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.finish() }
            source.resume()
            return source
        }
        if inputCounts {
            DispatchQueue(label: "standard input").async {
                while getchar() != EOF {}
                continuation.finish()
            }
        }
        for await _ in stopped {}
        sources.forEach { $0.cancel() }
    }
}
