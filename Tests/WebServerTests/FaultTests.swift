import PSACore
import PSATesting
import Testing

@testable import WebServer

@Suite("Deliberate faults", .timeLimit(.minutes(1)))
struct FaultTests {
    @Test func aTruncatedBodyEndsTheConnection() async throws {
        let body = [UInt8](repeating: 7, count: 200_000)
        try await withServer(handler: { _ in WebResponse(status: 200, body: .truncated(body, declaredLength: 300_000)) }) { server in
            let response = try await send(server, get)
            #expect(response.status == 200)
            #expect(response.headers["Content-Length"] == "300000")
            #expect(response.body == body)
            #expect(!response.isWhole)
        }
    }

    @Test(arguments: [-5, 0, 2, 3, 10])
    func aTruncatedResponseAlwaysLacksBytes(_ declaredLength: Int) async throws {
        try await withServer(handler: { _ in WebResponse(status: 200, body: .truncated([1, 2], declaredLength: declaredLength)) }) {
            server in
            let response = try await send(server, get)
            #expect(response.body == [1, 2])
            #expect(response.headers["Content-Length"] == "\(max(3, declaredLength))")
            #expect(!response.isWhole)
        }
    }

    @Test func aTruncatedBodyMayBeEmpty() async throws {
        try await withServer(handler: { _ in WebResponse(status: 200, body: .truncated([], declaredLength: 10)) }) { server in
            let response = try await send(server, get)
            #expect(response.status == 200)
            #expect(response.body.isEmpty)
            #expect(!response.isWhole)
        }
    }

    @Test func hangingUpSendsNoBytes() async throws {
        try await withServer(handler: { _ in WebResponse(status: 200, body: .hangUp) }) { server in
            for _ in 0..<3 {
                let client = try RawClient(port: server.port)
                try await client.send(get)
                #expect(try await client.everything().isEmpty)
            }
        }
    }

    @Test(arguments: [100, 102, 103, 199])
    func anInterimResponseIsSentWithoutAFinalOne(_ status: Int) async throws {
        let headers: WebHeaders = ["Link": "</style.css>"]
        try await withServer(handler: { _ in WebResponse(status: status, headers: headers, body: .interim) }) { server in
            let client = try RawClient(port: server.port)
            try await client.send(get)
            let text = String(decoding: try await client.everything(), as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 \(status) "))
            #expect(text.contains("Link: </style.css>\r\n") && text.hasSuffix("\r\n\r\n"))
            #expect(!text.lowercased().contains("content-length"))
        }
    }

    @Test(arguments: [99, 200, 1000])
    func aFinalStatusCannotBeSentAsAnInterimResponse(_ status: Int) async throws {
        try await withServer(handler: { _ in WebResponse(status: status, body: .interim) }) { server in
            let response = try await send(server, get)
            #expect(response.status == 500)
        }
    }

    @Test func aDateSetByTheHandlerReplacesTheServers() async throws {
        let date = "Thu, 01 Jan 1970 00:00:00 GMT"
        try await withServer(handler: { _ in WebResponse(status: 200, headers: ["Date": date]) }) { server in
            let client = try RawClient(port: server.port)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let text = String(decoding: try await client.everything(), as: UTF8.self)
            let dates = text.split(separator: "\r\n").filter { $0.lowercased().hasPrefix("date:") }.map(String.init)
            #expect(dates == ["Date: " + date])
        }
    }
}
