import Glibc

/// The open directions of a child's pipes, and the bytes queued for it; confined to the thread of a ``PipeLoop``.
struct Traffic: ~Copyable {
    var readsOutput = true
    var readsErrors = true
    private let input: Int32
    private var isOpen = true
    private var isClosing = false
    private var lines: [[UInt8]] = []
    /// How many of the lines are sent; they are removed together, because each removal moves all others.
    private var sentLines = 0
    private var sent = 0

    /// Takes over the descriptor.
    init(input: Int32) { self.input = input }

    deinit {
        if isOpen { close(input) }
    }

    /// The child's input; -1 once it is closed.
    var openInput: Int32 { isOpen ? input : -1 }

    /// Whether there is something to send.
    var hasMore: Bool { isOpen && sentLines < lines.count }

    mutating func take(_ waiting: [[UInt8]], isClosing: Bool) {
        if isOpen { lines += waiting }
        self.isClosing = isClosing
        closeWhenDone()
    }

    /// Sends as much as the pipe accepts now, and returns how many bytes that was.
    mutating func send() -> Int {
        var total = 0
        while hasMore {
            let count = lines[sentLines][sent...].withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
            guard count >= 0 else {
                if errno == EAGAIN || errno == EINTR { return total }
                // The child has closed its input; the missing responses are detected by the session.
                discardLines()
                isClosing = true
                break
            }
            sent += count
            total += count
            guard sent == lines[sentLines].count else { continue }
            lines[sentLines] = []
            sentLines += 1
            sent = 0
            if sentLines == lines.count || sentLines == 1_024 {
                lines.removeFirst(sentLines)
                sentLines = 0
            }
        }
        closeWhenDone()
        return total
    }

    /// Drops what is queued.
    mutating func discardLines() { (lines, sentLines, sent) = ([], 0, 0) }

    /// The end of its input tells the child to exit.
    private mutating func closeWhenDone() {
        guard isOpen, isClosing, !hasMore else { return }
        isOpen = false
        close(input)
    }
}
