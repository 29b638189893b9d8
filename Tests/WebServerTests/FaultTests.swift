import PSACore
import PSATesting
import Testing

@testable import WebServer

@Suite("Faults on purpose", .timeLimit(.minutes(1)))
struct FaultTests {
    @Test func aHalfSentBodyEndsTheConnection() async throws {
        let body = [UInt8](repeating: 7, count: 200_000)
        try await withServer(handler: { _ in WebResponse(status: 200, body: .cutOff(body, declaredLength: 300_000)) }) { server in
            let answer = try await ask(server, get)
            #expect(answer.status == 200)
            #expect(answer.headers["Content-Length"] == "300000")
            #expect(answer.body == body)
            #expect(!answer.isWhole)
        }
    }

    @Test(arguments: [-5, 0, 2, 3, 10])
    func aCutAnswerAlwaysLacksBytes(_ declaredLength: Int) async throws {
        try await withServer(handler: { _ in WebResponse(status: 200, body: .cutOff([1, 2], declaredLength: declaredLength)) }) { server in
            let answer = try await ask(server, get)
            #expect(answer.body == [1, 2])
            #expect(answer.headers["Content-Length"] == "\(max(3, declaredLength))")
            #expect(!answer.isWhole)
        }
    }

    @Test func nothingAtAllMayBeSentOfADeclaredBody() async throws {
        try await withServer(handler: { _ in WebResponse(status: 200, body: .cutOff([], declaredLength: 10)) }) { server in
            let answer = try await ask(server, get)
            #expect(answer.status == 200)
            #expect(answer.body.isEmpty)
            #expect(!answer.isWhole)
        }
    }

    @Test func hangingUpSendsNotOneByte() async throws {
        try await withServer(handler: { _ in WebResponse(status: 200, body: .hangUp) }) { server in
            for _ in 0..<3 {
                let client = try RawClient(port: server.port)
                try await client.send(get)
                #expect(try await client.everything().isEmpty)
            }
        }
    }

    @Test(arguments: [100, 102, 103, 199])
    func anInterimAnswerIsSentAndNothingBehindIt(_ status: Int) async throws {
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
    func whatIsNoInterimStatusIsNotSentAsOne(_ status: Int) async throws {
        try await withServer(handler: { _ in WebResponse(status: status, body: .interim) }) { server in
            let answer = try await ask(server, get)
            #expect(answer.status == 500)
        }
    }

    @Test func aDateOfTheHandlersOwnReplacesTheServers() async throws {
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
