import HaloSimulator
import PSACore

/// The HaloPSA that survives the death of its hosts, because it runs in this process.
struct Simulator: Sendable {
    let server: HaloSimulatorServer

    /// The customers that are there and active.
    static let clients = Array(12..<23)
    /// A customer that is not active any more.
    static let inactiveClient = 23

    /// Starts one with few tickets.
    init() throws {
        var configuration = HaloSimulator.Configuration()
        configuration.ticketCount = 10
        configuration.contactCount = 5
        configuration.companyCount = 12
        server = try HaloSimulatorServer.start(configuration: configuration)
    }

    /// The connection to it as the API accepts it, with a rate limit that delays nothing.
    var connection: JSONValue {
        [
            "connector": "halopsa", "acceptUntested": true,
            "settings": [
                "tenantURL": .string("http://127.0.0.1:\(server.port)"), "clientID": .string(HaloSimulator.Configuration.demoClientID),
                "clientSecret": .string(HaloSimulator.Configuration.demoClientSecret), "ticketTypeID": "1",
                "requestsPerFiveMinutes": "100000",
            ],
        ]
    }

    /// Switches these faults on, and all others off.
    func set(_ faults: [String]) async throws { await server.simulator.setFaults(try faults.map(HaloFault.init(parsing:))) }

    /// The tickets and notes that were created since the run began.
    func writes() async -> [HaloSimulator.StoredWrite] { await server.simulator.storedWrites() }

    /// The files of tickets, and the uploads that no ticket refers to.
    func files() async -> [HaloSimulator.StoredAttachment] { await server.simulator.attachments() }

    /// The name of a customer.
    func name(_ client: Int?) async -> String? {
        guard let client else { return nil }
        return await server.simulator.clientName(client)
    }

    /// Hides the tickets of a run from the next; their numbers are not reused.
    func clear() async {
        for write in await writes() where write.actionID == nil { await server.simulator.change(ticket: write.ticketID, .hidden(true)) }
        await server.simulator.clearLog()
    }

    /// The references that were searched for, each once.
    func searched() async -> Set<String> {
        Set(
            await server.simulator.requestLog().filter { $0.method == "GET" }.flatMap(\.query)
                .filter { $0.name == "third_party_id_string" }.map(\.value))
    }
}
