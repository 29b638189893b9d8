public import PSACore

/// Request Tracker 5 by Best Practical, over its REST 2.0 interface, connected with an authentication token.
///
/// It is here to prove the contract against a server that was not made for it, and is no part of what the host offers.
public struct RequestTrackerConnector: PSAConnector {
    let settings: RTSettings
    let context: ConnectorContext
    let client: RTClient
    let staff: StaffDirectory
    let phases: StatusPhases

    /// Makes a connection without contacting RT.
    ///
    /// - Throws: ``PSAError`` only for settings that the schema should not have let through.
    public init(settings: ConnectorSettings, context: ConnectorContext) throws {
        self.init(settings: try RTSettings(settings), context: context, timeouts: .normal)
    }

    init(settings: RTSettings, context: ConnectorContext, timeouts: RequestTimeouts) {
        self.settings = settings
        self.context = context
        client = RTClient(settings: settings, context: context, timeouts: timeouts)
        staff = StaffDirectory(client: client)
        phases = StatusPhases(client: client)
    }
}
