import Glibc

/// The open directions of a child's pipes, and the bytes queued for it; confined to the thread of a ``PipeLoop``.
struct Traffic: ~Copyable {
    var readsOutput = true
    var readsErrors = true
    private let input: Int32
    private var isOpen = true
    private var isClosing = false
    private var lines: [[UInt8]] = []
    private var sent = 0

    /// Takes over the descriptor.
    init(input: Int32) { self.input = input }

    deinit {
        if isOpen { close(input) }
    }

    /// The child's input; -1 once it is closed.
    var openInput: Int32 { isOpen ? input : -1 }

    /// Whether there is something to send.
    var hasMore: Bool { isOpen && !lines.isEmpty }

    mutating func take(_ waiting: [[UInt8]], isClosing: Bool) {
        if isOpen { lines += waiting }
        self.isClosing = isClosing
        closeWhenDone()
    }

    /// Sends as much as the pipe accepts now.
    mutating func send() {
        while isOpen, let line = lines.first {
            let count = line[sent...].withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
            guard count >= 0 else {
                if errno == EAGAIN || errno == EINTR { return }
                // The child has closed its input; the missing responses are detected by the session.
                lines = []
                isClosing = true
                break
            }
            sent += count
            if sent == line.count {
                lines.removeFirst()
                sent = 0
            }
        }
        closeWhenDone()
    }

    /// The end of its input tells the child to exit.
    private mutating func closeWhenDone() {
        guard isOpen, isClosing, lines.isEmpty else { return }
        isOpen = false
        close(input)
    }
}
