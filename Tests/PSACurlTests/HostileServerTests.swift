import Glibc
import PSACore
import PSATesting
import TestSupport
import Testing

@testable import PSACurl

/// A server that others control sends what it likes, for as long as it likes: every byte of it counts, and the timeout is of the whole.
@Suite("Hostile servers")
struct HostileServerTests {
    private static let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test(
        arguments: [
            ("trailers", chunked + "2\r\nok\r\n0\r\n", "X-Trailer: \(String(repeating: "x", count: 900))\r\n"),
            ("short trailers", chunked + "2\r\nok\r\n0\r\n", "a: b\r\n"),
            ("interim responses", "", "HTTP/1.1 103 Early Hints\r\nX-Hint: \(String(repeating: "x", count: 900))\r\n\r\n"),
            ("short interim responses", "", "HTTP/1.1 100 Continue\r\n\r\n"),
            ("header fields", "HTTP/1.1 200 OK\r\n", "X-Flood: \(String(repeating: "x", count: 900))\r\n"),
            ("header fields of a redirect", "HTTP/1.1 302 Found\r\nLocation: /\r\n", "Set-Cookie: a=b\r\n"),
            ("chunk extensions", chunked, "1;x=\(String(repeating: "y", count: 4_000))\r\nz\r\n"),
            ("the body", chunked, "1000\r\n\(String(repeating: "z", count: 4_096))\r\n"),
        ])
    func endlessPartsOfAResponseAreEndedAsTooLarge(name: String, beginning: String, part: String) async throws {
        let server = try server(beginning: Array(beginning.utf8), part: Array(part.utf8))
        let error = try await failure(of: request(.get, server) { $0.maximumResponseBytes = 1 << 20 })
        #expect(error.kind == .responseTooLarge && error.delivery == .maybeSent, "\(name): \(error)")
    }

    @Test func aLineThatNeverEndsIsEndedBeforeItTakesMemory() async throws {
        let server = try server(beginning: Array("HTTP/1.1 200 OK\r\nX-Long: ".utf8), part: [UInt8](repeating: 0x78, count: 65_536))
        let error = try await failure(of: request(.get, server) { $0.maximumResponseBytes = 1 << 20 })
        #expect([.responseTooLarge, .interrupted, .unusableRequest].contains(error.kind), "\(error)")
    }

    @Test func compressedBytesThatDecompressToNothingCount() async throws {
        let head = Array("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n".utf8)
        let gzip: [UInt8] = [0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0x03]
        // Stored blocks without content, none of them the last.
        let emptyBlocks = (0..<13_000).flatMap { _ -> [UInt8] in [0x00, 0x00, 0x00, 0xFF, 0xFF] }
        let server = try server(beginning: head + gzip, part: emptyBlocks)
        let error = try await failure(of: request(.get, server) { $0.maximumResponseBytes = 1 << 20 })
        #expect(error.kind == .responseTooLarge, "\(error)")
    }

    @Test func theAnswerOfAProxyToConnectCounts() async throws {
        let proxy = try server(beginning: Array("HTTP/1.1 200 OK\r\n".utf8), part: Array("X-Flood: y\r\n".utf8))
        let transport = CurlTransport(
            settings: TransferSettings(proxies: ProxyEnvironment(["https_proxy": "http://127.0.0.1:\(proxy.port)"])))
        let request = TransportRequest(.get, try ServiceURL(typed: "https://acme.example.com"), route: "/")
        let error = try await failure(of: request, over: transport)
        #expect(error.kind == .responseTooLarge && error.delivery == .notSent, "\(error)")
    }

