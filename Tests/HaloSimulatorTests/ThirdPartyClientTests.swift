import Foundation
import HaloSimulator
import Testing

/// Clients nobody here wrote, from PyPI, at work with the stand-in.
@Suite("Published clients and the stand-in")
struct ThirdPartyClientTests {
    @Test(
        "a published client lists, reads and, where it sends arrays, creates and updates",
        .enabled("PyPI can't be reached, so the published clients are not tried.") { try await PythonClients.shared.areInstalled() },
        arguments: ["halopsa", "haloitsm"])
    func works(client: String) async throws {
        let server = try HaloSimulatorServer.start()
        let arguments = [
            "\(server.port)", HaloSimulator.Configuration.demoClientID, HaloSimulator.Configuration.demoClientSecret,
        ]
        let result = try await PythonClients.shared.run([client] + arguments)
        let created = await server.simulator.ticketCount() - 250
        await server.stop()
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.hasSuffix("done\n"), "\(result.output)")
        #expect(created == (client == "halopsa" ? 1 : 0))
    }
}
