import Testing
@testable import PSACore

@Suite struct TransportRequestTests {
    private func origin() throws -> ServiceURL { try ServiceURL(typed: "acme.example.com") }

    @Test(arguments: [
        ("/api/Tickets/{id}", ["7"], "/api/Tickets/7"), ("/api/{a}/x/{b}", ["1", "2"], "/api/1/x/2"),
        ("/api/{id}", ["a/b?c#d"], "/api/a%2Fb%3Fc%23d"),
        ("/api/{id}", ["{x}"], "/api/%7Bx%7D"), ("/api/{id}", ["é €"], "/api/%C3%A9%20%E2%82%AC"), ("/api/{id}", ["%2e"], "/api/%252e"),
        ("/api/{id}/x", [".."], "/api/%2E%2E/x"), ("/api/{id}", ["."], "/api/%2E"), ("/api/{id}", ["..."], "/api/..."),
        ("/api/{id}", ["a..b"], "/api/a..b"), ("/api/Tickets", [], "/api/Tickets"), ("/api/{id}/", ["7"], "/api/7/"),
        ("/issues/{id}.json", ["2"], "/issues/2.json"), ("/v{version}/a-{a},{b};x", ["2", "1/1", "ö"], "/v2/a-1%2F1,%C3%B6;x"),
        ("/{a}{b}", [".", "."], "/%2E%2E"), ("/{a}.", ["."], "/%2E%2E"), ("/{a}/{b}", ["1"], "/1/{b}"), ("/a{b", ["1"], "/a{b"),
    ])
    func aValueFillsItsPlaceAndCannotLeaveIt(route: String, values: [String], path: String) throws {
        #expect(TransportRequest(.get, try origin(), route: route, pathValues: values).path == path)
    }

    @Test func theAddressHasTheQueryEncoded() throws {
        let query = [QueryItem("a b", "1&2=3"), QueryItem("ö", "+/?#%"), QueryItem("empty", "")]
        let request = TransportRequest(.get, try origin(), route: "/api/Tickets", query: query)
        #expect(request.urlText == "https://acme.example.com/api/Tickets?a%20b=1%262%3D3&%C3%B6=%2B%2F%3F%23%25&empty=")
        #expect(TransportRequest(.get, try origin(), route: "/x").urlText == "https://acme.example.com/x")
    }

    @Test func onlyReadsAreRepeatableByThemselves() throws {
        for method in TransportMethod.allCases {
            let request = try TransportRequest.sample(method)
            #expect(request.isRepeatable == (method == .get || method == .head))
        }
    }

    @Test func theDescriptionHasNoPathValueNoQueryNoHeaderAndNoBody() throws {
        var request = TransportRequest(
            .post, try origin(), route: "/api/Tickets/{id}", pathValues: ["PATH-VALUE"], query: [QueryItem("q", "QUERY-VALUE")],
            headers: ["X-Key": "HEADER-VALUE"], body: Array("BODY-VALUE".utf8))
        request.headers["Authorization"] = "Bearer HEADER-VALUE"
        for text in ["\(request)", String(reflecting: request), "\([request])", "\(request.headers)", String(reflecting: request.headers)] {
            #expect(!text.contains("VALUE"))
        }
        #expect("\(request)" == "POST acme.example.com/api/Tickets/{id}")
        #expect("\(TransportResponse(status: 200, body: Array("BODY-VALUE".utf8)))" == "HTTP 200, 10 bytes")
    }

    @Test func theDescriptionNamesThePortWhereItIsNotTheUsualOne() throws {
        for (typed, shown) in [
            ("https://acme.example.com:8443/psa", "acme.example.com:8443"), ("https://acme.example.com:443", "acme.example.com"),
        ] {
            let request = TransportRequest(.get, try ServiceURL(typed: typed), route: "/api/me")
            #expect("\(request)" == "GET \(shown)/api/me")
        }
    }

    @Test func headersAreFoundInAnyCaseAndKeepTheirOrder() {
        var headers: TransportHeaders = ["Set-Cookie": "a", "X-One": "1", "set-cookie": "b"]
        #expect(headers["SET-COOKIE"] == "a")
        #expect(headers["missing"] == nil)
        headers.append("x-one", "2")
        #expect(headers["X-One"] == "1")
        headers["x-ONE"] = "3"
        #expect(headers.fields.map(\.name) == ["Set-Cookie", "set-cookie", "x-ONE"])
        headers["set-cookie"] = nil
        #expect(headers.fields.map(\.value) == ["3"])
        #expect("\(headers)" == "x-ONE")
    }
}
