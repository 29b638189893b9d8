import Glibc
import HaloPSA
import HaloSimulator
import PSACore
import PSACurl
import PSATesting
import TestSupport
import Testing
import WebServer

/// A connection to a simulator over a real socket, with every request held against the vendor's contract.
struct HaloFixture: Sendable {
    let server: HaloSimulatorServer
    let transport: InspectingTransport
    let log: RecordingLog
    let time: TimeSource
    let tenants: TenantRateLimits

    var simulator: HaloSimulator { server.simulator }
    var address: String { "http://127.0.0.1:\(server.port)" }

    /// Runs a test against a simulator and checks at its end that nothing was sent that the vendor does not have.
    static func run(
        _ configuration: HaloSimulator.Configuration = .init(), faults: [String] = [], time: TimeSource = .skippingWaits,
        sourceLocation: SourceLocation = #_sourceLocation, _ body: (HaloFixture) async throws -> Void
    ) async throws {
        let server = try HaloSimulatorServer.start(configuration: configuration)
        let transport = InspectingTransport(CurlTransport(), contract: try HaloContract())
        let fixture = HaloFixture(
            server: server, transport: transport, log: RecordingLog(), time: time, tenants: TenantRateLimits(pace: nil))
        do {
            try await server.simulator.setFaults(faults.map(HaloFault.init(parsing:)))
            try await body(fixture)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
        #expect(transport.violations == [], sourceLocation: sourceLocation)
    }

    /// A session with the demo application's credentials, and other settings as given.
    ///
    /// A connection test may take as long as a busy machine needs, unless a test wants it otherwise.
    func session(_ changes: [SettingKey: String] = [:], testLimit: Duration = .seconds(300)) throws -> ConnectorSession {
        try ConnectorRegistry([HaloConnector.self]).connect("halopsa", settings: input(changes), context: context(testLimit))
    }

    /// The connector without a session, which takes its own cursors; the closure is called before each request.
    func connector(beforeSending: (@Sendable (TransportRequest) async -> Void)? = nil) throws -> HaloConnector {
        let settings = try #require(HaloConnector.descriptor.settings.validate(input([:]), policy: .allowingLoopback).settings)
        var context = context(.seconds(300))
        if let beforeSending { context.transport = NotingTransport(base: transport, beforeSending: beforeSending) }
        return try HaloConnector(settings: settings, context: context)
    }

    private func input(_ changes: [SettingKey: String]) -> SettingsInput {
        var input: SettingsInput = [
            "tenantURL": address, "clientID": HaloSimulator.Configuration.demoClientID,
            "clientSecret": HaloSimulator.Configuration.demoClientSecret, "ticketTypeID": "1",
        ]
        for (key, value) in changes { input[key] = Secret(value) }
        return input
    }

    private func context(_ testLimit: Duration) -> ConnectorContext {
        ConnectorContext(
            transport: transport, addressPolicy: .allowingLoopback, time: time, log: log, tenants: tenants,
            connectionTestLimit: testLimit)
    }

    /// A ticket as the simulator holds it.
    func stored(_ id: Ticket.ID) async throws -> HaloSimulator.StoredTicket {
        let number = try #require(id.integer)
        return try #require(await simulator.ticket(number))
    }

    /// The newest action of a ticket as the simulator holds it.
    func lastAction(of id: Ticket.ID) async throws -> HaloSimulator.StoredAction {
        let number = try #require(id.integer)
        return try #require(await simulator.actions(ofTicket: number).last)
    }

    func setFaults(_ names: String...) async throws { await simulator.setFaults(try names.map(HaloFault.init(parsing:))) }

    /// Plays faults from the request on that follows the first page of the ticket list, however far ahead a reader asks.
    func setFaultsAfterFirstTicketPage(_ names: String...) async throws {
        let faults = try names.map(HaloFault.init(parsing:))
        await simulator.afterEachRequest { simulator, answered in
            guard answered.resource == "Tickets", answered.isList, answered.page == 1 else { return }
            simulator.setFaults(faults)
            simulator.afterEachRequest(nil)
        }
    }
}

/// A transport that does something before each request.
private struct NotingTransport: HTTPTransport {
    let base: any HTTPTransport
    let beforeSending: @Sendable (TransportRequest) async -> Void

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        await beforeSending(request)
        return try await base.send(request)
    }
}

extension TimeSource {
    /// The machine's clock, for which waits are over at once: failures are repeated without a test having to sit them out.
    ///
    /// Only the five minutes after which a test of the connection would give up are really waited, or rather cancelled long before.
    static var skippingWaits: TimeSource { SkippingClock(maxSkippedLength: .seconds(299)).source }
}

/// The code of the error that an operation throws; records an issue if it throws none.
func code(of operation: () async throws -> Void, sourceLocation: SourceLocation = #_sourceLocation) async -> ErrorCode? {
    do {
        try await operation()
        Issue.record("No error was thrown.", sourceLocation: sourceLocation)
        return nil
    } catch let error as PSAError {
        return error.code
    } catch {
        Issue.record("\(error) is not a PSAError.", sourceLocation: sourceLocation)
        return nil
    }
}

extension AsyncSequence {
    /// All elements.
    func collected() async throws -> [Element] {
        var rows: [Element] = []
        for try await row in self { rows.append(row) }
        return rows
    }
}

/// A server that gives the same answer to everything.
final class StubServer: Sendable {
    private let server: WebServer

    init(status: Int, headers: [String: String] = [:], body: String = "") throws {
        let fields = headers.map { (name: $0.key, value: $0.value) }
        server = try WebServer.start(.test) { _ in WebResponse(status: status, headers: WebHeaders(fields), body: .bytes(Array(body.utf8)))
        }
    }

    var address: String { "http://127.0.0.1:\(server.port)" }

    func stop() { Task { await server.stop() } }
}

/// A port that is taken, so that no other process gets it, and on which nothing listens.
final class ClosedPort: Sendable {
    let number: UInt16
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        number = UInt16(bigEndian: address.sin_port)
        try #require(isBound)
    }

    deinit { close(descriptor) }
}
