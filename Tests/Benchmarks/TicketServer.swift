import Glibc
import HaloSimulator

/// The simulator in its own process, with rows as large as a production tenant's.
enum TicketServer {
    /// Serves until standard input ends.
    static func serve(tickets: Int, padding: Int) async throws {
        var configuration = HaloSimulator.Configuration()
        configuration.ticketCount = tickets
        // A live list row is about 8.7 kB; the simulator's own fields are about 1.3 kB of that.
        configuration.rowPadding = padding
        let server = try HaloSimulatorServer.start(configuration: configuration)
        print("http://127.0.0.1:\(server.port)")
        fflush(nil)
        while getchar() != EOF {}
        await server.stop()
    }
}
