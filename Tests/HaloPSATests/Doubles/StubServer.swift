import WebServer

/// A server that gives the same answer to everything.
final class StubServer: Sendable {
    private let server: WebServer

    init(status: Int, headers: [String: String] = [:], body: String = "") throws {
        let fields = headers.map { (name: $0.key, value: $0.value) }
        server = try WebServer.start { _ in WebResponse(status: status, headers: WebHeaders(fields), body: .bytes(Array(body.utf8))) }
    }

    var address: String { "http://127.0.0.1:\(server.port)" }

    func stop() { Task { await server.stop() } }
}
