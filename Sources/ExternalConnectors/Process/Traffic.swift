import Glibc

/// Which way bytes still move, and those on their way to the child; belongs to the thread of a ``PipeLoop``.
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

    /// The child's input; -1 once it takes nothing more.
    var openInput: Int32 { isOpen ? input : -1 }

    /// Whether there is something to send.
    var hasMore: Bool { isOpen && !lines.isEmpty }

    mutating func take(_ waiting: [[UInt8]], isClosing: Bool) {
        if isOpen { lines += waiting }
        self.isClosing = isClosing
        closeWhenDone()
    }

    /// Sends what the child takes now.
    mutating func send() {
        while isOpen, let line = lines.first {
            let count = line[sent...].withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
            guard count >= 0 else {
                if errno == EAGAIN || errno == EINTR { return }
                // It reads no more; what it did not read it will not answer, and that is found out there.
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

    /// The end of its input is the child's sign to leave.
    private mutating func closeWhenDone() {
        guard isOpen, isClosing, lines.isEmpty else { return }
        isOpen = false
        close(input)
    }
}
