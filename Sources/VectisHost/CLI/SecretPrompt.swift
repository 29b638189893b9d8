import Glibc

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
