import PSACore
import PSATesting
import Testing

@Suite("Fake server")
struct FakeServerTests {
    private static let server = FakeServer([String]()) {
        $0.headers["X-Api-Key"] == "key-1" ? nil : .json(401, ["message": "Who is there?"])
    }
    .on(.get, "/v1/tickets") { request, tickets in
        .json(200, .array(request.page(of: tickets, size: 2).map(JSONValue.string)))
    }
    .on(.post, "/v1/tickets") { request, tickets in
        tickets.append(request.json["summary"]?.string ?? "")
        return .json(201, ["id": .integer(tickets.count)])
    }
    .on(.get, "/v1/tickets/{id}/files/{name}") { request, _ in .json(200, .array(request.values.map(JSONValue.string))) }

    private func send(
        _ method: TransportMethod, _ route: String, _ values: [String] = [], query: [QueryItem] = [], key: String = "key-1",
        body: JSONValue? = nil, to server: FakeServer<[String]> = server
    ) async throws -> (status: Int, text: String) {
        let request = TransportRequest(
            method, try ServiceURL(typed: "acme.example.com"), route: route, pathValues: values, query: query,
            headers: ["X-Api-Key": key], body: body?.encoded)
        let response = try await server.send(request)
        return (response.status, String(decoding: response.body, as: UTF8.self))
    }

    @Test func aHandlerReadsTheBodyAndChangesWhatIsStored() async throws {
        let server = Self.server.on(.get, "/v1/other") { _, _ in .json(200, .null) }
        let answer = try await send(.post, "/v1/tickets", body: ["summary": "Disk full"], to: server)
        #expect(answer.status == 201 && answer.text == #"{"id":1}"#)
        #expect(server.state == ["Disk full"])
        #expect(Self.server.state == [])
    }

    @Test func aPageHoldsTheRowsOfItsNumberAndNoneBehindTheEnd() async throws {
        let server = FakeServer(["a", "b", "c"]).on(.get, "/rows") { request, rows in
            .json(200, .array(request.page(of: rows, by: "p", size: 2).map(JSONValue.string)))
        }
        for (page, rows) in [("1", #"["a","b"]"#), ("2", #"["c"]"#), ("3", "[]"), ("0", #"["a","b"]"#), ("9223372036854775807", "[]")] {
            #expect(try await send(.get, "/rows", query: [QueryItem("p", page)], to: server).text == rows, "\(page)")
        }
        #expect(try await send(.get, "/rows", to: server).text == #"["a","b"]"#)
    }

    @Test func theValuesOfARouteComeDecodedAndInOrder() async throws {
        let answer = try await send(.get, "/v1/tickets/{id}/files/{name}", ["7", "a b/ü%.txt"])
        #expect(answer.status == 200 && answer.text == #"["7","a b/ü%.txt"]"#)
    }

    @Test func aRequestWithoutCredentialsIsRefusedBeforeItsRouteIsLookedFor() async throws {
        #expect(try await send(.get, "/v1/nothing", key: "key-2").status == 401)
    }

    @Test func anUnknownPathIs404AndAnUnknownMethod405() async throws {
        let answer = try await send(.get, "/v1/nothing")
        #expect(answer.status == 404)
        #expect(answer.text.contains("There is no route for GET /v1/nothing. The routes are: GET /v1/tickets, "))
        #expect(try await send(.delete, "/v1/tickets").status == 405)
        #expect(try await send(.get, "/v1/tickets/7").status == 404)
    }
}

@Suite("Guide headings")
struct GuideHeadingTests {
    @Test func anchorsAreThoseOfGitHub() {
        let guide = """
            # Connect: Acme's desk
            ## 1. Find the server URL
            ## Errors
            ```sh
            # not a heading
            ```
            ### Errors
            ####### seven
            #none
            """
        #expect(GuideHeadings.anchors(of: guide) == ["connect-acmes-desk", "1-find-the-server-url", "errors", "errors-1"])
    }

    @Test func linkedAnchorsAreThoseOfLinksIntoTheSameDocument() {
        let guide = """
            See [start](#1-start) and [errors](#errors), [errors](#errors) again, and [nowhere](#).
            [Elsewhere](Other.md#heading), [outside](https://acme.example.com/#fragment), (#no-link) and ![a picture](#picture).
            """
        #expect(GuideHeadings.linkedAnchors(of: guide) == ["1-start", "errors", "", "picture"])
    }
}
