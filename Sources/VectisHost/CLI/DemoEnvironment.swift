import FoundationEssentials
import PSACore

/// A stand-in and an empty data folder for a demonstration; both are gone when it ends.
struct DemoEnvironment: Sendable {
    let folder: String
    let tenant: DemoTenant
    private let simulator: SimulatorProcess
    private let ownsFolder: Bool

    /// Starts the stand-in, and makes a folder unless one is given.
    static func start(_ command: ParsedCommand) async throws -> DemoEnvironment {
        let simulator = try await SimulatorProcess.start()
        let folder = command[.data] ?? FileManager.default.temporaryDirectory.path + "/vectis-demo-\(CorrelationID())"
        let settings: [SettingKey: String] = [
            "tenantURL": simulator.address, "clientID": simulator.clientID, "clientSecret": simulator.clientSecret.reveal(),
        ]
        return DemoEnvironment(
            folder: folder, tenant: DemoTenant(connector: ConnectorID("halopsa"), settings: settings), simulator: simulator,
            ownsFolder: command[.data] == nil)
    }

    /// Ends the stand-in and removes the folder.
    func stop() {
        simulator.stop()
        // A folder that can't be removed lies in the system's folder for temporary files, which is emptied anyway.
        if ownsFolder { try? FileManager.default.removeItem(atPath: folder) }
    }
}
