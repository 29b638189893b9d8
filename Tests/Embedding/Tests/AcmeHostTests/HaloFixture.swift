import HaloPSA
import HaloSimulator
import PSACore
import PSACurl

/// A HaloPSA simulator on a free port of this machine, and a session with it.
struct HaloFixture {
    let simulator: HaloSimulatorServer

    static func run(_ body: (HaloFixture) async throws -> Void) async throws {
        let simulator = try HaloSimulatorServer.start()
        do {
            try await body(HaloFixture(simulator: simulator))
        } catch {
            await simulator.stop()
            throw error
        }
        await simulator.stop()
    }

    func session(
        secret: String? = nil, transport: any HTTPTransport = CurlTransport(), log: any ConnectorLog = SilentLog()
    ) throws -> ConnectorSession {
        let settings: SettingsInput = [
            "tenantURL": simulator.url, "clientID": simulator.clientID, "clientSecret": secret ?? simulator.clientSecret,
        ]
        let context = ConnectorContext(transport: transport, addressPolicy: .allowingLoopback, log: log)
        return try ConnectorRegistry([HaloConnector.self]).connect("halopsa", settings: settings, context: context)
    }
}
