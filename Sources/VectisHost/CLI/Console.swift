import Glibc
import Synchronization

/// Somewhere text goes.
public protocol TextSink: Sendable {
    /// Writes text as it is.
    func write(_ text: String)

    /// Whether nobody reads any more.
    var isClosed: Bool { get }
}

extension TextSink {
    /// A sink that is always read.
    public var isClosed: Bool { false }
}

/// Ends a command whose reader has gone away, as `head` does.
struct OutputClosed: Error {}

/// Where a command reads and writes: the terminal, or a recording in tests.
public struct Console: Sendable {
    /// Results.
    public var output: any TextSink
    /// Progress, and failures in words.
    public var messages: any TextSink
    /// Whether results go to a person's screen; colour appears only then.
    public var outputIsTerminal: Bool
    /// Whether messages go to a person's screen; progress is redrawn in place only then.
    public var messagesAreTerminal: Bool
    /// Asks for a secret without showing it; nil where nobody can be asked.
    public var askSecret: (@Sendable (_ label: String) -> String?)?

    /// Makes a console; tests do.
    public init(
        output: any TextSink, messages: any TextSink, outputIsTerminal: Bool = false, messagesAreTerminal: Bool = false,
        askSecret: (@Sendable (String) -> String?)? = nil
    ) {
        self.output = output
        self.messages = messages
        self.outputIsTerminal = outputIsTerminal
        self.messagesAreTerminal = messagesAreTerminal
        self.askSecret = askSecret
    }

    /// The process's own streams.
    public static var standard: Console {
        let hasPerson = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
        return Console(
            output: FileSink(descriptor: STDOUT_FILENO), messages: FileSink(descriptor: STDERR_FILENO),
            outputIsTerminal: isatty(STDOUT_FILENO) == 1, messagesAreTerminal: isatty(STDERR_FILENO) == 1,
            askSecret: hasPerson ? SecretPrompt.ask : nil)
    }

    /// Writes a line to the results.
    public func line(_ text: String = "") { output.write(text + "\n") }

    /// Writes a line to the messages.
    public func message(_ text: String = "") { messages.write(text + "\n") }
}

/// Writes to a file descriptor at once, so that rows appear as they arrive.
final class FileSink: TextSink {
    private let descriptor: Int32
    private let closed = Mutex(false)

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Opens a file to append to, readable by its owner only; nil if that is not possible.
    init?(appendingTo path: String) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
    }

    var isClosed: Bool { closed.withLock { $0 } }

    func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return closed.withLock { $0 = true } }
            bytes = bytes.dropFirst(written)
        }
    }
}
