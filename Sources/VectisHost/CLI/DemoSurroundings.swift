import FoundationEssentials
import PSACore

/// A stand-in and an empty data folder for a demonstration; both are gone when it ends.
struct DemoSurroundings: Sendable {
    let folder: String
    let tenant: DemoTenant
    private let standIn: StandInProcess
    private let ownsFolder: Bool

    /// Starts the stand-in, and makes a folder unless one is given.
    static func start(_ command: ParsedCommand) async throws -> DemoSurroundings {
        let standIn = try await StandInProcess.start()
        let folder = command[.data] ?? FileManager.default.temporaryDirectory.path + "/vectis-demo-\(CorrelationID())"
        let settings: [SettingKey: String] = [
            "tenantURL": standIn.address, "clientID": standIn.clientID, "clientSecret": standIn.clientSecret.reveal(),
        ]
        return DemoSurroundings(
            folder: folder, tenant: DemoTenant(connector: ConnectorID("halopsa"), settings: settings), standIn: standIn,
            ownsFolder: command[.data] == nil)
    }

    /// Ends the stand-in and removes the folder.
    func stop() {
        standIn.stop()
        // A folder that can't be removed lies in the system's folder for temporary files, which is emptied anyway.
        if ownsFolder { try? FileManager.default.removeItem(atPath: folder) }
    }
}
