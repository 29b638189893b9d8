import CSpawn
import Glibc

/// The two ends of a pipe, closed on deinitialization unless another owner took them over.
struct PipePair: ~Copyable {
    private(set) var reader: Int32
    private(set) var writer: Int32

    init() throws(ChildProcess.NotStarted) {
        var ends: [Int32] = [-1, -1]
        let code = psa_pipe(&ends)
        guard code == 0 else { throw ChildProcess.NotStarted(code: code) }
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        if reader >= 0 { close(reader) }
        if writer >= 0 { close(writer) }
    }

    /// Hands over the reading end, which never blocks from now on.
    mutating func takeReader() -> Int32 {
        defer { reader = -1 }
        return Self.unblocked(reader)
    }

    /// Hands over the writing end, which never blocks from now on.
    mutating func takeWriter() -> Int32 {
        defer { writer = -1 }
        return Self.unblocked(writer)
    }

    private static func unblocked(_ descriptor: Int32) -> Int32 {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        return descriptor
    }
}
