import Glibc

/// Keeps SIGPIPE from a thread: a child that reads no more must end a write with an error, not this program with a signal.
struct BrokenPipeMask {
    private var before = sigset_t()

    init() {
        var brokenPipe = Self.brokenPipe
        pthread_sigmask(SIG_BLOCK, &brokenPipe, &before)
    }

    /// Takes away a signal that waits, and puts the mask back.
    func restore() {
        var (brokenPipe, before, now) = (Self.brokenPipe, before, timespec())
        while sigtimedwait(&brokenPipe, nil, &now) > 0 {}
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }

    private static var brokenPipe: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        return signals
    }
}
