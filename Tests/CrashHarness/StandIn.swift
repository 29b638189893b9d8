import HaloSimulator
import PSACore

/// The HaloPSA that survives the death of its hosts: it lives in this process.
struct StandIn: Sendable {
    let server: HaloSimulatorServer

    /// Starts one with few tickets.
    init() throws {
        var configuration = HaloSimulator.Configuration()
        configuration.ticketCount = 10
        configuration.contactCount = 5
        configuration.companyCount = 3
        server = try HaloSimulatorServer.start(configuration: configuration)
    }

    /// The connection to it as the API takes it.
    var connection: JSONValue {
        [
            "connector": "halopsa", "acceptUntested": true,
            "settings": [
                "tenantURL": .string("http://127.0.0.1:\(server.port)"), "clientID": .string(HaloSimulator.Configuration.demoClientID),
                "clientSecret": .string(HaloSimulator.Configuration.demoClientSecret), "ticketTypeID": "1",
            ],
        ]
    }

    /// Switches these faults on, and all others off.
    func set(_ faults: [String]) async throws { await server.simulator.setFaults(try faults.map(HaloFault.init(parsing:))) }

    /// How many tickets and notes carry a marker, and on which tickets they are.
    func writes(of marker: String, on ticket: String?) async -> [String] {
        let tickets = await server.simulator.tickets(thirdPartyIDString: marker).map { String($0.id) }
        guard let id = ticket.flatMap({ Int($0) }) else { return tickets }
        let notes = await server.simulator.actions(ofTicket: id).filter { !$0.isSystem && ($0.note + $0.noteHTML).contains(marker) }
        return tickets + notes.map { _ in String(id) }
    }

    /// The markers that were searched for, each once.
    func searched() async -> Set<String> {
        Set(
            await server.simulator.requestLog().filter { $0.method == "GET" }.flatMap(\.query)
                .filter { $0.name == "third_party_id_string" }.map(\.value))
    }
}
