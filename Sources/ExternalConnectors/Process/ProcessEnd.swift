/// How a process ended.
enum ProcessEnd: Sendable, Hashable {
    case exited(status: Int32)
    case signalled(Int32)

    /// Reads the status that `waitpid` gives; the macros for it are not visible from Swift.
    init(waitStatus status: Int32) {
        let signal = status & 0x7F
        self = signal == 0 ? .exited(status: (status >> 8) & 0xFF) : .signalled(signal)
    }
}
