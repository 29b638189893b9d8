import PSACore
import PSACurl
import PSATesting
import TestSupport
import Testing

@Suite("Responses")
struct ResponseTests {
    @Test func aGetReturnsStatusHeadersAndBody() async throws {
        let server = try RawServer { $0.serve { _ in RawConnection.response("404 Not Found", "X-Request-Id: 7", body: "none") } }
        let response = try await CurlTransport().send(request(.get, server))
        #expect(response.status == 404)
        #expect(response.headers["x-request-id"] == "7")
        #expect(response.text == "none")
    }

    @Test(arguments: [TransportMethod.post, .put, .patch, .delete])
    func aBodyIsSentUnchangedWithMethodQueryAndHeaders(method: TransportMethod) async throws {
        let server = try RawServer { $0.serve { RawConnection.response(body: $0) } }
        let sent = try request(method, server, path: "/api/Tickets") {
            $0.query = [QueryItem("search", "a b&c")]
            $0.headers = ["Authorization": "Bearer secret", "X-Empty": ""]
            $0.body = Array("[1,\u{0},ä]".utf8)
        }
        let seen = try await CurlTransport().send(sent).text
        #expect(seen.hasPrefix("\(method.rawValue) /api/Tickets?search=a%20b%26c HTTP/1.1\r\n"))
        #expect(seen.contains("\r\nAuthorization: Bearer secret\r\n"))
        #expect(seen.contains("\r\nX-Empty:\r\n"))
        #expect(seen.contains("\r\nUser-Agent: vectis-psa/1\r\n"))
        #expect(seen.contains("\r\nContent-Length: 8\r\n"))
        #expect(!seen.contains("Expect:") && !seen.contains("Content-Type:"))
        #expect(seen.hasSuffix("\r\n\r\n[1,\u{0},ä]"))
    }

    @Test func anEmptyPostHasContentLengthZero() async throws {
        let server = try RawServer { $0.serve { RawConnection.response(body: $0) } }
        let seen = try await CurlTransport().send(request(.post, server)).text
        #expect(seen.hasPrefix("POST / HTTP/1.1\r\n") && seen.contains("\r\nContent-Length: 0\r\n"))
    }

    @Test func aHeadResponseHasNoBody() async throws {
        let server = try RawServer { $0.serve { _ in "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" } }
        let response = try await CurlTransport().send(request(.head, server))
        #expect(response.status == 200 && response.body.isEmpty)
    }

    @Test(arguments: ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
    func redirectsAreNotFollowed(status: String) async throws {
        let server = try RawServer { $0.serve { _ in RawConnection.response(status, "Location: /elsewhere") } }
        let response = try await CurlTransport().send(request(.get, server))
        #expect(response.headers["Location"] == "/elsewhere")
        #expect(server.requests == 1)
    }

    @Test func basicAuthenticationIsNotAttempted() async throws {
        let server = try RawServer { $0.serve { _ in RawConnection.response("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"") } }
        #expect(try await CurlTransport().send(request(.get, server)).status == 401)
    }

    @Test func foldedHeadersAreJoinedAndRepeatedOnesKept() async throws {
        let server = try RawServer {
            $0.serve { _ in RawConnection.response("200 OK", "X-Long: one", "\t two", "Link: a", "Link: b", "X-Tight:1") }
        }
        let headers = try await CurlTransport().send(request(.get, server)).headers
        #expect(headers["X-Long"] == "one two")
        #expect(headers.fields.filter { $0.name == "Link" }.map(\.value) == ["a", "b"])
        #expect(headers["X-Tight"] == "1")
    }

    @Test func onlyTheHeadersOfTheFinalResponseAreReturned() async throws {
        let server = try RawServer {
            $0.serve { _ in
                "HTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n\r\n"
                    + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Trailer: 1\r\n\r\n"
            }
        }
        let response = try await CurlTransport().send(request(.get, server))
        #expect(response.text == "ok")
        #expect(response.headers.description == "Transfer-Encoding")
    }

    @Test func aChunkedResponseInPacketsOfOneByteIsAssembled() async throws {
        let server = try RawServer { connection in
            guard connection.readRequest() != nil else { return }
            let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
            for byte in text.utf8 { connection.write([byte]) }
        }
        #expect(try await CurlTransport().send(request(.get, server)).text == "hello world")
    }

    @Test func aGzipBodyIsDecompressed() async throws {
        let server = try RawServer { connection in
            guard let seen = connection.readRequest(), seen.contains("gzip") else { return }
            connection.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(gzippedHello.count)\r\n\r\n")
            connection.write(gzippedHello)
        }
        #expect(try await CurlTransport().send(request(.get, server)).text == "hello")
    }

    @Test(arguments: [
        RawConnection.response("200 OK", "Content-Encoding: gzip", body: "not packed"),
        RawConnection.response("200 OK", "Content-Encoding: unheard-of", body: "?"),
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 banana\r\n\r\n",
    ])
    func aMalformedResponseIsInvalid(bytes: String) async throws {
        let server = try RawServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.write(bytes)
        }
        let error = try await failure(of: request(.get, server))
        #expect(error.kind == .invalidResponse, "\(error)")
        #expect(error.delivery == .maybeSent)
    }

    @Test func aBodyOverTheLimitIsRejectedAndOneAtTheLimitIsNot() async throws {
        let server = try RawServer { $0.serve { _ in RawConnection.response(body: String(repeating: "x", count: 1000)) } }
        #expect(try await CurlTransport().send(request(.get, server) { $0.maximumResponseBytes = 1000 }).body.count == 1000)
        let error = try await failure(of: request(.get, server) { $0.maximumResponseBytes = 999 })
        #expect(error.kind == .responseTooLarge && error.delivery == .maybeSent)
    }

    @Test(arguments: ["10737418240", "9223372036854775807", "-1", "many"])
    func aLengthThatIsNotThatOfTheBodyIsAnErrorAndReservesNoMoreThanTheLimit(length: String) async throws {
        let server = try RawServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\nhello")
        }
        let error = try await failure(of: request(.get, server) { $0.maximumResponseBytes = 1 << 20 })
        #expect([.interrupted, .invalidResponse, .responseTooLarge].contains(error.kind), "\(error)")
    }

    @Test func aLengthThatNoNumberHoldsIsIgnored() async throws {
        let server = try RawServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nhello")
        }
        #expect(try await CurlTransport().send(request(.get, server)).body == Array("hello".utf8))
    }

    @Test func theSizeLimitAppliesToDecompressedBytes() async throws {
        let server = try RawServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(gzippedHello.count)\r\n\r\n")
            connection.write(gzippedHello)
        }
        let error = try await failure(of: request(.get, server) { $0.maximumResponseBytes = 4 })
        #expect(error.kind == .responseTooLarge)
    }

    @Test func tooManyHeadersAreRejected() async throws {
        let server = try RawServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.write("HTTP/1.1 200 OK\r\n")
            for _ in 0..<20_000 { connection.write("X-Flood: \(String(repeating: "x", count: 200))\r\n") }
            connection.write("Content-Length: 0\r\n\r\n")
        }
        _ = try await failure(of: request(.get, server))
    }
}

/// "hello", compressed by gzip.
private let gzippedHello: [UInt8] = [
    0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x86, 0xA6, 0x10, 0x36, 0x05,
    0x00, 0x00, 0x00,
]
