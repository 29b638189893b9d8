import HaloPSA
import HaloSimulator
import PSACore
import PSACurl
import PSATesting
import TestSupport
import Testing

/// One way in which a connection fails, as data: what the other side does, and the expected diagnosis.
struct FaultCase: Sendable, CustomTestStringConvertible {
    /// What is done with the connection.
    enum Operation: Sendable {
        case test
        case createTicket(type: Int?)
    }

    /// The case in a sentence.
    let name: String
    /// The other side.
    let peer: FaultPeer
    /// Settings that differ from those of a good connection; `{authority}` stands for the peer's host and port.
    var settings: [SettingKey: String] = [:]
    /// Which addresses the host allows.
    var policy = AddressPolicy.allowingLoopback
    /// The longest an answer is waited for, if shorter than the connector would; which check runs into it then depends on no clock but this.
    var maxWait: Duration?
    /// What is done.
    var operation = Operation.test
    /// The expected diagnosis; nil if nothing is wrong.
    let expected: ExpectedDiagnosis?

    var testDescription: String { name }

    /// The expected diagnosis.
    struct ExpectedDiagnosis: Sendable {
        var code: ErrorCode
        /// How the surest cause begins.
        var cause: String
        var confidence: Confidence?
        /// How the first step begins.
        var step: String
        /// The first setting to change; nil if the remedy lies elsewhere.
        var field: SettingKey?
        /// The value to paste; `{halo}` stands for the address of a HaloPSA beside the peer.
        var suggestion: String?
        /// The seconds after which the request may be made again.
        var retry: ClosedRange<Int>?
        /// The check that says so, and how it ends; nil for whatever failed first.
        var check: (subject: ConnectionCheck.Subject, outcome: ConnectionCheck.Outcome)?
        /// What the explanation must contain.
        var detail = ""
    }
}

extension FaultCase.ExpectedDiagnosis {
    static func address(_ code: ErrorCode, _ cause: String, _ step: String) -> Self {
        Self(code: code, cause: cause, step: step, field: "tenantURL")
    }

    /// What no setting corrects.
    static func elsewhere(_ code: ErrorCode, _ cause: String, _ step: String) -> Self { Self(code: code, cause: cause, step: step) }

    /// The same, said by a check of its own.
    func by(_ subject: ConnectionCheck.Subject, _ outcome: ConnectionCheck.Outcome) -> Self {
        var expected = self
        expected.check = (subject, outcome)
        return expected
    }
}

extension FaultCase {
    /// Every case, area by area.
    static let all =
        network + resets + certificates + handshakes + typedAddresses + otherServers + token + tenant + permissions + refusals + answers
        + throttling
        + ticketDefaults + newTickets + explained + unexplained + inFront + tokenWords + dataWords + devices

    /// The cases that do not come out right, and why.
    ///
    /// A test asserts that they still miss, so that a remedy is noticed.
    static let knownMisses: [String: String] = [:]
}

/// What stands at the other end of the socket.
enum FaultPeer: Sendable {
    /// The simulator, with faults switched on.
    case simulator([String], HaloSimulator.Configuration = .init())
    /// A TCP server; what it does with a connection.
    case raw(@Sendable (RawConnection) -> Void)
    /// A server that answers each request with these bytes; the second argument is the address of a HaloPSA beside it.
    case http(@Sendable (_ request: String, _ halo: String) -> String)
    /// A port on which nothing listens.
    case closedPort
    /// A TLS server that answers everything with four letters, and whether its authority is trusted.
    case tls(CertificateServer.Certificate, isTrusted: Bool)
    /// No server: the settings name the address.
    case noServer
}

extension FaultPeer {
    /// The simulator with changes of its own.
    static func simulator(change: (inout HaloSimulator.Configuration) -> Void) -> FaultPeer {
        var configuration = HaloSimulator.Configuration()
        change(&configuration)
        return .simulator([], configuration)
    }

    /// A server that answers everything the same way.
    static func always(_ bytes: String) -> FaultPeer { .http { _, _ in bytes } }

    /// A server that signs in like HaloPSA and then answers the API in a way of its own.
    static func signingIn(thenAnswering api: @escaping @Sendable (_ request: String) -> String) -> FaultPeer {
        .http { request, _ in
            if request.hasPrefix("GET /api/authinfo") { return json(#"{"auth_url":"","tenant_id":"acme"}"#) }
            if request.hasPrefix("POST /auth/token") { return json(tokenBody) }
            return api(request)
        }
    }

    /// The first so many bytes of an answer, then a reset.
    static func reset(after count: Int, of bytes: String) -> FaultPeer {
        .raw { connection in
            guard connection.readRequest() != nil else { return }
            connection.write(Array(bytes.utf8.prefix(count)))
            connection.reset()
        }
    }

    static let tokenBody = #"{"access_token":"eyJhbGciOi.raw-peer","token_type":"Bearer","expires_in":3600,"scope":"all"}"#

    static func json(_ body: String, status: String = "200 OK") -> String {
        RawConnection.response(status, "Content-Type: application/json; charset=utf-8", body: body)
    }

    static func html(_ status: String) -> String {
        RawConnection.response(
            status, "Content-Type: text/html", body: "<!DOCTYPE html><html><head><title>Hello</title></head><body>Hello</body></html>")
    }
}

/// Runs one case over a real socket and says what came out.
struct FaultRun: Sendable {
    /// What was said at the end.
    var errors: [(check: ConnectionCheck.Subject?, outcome: ConnectionCheck.Outcome?, error: PSAError)] = []
    /// The first of those that broke the connection.
    var failure: PSAError?
    /// The address of a HaloPSA beside the peer.
    var halo = ""
    /// Every request made.
    var requests: [TransportRequest] = []
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
        case .noServer:
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
            transport: transport, addressPolicy: fault.policy, time: .skippingWaits,
            tenants: TenantRateLimits(pace: nil),
            connectionTestLimit: .seconds(300))
        return try ConnectorRegistry([HaloConnector.self]).connect("halopsa", settings: input, context: context)
    }
}

extension FaultRun {
    /// How this differs from the expected diagnosis; empty if it comes out right.
    func differences(from expected: FaultCase.ExpectedDiagnosis?) -> [String] {
        guard let expected else { return failure.map { ["nothing is wrong, but it says \($0)"] } ?? [] }
        let said: PSAError?
        if let check = expected.check {
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
        compare("code", said.code == expected.code, said.description)
        compare("cause", cause?.text.hasPrefix(expected.cause) == true, "\(guidance.causes.map { "\($0.text) [\($0.confidence)]" })")
        compare(
            "confidence", expected.confidence == nil || cause?.confidence == expected.confidence, "\(cause?.confidence.rawValue ?? "-")")
        compare("step", guidance.steps.first?.hasPrefix(expected.step) == true, guidance.steps.first ?? "-")
        compare("field", guidance.fields.first == expected.field, "\(guidance.fields)")
        let suggestion = expected.suggestion?.replacing("{halo}", with: halo)
        compare("suggestion", guidance.suggestion?.value == suggestion, "\(guidance.suggestion?.value ?? "-")")
        compare(
            "retry", expected.retry == nil || guidance.retry.delaySeconds.map { expected.retry?.contains($0) == true } == true,
            "\(guidance.retry)")
        compare("detail", expected.detail.isEmpty || guidance.detail.contains(expected.detail), guidance.detail)
        return differences
    }
}
