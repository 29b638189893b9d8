import PSACore

/// A host that is restarted each time it dies.
actor RestartingHost {
    private let binary: String
    private let folder: String
    private var current: HostProcess?
    private var isOver = false
    /// How often it died unexpectedly.
    private(set) var deaths = 0

    init(_ binary: String, folder: String) {
        self.binary = binary
        self.folder = folder
    }

    /// Where it listens now; nil while it is dead.
    var origin: ServiceURL? { current?.origin }

    /// Starts it, the first time with a step at which it crashes, and restarts it until ``stop()``.
    func keepRunning(crash: String) async throws {
        var crash = crash
        while !isOver {
            let host = try await HostProcess.start(binary, folder: folder, crash: crash)
            // It looks for what it held when it died; it must not die of that again.
            crash = "none:0"
            guard let host else {
                deaths += 1
                continue
            }
            if isOver { host.kill() }
            current = host
            await host.ended()
            current = nil
            if !isOver { deaths += 1 }
        }
    }

    /// Kills it where it is; it is started again.
    func kill() { current?.kill() }

    /// Kills it for good.
    func stop() {
        isOver = true
        current?.kill()
    }
}
