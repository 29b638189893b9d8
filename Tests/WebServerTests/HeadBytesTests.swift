import PSACore
import PSATesting
import Synchronization
import Testing

@testable import WebServer

/// What the bytes of a head may contain, over a raw socket.
@Suite("Bytes of a head", .timeLimit(.minutes(1)))
struct HeadBytesTests {
    /// A request that must not be seen as one, hidden in the body of another.
    private static let hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"

    static let heads: [String] = [
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n \(hidden.utf8.count)\r\n\r\n\(hidden)",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(hidden.utf8.count / 10)\r\n \(hidden.utf8.count % 10)\r\n\r\n\(hidden)",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\t\(hidden.utf8.count)\r\n\r\n\(hidden)",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chun\r\n ked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n y\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n \r\n b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n",
        "GET / HTTP/1.1\rHost: x\r\r",
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\r\n\r\n",
        "GET / HTTP/1.1\nHost: x\n\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\nContent-Length: 3\r\n\r\nabc",
        "GET / HTTP/1.1\r\nHost: x\r\n\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\0\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX\0Y: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: \0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\0\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\0\r\n\r\n",
        "GET / HTTP/1.1\0\r\nHost: x\r\n\r\n",
        "GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET\0 / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\0\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\0a\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: \u{1}\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: \u{1B}[0m\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: \u{7F}\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX\tY: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX\r\n\r\n",
    ]

    /// The statuses and the number of calls of the handler for bytes that are sent in pieces of a size.
    private func outcome(of bytes: String, pieces: Int) async throws -> (answer: String, paths: [String]) {
        let paths = Mutex<[String]>([])
        let handler: WebServer.Handler = { request in
            paths.withLock { $0.append(request.path) }
            return WebResponse(status: 200)
        }
        var answer: [UInt8] = []
        try await withServer(handler: handler) { server in
            let client = try RawClient(port: server.port)
            var rest = Array(bytes.utf8)[...]
            while !rest.isEmpty {
                // The server may have closed the connection.
                guard (try? await client.send(Array(rest.prefix(pieces)))) != nil else { break }
                rest = rest.dropFirst(pieces)
            }
            client.endSending()
            answer = try await client.everything()
        }
        return (String(decoding: answer, as: UTF8.self), paths.withLock { $0 })
    }

    @Test(arguments: heads, [1, 7, 100_000])
    func aHeadWithAFoldOrAControlCharacterIsRejectedAndTheConnectionClosed(_ head: String, pieces: Int) async throws {
        // What follows must be taken for nothing, or it could be the rest of a body to a proxy.
        let (answer, paths) = try await outcome(of: head + Self.hidden, pieces: pieces)
        #expect(paths.isEmpty, "\(paths)")
        // An end of the connection without an answer is the library's own way for a request line that it can't read, or a lost answer.
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 ") || answer.hasPrefix("HTTP/1.0 400 "), "\(answer)")
        #expect(!answer.contains(" 200 "))
    }

    @Test(arguments: [1, 7, 100_000])
    func aMalformedHeadAfterAnotherRequestIsRejectedAndTheOtherAnswered(pieces: Int) async throws {
        let first = "POST /first HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n\0\r\n\u{1}"
        let second = "POST /second HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n\0\n\r\n0\r\nX: y\r\n\r\n"
        let (answer, paths) = try await outcome(
            of: "\r\n" + first + "\r\n" + second + "GET /third HTTP/1.1\r\nHost: x\r\n y\r\n\r\n" + Self.hidden, pieces: pieces)
        #expect(paths == ["/first", "/second"])
        #expect(answer.components(of: "HTTP/1.1 200 ") == 2 && answer.components(of: "HTTP/1.1 400 ") == 1, "\(answer)")
    }

    @Test func aTargetWithAZeroByteReachesNoHandler() async throws {
        let (answer, paths) = try await outcome(of: "GET /a\0b HTTP/1.1\r\nHost: x\r\n\r\n", pieces: 100_000)
        // libmicrohttpd 1.0 closes the connection without a response.
        #expect(paths.isEmpty && (answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 ")), "\(answer)")
    }

    @Test func aChunkExtensionChangesNothingOrIsRejected() async throws {
        let head = "POST /first HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        let next = "GET /second HTTP/1.1\r\nHost: x\r\n\r\n"
        let (answer, paths) = try await outcome(of: head + "2;a=b\r\nab\r\n0\r\n\r\n" + next, pieces: 100_000)
        // libmicrohttpd 1.0 takes it for a malformed body, and closes the connection.
        #expect(paths == ["/first", "/second"] || paths.isEmpty && answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
    }

    @Test(arguments: [
        "2\nab\n0\n\n", "2\r\nab\n0\r\n\r\n", "2\0\r\nab\r\n0\r\n\r\n", "2\r\nab\r\n0\r\nX: a\r\n b\r\n\r\n",
        "2\r\nab\r\n0\r\nX: a\0\r\n\r\n",
        "+2\r\nab\r\n0\r\n\r\n", "\r\n2\r\nab\r\n0\r\n\r\n", "2\r\nab\r\n0\r\n" + String(repeating: "X: y\r\n", count: 4_000) + "\r\n",
    ])
    func aMalformedChunkedBodyReachesNoHandler(_ body: String) async throws {
        let (answer, paths) = try await outcome(
            of: "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body + Self.hidden, pieces: 100_000)
        #expect(paths.isEmpty, "\(paths)")
        #expect(!answer.contains(" 200 "))
    }

    @Test func tabsSpacesAndBytesBeyondASCIIAreAllowedInValues() async throws {
        let (answer, paths) = try await outcome(
            of: "GET / HTTP/1.1\r\nHost:\tx\r\nX:  a\tb ä  \r\nEmpty:\r\nCookie: a=b; c=d\r\n\r\n", pieces: 100_000)
        #expect(paths == ["/"] && answer.hasPrefix("HTTP/1.1 200 "))
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
