import PSACore

/// A host that is restarted each time it dies.
actor RestartingHost {
    private let binary: String
    private let folder: String
    private let sharing: HostProcess.Sharing?
    private var current: HostProcess?
    private var isOver = false
    /// How often it died unexpectedly.
    private(set) var deaths = 0
    /// How often it ended before it listened, as without a database.
    private(set) var failedStarts = 0

    init(_ binary: String, folder: String, sharing: HostProcess.Sharing? = nil) {
        self.binary = binary
        self.folder = folder
        self.sharing = sharing
    }

    /// Where it listens now; nil while it is dead.
    var origin: ServiceURL? { current?.origin }

    /// Starts it, the first time with a step at which it crashes, and restarts it until ``stop()``.
    func keepRunning(crash: String) async throws {
        var crash = crash
        while !isOver {
            let host = try await HostProcess.start(binary, folder: folder, crash: crash, sharing: sharing)
            // It looks for what it held when it died; it must not die of that again.
            crash = "none:0"
            guard let host else {
                deaths += 1
                failedStarts += 1
                try await Task.sleep(for: .milliseconds(50))
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
    ///
    /// - Returns: False if it was dead already.
    @discardableResult func kill() -> Bool {
        guard let host = current else { return false }
        current = nil
        host.kill()
        return true
    }

    /// Kills it for good.
    func stop() {
        isOver = true
        current?.kill()
    }
}
