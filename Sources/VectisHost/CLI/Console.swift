import Glibc

/// Somewhere text goes.
public protocol TextSink: Sendable {
    /// Writes text as it is.
    func write(_ text: String)
}

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
struct FileSink: TextSink {
    let descriptor: Int32

    func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }
}

enum SecretPrompt {
    /// Reads a line from the terminal with the echo off.
    @Sendable static func ask(_ label: String) -> String? {
        FileSink(descriptor: STDERR_FILENO).write("\(label) (not shown): ")
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            FileSink(descriptor: STDERR_FILENO).write("\n")
        }
        return readLine()
    }
}
