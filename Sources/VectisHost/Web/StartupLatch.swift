import Synchronization

/// Holds requests until the application is there: it needs to know the port, and the port is known once the server listens.
final class StartupLatch: Sendable {
    private struct State {
        var application: WebApplication?
        var waiting: [CheckedContinuation<WebApplication, Never>] = []
    }

    private let state = Mutex(State())

    /// Lets all requests through.
    func open(_ application: WebApplication) {
        let waiting = state.withLock { state in
            state.application = application
            defer { state.waiting = [] }
            return state.waiting
        }
        waiting.forEach { $0.resume(returning: application) }
    }

    /// The application, once it is there.
    func application() async -> WebApplication {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state in
                if state.application == nil { state.waiting.append(continuation) }
                return state.application
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }
}
