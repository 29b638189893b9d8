import Glibc

/// Blocks SIGPIPE in a thread: when a child closes its input, a write must fail with an error, not end this program with a signal.
struct BrokenPipeMask {
    private var before = sigset_t()

    init() {
        var brokenPipe = Self.brokenPipe
        pthread_sigmask(SIG_BLOCK, &brokenPipe, &before)
    }

    /// Consumes a pending signal, and restores the mask.
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
