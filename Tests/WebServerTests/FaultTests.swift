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
}
