import HaloPSA
import HaloSimulator
import PSACore
import PSACurl
import PSATesting
import TestSupport
import Testing

/// Runs one case over a real socket and says what came out.
struct FaultRun: Sendable {
    /// What was said at the end.
    var errors: [(check: ConnectionCheck.Subject?, outcome: ConnectionCheck.Outcome?, error: PSAError)] = []
    /// The first of those that broke the connection.
    var failure: PSAError?
    /// The address of a HaloPSA beside the peer.
    var halo = ""
    /// Every request made.
    var requests: [HTTPRequest] = []
    /// What was sent that the vendor does not have.
    var violations: [String] = []

    private static let certificates = Result { try CertificateServer() }

    static func of(_ fault: FaultCase) async throws -> FaultRun {
        switch fault.peer {
        case .simulator(let faults, let configuration):
            return try await besideSimulator(configuration, faults) { try await run(fault, at: $0, halo: "") }
        case .raw(let handler):
            let server = try RawServer(handler)
            return try await run(fault, at: "127.0.0.1:\(server.port)", halo: "")
        case .http(let reply):
            return try await besideSimulator(.init(), []) { authority in
                let halo = "http://" + authority
                let server = try RawServer { $0.serve { request in reply(request, halo) } }
                return try await run(fault, at: "127.0.0.1:\(server.port)", halo: halo)
            }
        case .closedPort:
            let port = try ClosedPort()
            return try await run(fault, at: "127.0.0.1:\(port.number)", halo: "")
        case .tls(let certificate, let isTrusted):
            let server = try certificates.get()
            let port = try #require(server.port(certificate))
            return try await run(fault, at: "localhost:\(port)", halo: "", authority: isTrusted ? server.authorityFile : nil)
        case .nobody:
            return try await run(fault, at: "127.0.0.1", halo: "")
        }
    }

    private static func besideSimulator(
        _ configuration: HaloSimulator.Configuration, _ faults: [String], _ body: (String) async throws -> FaultRun
    ) async throws -> FaultRun {
        let server = try HaloSimulatorServer.start(configuration: configuration)
        do {
            await server.simulator.setFaults(try faults.map(HaloFault.init(parsing:)))
            let run = try await body("127.0.0.1:\(server.port)")
            await server.stop()
            return run
        } catch {
            await server.stop()
            throw error
        }
    }

    private static func run(_ fault: FaultCase, at authority: String, halo: String, authority file: String? = nil) async throws -> FaultRun
    {
        let transport = InspectingTransport(
            CurlTransport(certificateAuthorityFile: file), contract: try HaloContract(), maxWait: fault.maxWait)
        var run = FaultRun(halo: halo)
        do {
            let session = try session(fault, at: authority, transport)
            switch fault.operation {
            case .test:
                let report = try await session.testConnection()
                run.failure = report.failure
                run.errors = report.checks.compactMap { check in check.error.map { (check.subject, check.outcome, $0) } }
            case .createTicket(let type):
                _ = try await session.createTicket(TicketDraft(summary: "Printer on fire", type: type.map { RecordID($0) }))
            }
        } catch let error as PSAError {
            run.failure = error
            run.errors = [(nil, nil, error)]
        }
        run.requests = transport.requests
        run.violations = transport.violations
        return run
    }

    private static func session(_ fault: FaultCase, at authority: String, _ transport: InspectingTransport) throws -> ConnectorSession {
        var input: SettingsInput = [
            "tenantURL": "http://" + authority, "clientID": HaloSimulator.Configuration.demoClientID,
            "clientSecret": HaloSimulator.Configuration.demoClientSecret, "ticketTypeID": "1",
        ]
        for (key, value) in fault.settings { input[key] = Secret(value.replacing("{authority}", with: authority)) }
        let context = ConnectorContext(
            transport: transport, addressPolicy: fault.policy, time: .impatient,
            tenants: TenantRateLimits(pace: nil),
            connectionTestLimit: .seconds(300))
        return try ConnectorRegistry([HaloConnector.self]).connect("halopsa", settings: input, context: context)
    }
}

extension FaultRun {
    /// How this differs from what a person must be told; empty if it comes out right.
    func differences(from told: FaultCase.Told?) -> [String] {
        guard let told else { return failure.map { ["nothing is wrong, but it says \($0)"] } ?? [] }
        let said: PSAError?
        if let check = told.check {
            let found = errors.first { $0.check == check.subject }
            if let outcome = found?.outcome, outcome != check.outcome { return ["the check ends with \(outcome), not \(check.outcome)"] }
            said = found?.error
        } else {
            said = failure
        }
        guard let said else { return ["nothing is said; there is \(errors.map { "\($0.check.map { "\($0)" } ?? ""): \($0.error)" })"] }
        let guidance = said.guidance
        let cause = guidance.causes.first
        var differences: [String] = []
        func compare(_ what: String, _ isRight: Bool, _ found: String) { if !isRight { differences.append("\(what): \(found)") } }
        compare("code", said.code == told.code, said.description)
        compare("cause", cause?.text.hasPrefix(told.cause) == true, "\(guidance.causes.map { "\($0.text) [\($0.confidence)]" })")
        compare("confidence", told.confidence == nil || cause?.confidence == told.confidence, "\(cause?.confidence.rawValue ?? "-")")
        compare("step", guidance.steps.first?.hasPrefix(told.step) == true, guidance.steps.first ?? "-")
        compare("field", guidance.fields.first == told.field, "\(guidance.fields)")
        let suggestion = told.suggestion?.replacing("{halo}", with: halo)
        compare("suggestion", guidance.suggestion?.value == suggestion, "\(guidance.suggestion?.value ?? "-")")
        compare(
            "retry", told.retry == nil || guidance.retry.delaySeconds.map { told.retry?.contains($0) == true } == true, "\(guidance.retry)")
        compare("detail", told.detail.isEmpty || guidance.detail.contains(told.detail), guidance.detail)
        return differences
    }
}
