import CMicroHTTPD
import Glibc

/// A descriptor that becomes readable when another thread signals.
final class WakeUp: Sendable {
    let descriptor: Int32

    init?() {
        descriptor = cmhd_event_descriptor()
        if descriptor < 0 { return nil }
    }

    func signal() {
        cmhd_event_signal(descriptor)
    }

    func clear() {
        cmhd_event_clear(descriptor)
    }

    deinit {
        close(descriptor)
    }
}
