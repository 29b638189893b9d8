import Testing

@testable import WebServer

@Suite("Web headers")
struct WebHeadersTests {
    @Test func namesAreCaseInsensitive() {
        let headers: WebHeaders = ["Content-Type": "a", "content-type": "b", "X": "c"]
        #expect(headers["CONTENT-TYPE"] == "a")
        #expect(headers.values(of: "Content-type") == ["a", "b"])
        #expect(headers["Y"] == nil)
        #expect(headers.fields.map(\.name) == ["Content-Type", "content-type", "X"])
    }

    @Test func settingReplacesEveryFieldOfThatName() {
        var headers: WebHeaders = ["A": "1", "b": "2", "a": "3"]
        headers["a"] = "4"
        #expect(headers == ["A": "4", "B": "2"])
        headers["B"] = nil
        headers["C"] = "5"
        #expect(headers == ["a": "4", "c": "5"])
    }

    @Test func equalityComparesValuesAndOrder() {
        #expect((["A": "x"] as WebHeaders) != ["A": "X"])
        #expect((["A": "x", "B": "y"] as WebHeaders) != ["B": "y", "A": "x"])
    }

    @Test func onlyASCIILettersAreCaseInsensitive() {
        #expect(!WebHeaders.isSameName("@", "`"))
        #expect(!WebHeaders.isSameName("A", "AA"))
    }
}

@Suite("Web requests")
struct WebRequestTests {
    @Test func segmentsAreDerivedFromThePath() {
        let request = WebRequest(method: "get", path: "/a%20b//c%zz/", query: [(name: "q", value: "1"), (name: "q", value: "2")])
        #expect(request.method == "GET")
        #expect(request.segments == ["a b", "c%zz"])
        #expect(request.queryValue("q") == "1")
        #expect(request.queryValue("Q") == nil)
    }
}