    @Test(
        arguments: [
            ("", "HTTP/1.1 103 Early Hints\r\n\r\n"), ("HTTP/1.1 200 OK\r\n", "X-Drip: 1\r\n"),
            (chunked + "2\r\nok\r\n0\r\n", "X-Drip: 1\r\n"), (chunked, "1\r\nz\r\n"), (chunked + "1;", "x"),
        ])
    func aResponseInDropsEndsWithTheTimeoutOfTheRequest(beginning: String, drop: String) async throws {
        let server = try RawServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.write(beginning)
            for _ in 0..<2_000 {
                connection.write(drop)
                usleep(20_000)
            }
        }
        let error = try await failure(of: request(.get, server) { $0.timeout = .milliseconds(600) })
        #expect(error.kind == .timedOut, "\(error)")
    }

    @Test func otherRequestsOfTheTransportGoOnDuringAFlood() async throws {
        let hostile = try server(
            beginning: Array(Self.chunked.utf8), part: Array("1;x=\(String(repeating: "y", count: 4_000))\r\nz\r\n".utf8))
        let good = try RawServer { $0.serve { _ in RawConnection.response(body: "good") } }
        let transport = CurlTransport()
        let endless = try request(.get, hostile) { $0.maximumResponseBytes = 8 << 20 }
        async let flood = failure(of: endless, over: transport)
        for _ in 0..<20 { #expect(try await transport.send(request(.get, good)).text == "good") }
        #expect(try await flood.kind == .responseTooLarge)
    }

    // MARK: Memory

    @Test func aLargeResponseWaitsForItsShareAndSmallOnesDoNot() async throws {
        let memory = ResponseMemory(medium: 3, large: 1)
        let transport = CurlTransport(settings: TransferSettings(proxies: ProxyEnvironment([:]), memory: memory))
        let server = try largeServer()
        var first: TransportResponse? = try await transport.send(request(.get, server, path: "/large"))
        #expect(first?.body.count == Self.large && first?.memoryShare?.size == .large)
        // The share is taken as long as the first response is held, also for another host.
        let waiting = Task { [origin = try server.origin(host: "localhost")] in
            try await transport.send(TransportRequest(.get, origin, route: "/large", addressPolicy: .allowingLoopback))
        }
        while memory.waiting == 0 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(try await transport.send(request(.get, server, path: "/small")).text == "small")
        #expect(try await transport.send(request(.get, server, path: "/medium")).body.count == Self.medium)
        first = nil
        #expect(try await waiting.value.body.count == Self.large)
        #expect(memory.waiting == 0)
    }

    @Test func withoutAShareInTimeAReadTimesOutAndAWriteIsNotSentAgain() async throws {
        let memory = ResponseMemory(medium: 3, large: 1)
        let transport = CurlTransport(settings: TransferSettings(proxies: ProxyEnvironment([:]), memory: memory))
        let server = try largeServer()
        let share = memory.take(.large, for: "elsewhere.example")
        #expect(share != nil)
        let read = try await failure(of: request(.get, server, path: "/large") { $0.timeout = .milliseconds(600) }, over: transport)
        #expect(read.kind == .timedOut, "\(read)")
        let before = server.requests
        let write = try await failure(of: request(.post, server, path: "/large"), over: transport)
        #expect(write.kind == .responseTooLarge && write.delivery == .maybeSent, "\(write)")
        #expect(server.requests == before + 1)
        withExtendedLifetime(share) {}
    }

    private static let medium = 2 << 20
    private static let large = 5 << 20

    private func largeServer() throws -> RawServer {
        let bodies = ["/large": Self.large, "/medium": Self.medium].mapValues { String(repeating: "x", count: $0) }
        return try RawServer { connection in
            connection.serve { request in
                let path = request.split(separator: " ").dropFirst().first.map(String.init) ?? ""
                return RawConnection.response(body: bodies[path] ?? "small")
            }
        }
    }

    private func server(beginning: [UInt8], part: [UInt8]) throws -> RawServer {
        try RawServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.write(beginning)
            // More than any limit, in packets of 64 KiB; after the client has left, nothing is sent.
            let packet = Array(repeatElement(part, count: max(1, 65_536 / part.count)).joined())
            for _ in 0..<2_000 { connection.write(packet) }
        }
    }
}
