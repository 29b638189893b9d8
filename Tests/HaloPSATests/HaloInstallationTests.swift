import HaloSimulator
import PSACore
import PSACurl
import TestSupport
import Testing
import WebServer

@testable import HaloPSA

@Suite("A HaloPSA under a path")
struct HaloInstallationTests {
    /// Runs something against a HaloPSA that is found under a path, and nowhere else.
    private func serving(_ prefix: String, _ body: (String) async throws -> Void) async throws {
        let simulator = HaloSimulator()
        let server = try WebServer.start(.test) { request in
            guard request.path.hasPrefix(prefix + "/") else { return WebResponse(status: 404) }
            let inner = WebRequest(
                method: request.method, path: String(request.path.dropFirst(prefix.count)), query: request.query,
                headers: request.headers, body: request.body)
            return await simulator.respond(to: inner)
        }
        do {
            try await body("http://127.0.0.1:\(server.port)")
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private func session(at address: String) throws -> ConnectorSession {
        let input: SettingsInput = [
            "tenantURL": address, "clientID": HaloSimulator.Configuration.demoClientID,
            "clientSecret": HaloSimulator.Configuration.demoClientSecret, "ticketTypeID": "1",
        ]
        let context = ConnectorContext(
            transport: CurlTransport(), addressPolicy: .allowingLoopback, time: .skippingWaits, tenants: TenantRateLimits(pace: nil),
            connectionTestLimit: .seconds(300))
        return try ConnectorRegistry([HaloConnector.self]).connect("halopsa", settings: input, context: context)
    }

    @Test(arguments: ["/ITSM", "/ITSM/", "/ITSM/tickets?id=5&showmenu=false", "/ITSM/api", "/ITSM/auth/token", "/ITSM/Login.aspx"])
    func connectsUnderItsPathWhateverPageWasPasted(suffix: String) async throws {
        try await serving("/ITSM") { address in
            let report = try await session(at: address + suffix).testConnection()
            #expect(report.isConnected, "\(report.headline)")
            #expect(report.host.hasSuffix("/ITSM"))
        }
    }

    @Test func readsWritesAndLinksUnderThePath() async throws {
        try await serving("/apps/halo") { address in
            let session = try session(at: address + "/apps/halo")
            let created = try await session.createTicket(TicketDraft(summary: "Printer on fire"))
            #expect(created.webAddress == "\(address)/apps/halo/ticket?id=\(created.id)")
            #expect(try await session.ticket(created.id).summary == "Printer on fire")
        }
    }

    @Test(arguments: ["/ticket?id=5&showmenu=false", "/login", "/api", "/auth", "/tickets", "/portal/home", "/index.html", "/"])
    func cutsAPageOfAnInstallationWithoutAPath(suffix: String) async throws {
        try await serving("") { address in
            let report = try await session(at: address + suffix).testConnection()
            #expect(report.isConnected, "\(report.headline)")
        }
    }

    @Test(arguments: [("", "/helpdesk"), ("/ITSM", "/ITSM/helpdesk"), ("/ITSM", "/ITSM/helpdesk/desk")])
    func suggestsTheAddressAboveIfThereIsNothingUnderThePath(prefix: String, suffix: String) async throws {
        try await serving(prefix) { address in
            let failure = try #require(try await session(at: address + suffix).testConnection().failure)
            #expect(failure.code == .authEndpointNotFound)
            #expect(failure.suggestion?.field == .tenantURL && failure.suggestion?.value == address + prefix)
            #expect(failure.guidance.fields == [.tenantURL])
        }
    }

    @Test(arguments: ["/halo", "/haloitsm", "/halopsa", "/itsm"])
    func suggestsTheUsualPathIfItIsNotTyped(path: String) async throws {
        try await serving(path) { address in
            let failure = try #require(try await session(at: address).testConnection().failure)
            #expect(failure.suggestion?.field == .tenantURL && failure.suggestion?.value == address + path)
            #expect(failure.guidance.causes.first?.id == "wrong_address" && failure.guidance.causes.first?.confidence == .certain)
        }
    }

    @Test func installationsOnOneHostAreTenantsOfTheirOwn() throws {
        let urls = try ["/ITSM", "/PSA", ""].map { path in
            try ServiceURL(typed: "https://halo.example.com" + path, installation: HaloAddress.installation)
        }
        #expect(Set(urls.map(\.location)) == ["halo.example.com/ITSM", "halo.example.com/PSA", "halo.example.com"])
        for host in ["acme.halopsa.com", "acme.haloitsm.com", "acme.trial.usehalo.com", "halopsa.com"] {
            let url = try ServiceURL(typed: host + "/ITSM", installation: HaloAddress.installation)
            #expect(url.location == host)
        }
    }
}
