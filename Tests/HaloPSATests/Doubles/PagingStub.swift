import HaloPSA
import PSACore
import PSACurl
import Synchronization
import WebServer

/// A server with a token and one list, whose pages are given one by one.
final class PagingStub: Sendable {
    /// What a page holds.
    struct StubPage: Sendable {
        var ids: [Int]
        /// The count as JSON, or nil to leave it out.
        var count: String?
    }

    private let server: WebServer
    private let asked: Asked

    /// Serves the pages by their number from 1; what is behind them is answered with the last one, or with none.
    init(_ pages: [StubPage], repeatsTheLast: Bool = false) throws {
        let asked = Asked()
        server = try WebServer.start { request in
            guard request.path != "/auth/token" else {
                return Self.json(#"{"access_token":"t","expires_in":3600,"scope":"all"}"#)
            }
            let number = request.query.first { $0.name == "page_no" }.flatMap { Int($0.value) } ?? 1
            asked.add(number)
            let behind = StubPage(ids: [], count: pages.last?.count)
            let page = number <= pages.count ? pages[number - 1] : repeatsTheLast ? pages.last ?? behind : behind
            let rows = page.ids.map { #"{"id":\#($0),"summary":"T","last_update":"2020-01-01T00:00:00"}"# }.joined(separator: ",")
            return Self.json("{\(page.count.map { "\"record_count\":\($0)," } ?? "")\"tickets\":[\(rows)]}")
        }
        self.asked = asked
    }

    /// The numbers of the pages that were asked for.
    var pages: [Int] { asked.numbers }

    var address: String { "http://127.0.0.1:\(server.port)" }

    func stop() { Task { await server.stop() } }

    func session() throws -> ConnectorSession {
        let input: SettingsInput = [
            "tenantURL": address, "clientID": "id", "clientSecret": "a-secret-of-some-length", "ticketTypeID": "1",
        ]
        let context = ConnectorContext(
            transport: CurlTransport(), addressPolicy: .allowingLoopback, time: .impatient, tenants: TenantRateLimits(pace: nil))
        return try ConnectorRegistry([HaloConnector.self]).connect("halopsa", settings: input, context: context)
    }

    private static func json(_ text: String) -> WebResponse {
        WebResponse(status: 200, headers: WebHeaders([(name: "Content-Type", value: "application/json")]), body: .bytes(Array(text.utf8)))
    }

    private final class Asked: Sendable {
        private let state = Mutex<[Int]>([])
        var numbers: [Int] { state.withLock { $0 } }
        func add(_ number: Int) { state.withLock { $0.append(number) } }
    }
}
