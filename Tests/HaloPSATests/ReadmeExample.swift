// The samples of README.md, compiled; a test compares the two.

// sample: host
import HaloPSA
import PSACore
import PSACurl

func openTickets(settings: SettingsInput, context: ConnectorContext) async throws -> [Ticket] {
    let registry = try ConnectorRegistry([HaloConnector.self])
    let halo = try registry.connect("halopsa", settings: settings, context: context)

    let report = try await halo.testConnection()
    guard report.isConnected else { throw report.failure ?? PSAError(.connectorDefect) }

    var open: [Ticket] = []
    for try await ticket in halo.tickets() where ticket.phase == .open { open.append(ticket) }
    _ = try await halo.createTicket(TicketDraft(summary: "\(open.count) tickets are open", type: TicketType.ID(1)))
    return open
}
// end of sample

// sample: transport
struct OtherTransport: HTTPTransport {
    let client: OtherClient

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        do {
            let answer = try await client.exchange(
                request.method.rawValue, request.urlText, headers: request.headers.fields, body: request.body,
                timeout: request.timeout, limit: request.maximumResponseBytes, mayConnect: request.addressPolicy.allows)
            return TransportResponse(status: answer.status, headers: answer.headers, body: answer.body)
        } catch OtherClient.NoAnswer.unknownHost {
            throw TransportError(.nameNotFound, delivery: .notSent)
        } catch OtherClient.NoAnswer.other {
            throw TransportError(.interrupted, delivery: .maybeSent)
        }
    }
}
// end of sample

/// Stands for whatever HTTP client a host has.
struct OtherClient: Sendable {
    enum NoAnswer: Error {
        case unknownHost
        case other
    }

    func exchange(
        _ method: String, _ url: String, headers: [(name: String, value: String)], body: [UInt8]?, timeout: Duration, limit: Int,
        mayConnect: (IPAddress) -> Bool
    ) async throws -> (status: Int, headers: TransportHeaders, body: [UInt8]) {
        guard let address = IPAddress("192.0.2.1"), mayConnect(address) else { throw NoAnswer.other }
        return (204, [:], [])
    }
}
