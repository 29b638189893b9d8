import HaloSimulator
import PSACore

/// A HaloPSA tenant in a process of its own: the host's demo tenant, or another.
struct HaloSimulatorProcess: Sendable {
    /// Where it listens.
    let url: String
    /// Kept alive with it; nil for the demo tenant, which belongs to the host.
    private let process: VectisProcess?

    /// The host's demo tenant.
    init(url: String) {
        self.url = url
        process = nil
    }

    private init(_ process: VectisProcess) {
        self.process = process
        url = process.facts["url"]?.string ?? ""
    }

    /// Starts another tenant.
    static func start() async throws -> HaloSimulatorProcess {
        HaloSimulatorProcess(try await VectisProcess.start(["simulate", "halopsa", "--tickets", "5"]))
    }

    /// The host and port, as the pages show them.
    var authority: String { String(url.dropFirst("http://".count)) }

    /// Replaces the faults it shows; names as `vectis simulate halopsa --fault list` prints them.
    func show(_ faults: String...) async throws { try await show(faults) }

    /// Replaces the faults it shows.
    func show(_ faults: [String]) async throws {
        let answer = try await HTTPFace(origin: url).send(.put, "/_simulator/faults", .array(faults.map(JSONValue.string)))
        guard answer.status == 200 else { throw Refused(words: answer.text) }
    }

    /// Its API with the token of the demo application.
    func signedIn() async throws -> HTTPFace {
        var face = HTTPFace(origin: url)
        let grant = try await face.post(
            "/auth/token",
            [
                QueryItem("grant_type", "client_credentials"), QueryItem("client_id", HaloSimulator.Configuration.demoClientID),
                QueryItem("client_secret", HaloSimulator.Configuration.demoClientSecret), QueryItem("scope", "all"),
            ])
        face.headers["Authorization"] = "Bearer \(try grant.json()["access_token"]?.string ?? "")"
        return face
    }

    /// How many tickets have a text in their summary.
    func ticketCount(_ summary: String) async throws -> Int {
        let face = try await signedIn()
        let answer = try await face.send(.get, "/api/Tickets?pageinate=true&search_summary=\(PercentEncoding.component(summary))")
        guard answer.status == 200, let tickets = try answer.json()["tickets"] else { throw Refused(words: answer.text) }
        return tickets.elements.count
    }

    /// An unknown fault, or another rejected request.
    struct Refused: Error {
        let words: String
    }

    /// The settings with which its demo application connects.
    var settings: [String: String] {
        [
            "tenantURL": url, "clientID": HaloSimulator.Configuration.demoClientID,
            "clientSecret": HaloSimulator.Configuration.demoClientSecret,
        ]
    }
}
