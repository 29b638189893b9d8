import Foundation
import PSACore
import PSACurl
import TestSupport
import Testing

@Suite("Docs/ExternalConnectors/fake_server.py")
struct FakeServerFileTests {
    /// Runs the sample of the file, and ends it with its standard input.
    private func withSample(_ body: (ServiceURL) async throws -> Void) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", RepositoryFile.rootPath() + "/Docs/ExternalConnectors/fake_server.py"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        defer {
            try? input.fileHandleForWriting.close()
            process.waitForExit()
        }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        try await body(ServiceURL(typed: line.trimmingCharacters(in: .whitespacesAndNewlines), policy: .allowingLoopback))
    }

    private func send(
        _ method: TransportMethod, _ origin: ServiceURL, _ route: String, _ values: [String] = [], query: [QueryItem] = [],
        key: String = "key-1", body: JSONValue? = nil
    ) async throws -> TransportResponse {
        let request = TransportRequest(
            method, origin, route: route, pathValues: values, query: query, headers: ["X-Api-Key": key], body: body?.encoded,
            addressPolicy: .allowingLoopback)
        return try await CurlTransport().send(request)
    }

    @Test func itsSampleCreatesAndListsByPages() async throws {
        try await withSample { origin in
            for number in 1...3 {
                let created = try await send(.post, origin, "/v1/tickets", body: ["summary": .string("Ticket \(number)")])
                #expect(created.status == 201)
                #expect(try JSONDocument(created.body).root["id"]?.integer == number)
            }
            for (page, count) in [("1", 2), ("2", 1), ("3", 0), ("x", 2)] {
                let listed = try await send(.get, origin, "/v1/tickets", query: [QueryItem("page", page)])
                #expect(listed.status == 200 && listed.headers["Content-Type"] == "application/json")
                #expect(try JSONDocument(listed.body).root.elements.count == count, "\(page)")
            }
        }
    }

    @Test func itRefusesAndFindsRoutesAsTheOneInSwift() async throws {
        try await withSample { origin in
            #expect(try await send(.get, origin, "/v1/nothing", key: "key-2").status == 401)
            #expect(try await send(.get, origin, "/v1/nothing").status == 404)
            #expect(try await send(.delete, origin, "/v1/tickets").status == 405)
            let file = try await send(.get, origin, "/v1/tickets/{id}/files/{name}", ["7", "a b/ü%.txt"])
            #expect(file.headers["X-Served"] == "yes")
            #expect(try JSONDocument(file.body).root.elements.map(\.string) == ["7", "a b/ü%.txt"])
        }
    }
}
