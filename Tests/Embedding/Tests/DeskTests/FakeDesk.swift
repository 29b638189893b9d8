import PSACore
import PSATesting

/// Desk in memory, to write the connector against: make it answer as the vendor's documents say.
enum FakeDesk {
    /// The settings with which the connector connects to it.
    static let settings: SettingsInput = ["serverURL": "https://acme.example.com", "apiKey": apiKey]

    private static let apiKey = "fake-key-000001"

    /// What it stores.
    struct State: Sendable {
        var companies = (1...45).map { number -> JSONValue in ["id": .integer(number), "name": .string("Company \(number)")] }
    }

    /// A server with some companies.
    static func server() -> FakeServer<State> {
        FakeServer(State()) { request in
            request.headers["X-Api-Key"] == apiKey ? nil : .json(401, ["message": "The API key is not valid."])
        }
        .on(.get, "/api/companies") { request, state in
            .json(200, ["total": .integer(state.companies.count), "rows": .array(request.page(of: state.companies, size: 20))])
        }
    }
}
