import Foundation
import Glibc
import HaloSimulator
import PSACore
import PSACurl

/// The simulator in its own process, with rows as large as a production tenant's.
enum TicketServer {
    /// A row of the simulator has about 1.4 kB without padding.
    static let sizes = [(title: "1.4 kB", padding: 0), (title: "6 kB", padding: 4_600)]

    /// Serves until standard input ends.
    static func serve(tickets: Int, padding: Int) async throws {
        let server = try start(tickets: tickets, padding: padding)
        print("http://127.0.0.1:\(server.port)")
        fflush(nil)
        while getchar() != EOF {}
        await server.stop()
    }

    /// Writes every page that a listing asks for as the file `N.json`, the empty one at the end included.
    static func writePages(to folder: String, tickets: Int, padding: Int) async throws {
        let server = try start(tickets: tickets, padding: padding)
        let transport = CurlTransport()
        let origin = try ServiceURL(typed: "http://127.0.0.1:\(server.port)", policy: .allowingLoopback)
        let token = try await Measurement.token(origin, transport)
        for page in 1...(tickets + 99) / 100 + 1 {
            let response = try await transport.send(Measurement.request(page, origin, token))
            try Data(response.body).write(to: URL(fileURLWithPath: "\(folder)/\(page).json"))
        }
        await server.stop()
        print("done")
        fflush(nil)
    }

    private static func start(tickets: Int, padding: Int) throws -> HaloSimulatorServer {
        var configuration = HaloSimulator.Configuration()
        configuration.ticketCount = tickets
        configuration.rowPadding = padding
        return try HaloSimulatorServer.start(configuration: configuration)
    }
}
