import HaloSimulator
import PSACore
import Synchronization
import WebServer

/// The other side of a case: a HaloPSA stand-in with the answers of the case in front of it.
final class GuidancePeer: Sendable {
    private let left: Mutex<[Int]>
    private let simulator: HaloSimulator
    private let setUp: GuidanceCase

    static let secret = "5ec7e700-aaaa-4bbb-8ccc-000000000001-5ec7e700-dddd-4eee-8fff-000000000002"
    static let client = HaloSimulator.Configuration.demoClientID

    private init(_ setUp: GuidanceCase) {
        var configuration = HaloSimulator.Configuration()
        configuration.clientSecret = Self.secret
        configuration.ticketCount = 40
        if let granted = setUp.granted { configuration.applicationScopes = granted.split(separator: " ").map(String.init) }
        simulator = HaloSimulator(configuration)
        self.setUp = setUp
        left = Mutex(setUp.rules.map { $0.times ?? .max })
    }

    /// Runs something while the other side listens on a port of this machine.
    static func serving<Value: Sendable>(_ setUp: GuidanceCase, _ body: (UInt16) async throws -> Value) async throws -> Value {
        let peer = GuidancePeer(setUp)
        let server = try WebServer.start { request in await peer.answer(request) }
        do {
            let value = try await body(server.port)
            await server.stop()
            return value
        } catch {
            await server.stop()
            throw error
        }
    }

    private func answer(_ request: WebRequest) async -> WebResponse {
        var request = request
        if !setUp.prefix.isEmpty {
            guard request.path.hasPrefix(setUp.prefix + "/") else { return WebResponse(status: 404) }
            request = WebRequest(
                method: request.method, path: String(request.path.dropFirst(setUp.prefix.count)), query: request.query,
                headers: request.headers, body: request.body)
        }
        if let answer = rule(for: request) {
            if answer.commits { _ = await simulator.respond(to: request) }
            if answer.delay > 0 { try? await Task.sleep(for: .seconds(answer.delay)) }
            if answer.drops { return WebResponse(status: 200, body: .hangUp) }
            return WebResponse(status: answer.status, headers: WebHeaders(answer.headers), body: .bytes(answer.body))
        }
        let resource = request.segments.count > 1 && request.segments[0] == "api" ? request.segments[1] : ""
        if let status = setUp.deny[resource] ?? setUp.deny["\(resource):\(request.method)"] { return WebResponse(status: status) }
        let isOpen = ["", "authinfo", "instanceinfo"].contains(resource.lowercased())
        if setUp.hidesAPI, !isOpen { return Self.page }
        if request.method == "POST", resource == "Tickets", setUp.createMode == "commit_then_504" {
            _ = await simulator.respond(to: request)
            return WebResponse(status: 504, headers: ["Content-Type": "text/html"], body: .bytes(Array("<html>504</html>".utf8)))
        }
        if request.method == "GET", let record = Self.records[request.path] { return record }
        return await simulator.respond(to: request)
    }

    /// The first rule that fits and is not used up.
    private func rule(for request: WebRequest) -> GuidanceCase.Answer? {
        let query = PercentEncoding.form(request.query.map { QueryItem($0.name, $0.value) })
        let target = request.path + (query.isEmpty ? "" : "?" + query)
        let body = String(decoding: request.body, as: UTF8.self)
        return left.withLock { left in
            for (index, rule) in setUp.rules.enumerated() where left[index] > 0 {
                guard rule.method.map({ $0 == request.method }) ?? true, Self.matches(rule.path, target), Self.matches(rule.body, body)
                else { continue }
                left[index] -= 1
                return rule.answer
            }
            return nil
        }
    }

    private static func matches(_ pattern: String?, _ text: String) -> Bool {
        guard let pattern else { return true }
        guard let expression = try? Regex(pattern) else { return false }
        return text.contains(expression)
    }

    private static let page = WebResponse(
        status: 200, headers: ["Content-Type": "text/html"],
        body: .bytes(Array("<!doctype html><html><head><title>Sign in</title></head><body><form></form></body></html>".utf8)))

    /// The records that the cases name.
    private static let records: [String: WebResponse] = [
        "/api/Tickets/5": json(
            #"{"id":5,"summary":"Ticket 5","status_id":2,"tickettype_id":1,"client_id":4,"user_id":500,"site_id":101}"#),
        "/api/Users/500": json(#"{"id":500,"name":"User 0","client_id":4,"site_id":101.0,"emailaddress":"u0@c.example"}"#),
        "/api/Client/4": json(#"{"id":4,"name":"Customer 4"}"#),
    ]

    private static func json(_ text: String) -> WebResponse {
        WebResponse(status: 200, headers: ["Content-Type": "application/json"], body: .bytes(Array(text.utf8)))
    }
}
