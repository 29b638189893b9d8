import Dispatch
import Foundation
import Glibc
import PSATesting
import Synchronization
import Testing
import WebServer

/// Damaged requests over a real socket: the server never sees another sequence of requests than a strict reader of the same bytes.
///
/// `FUZZ_ROUNDS` sets how many, `FUZZ_SEED` which ones; each round depends on seed and number alone.
@Suite("Damaged requests", .serialized)
struct HeadFuzzTests {
    private static let rounds = (number("FUZZ_ROUNDS") ?? 100_000) / 50
    private static let seed = UInt64(number("FUZZ_SEED") ?? 20_260_101)

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    @Test func theServerSeesNoOtherRequestsThanAStrictReader() async throws {
        let bodies = Mutex<[[UInt8]]>([])
        var configuration = WebServer.Configuration()
        configuration.connectionsPerAddress = 0
        // The library does not notice every end of a request that is not complete.
        configuration.requestDeadline = .seconds(2)
        let server = try WebServer.start(configuration) { request in
            bodies.withLock { $0.append(request.body) }
            return WebResponse(status: 204)
        }
        var handled = 0
        for round in 0..<Self.rounds {
            var random = SeededGenerator(seed: Self.seed &+ UInt64(round) &* 0xD134_2543_DE82_EF95)
            let bytes = Self.request(&random)
            bodies.withLock { $0 = [] }
            let isAnswered = await Self.exchange(bytes, port: server.port)
            let seen = bodies.withLock { $0 }
            let strict = StrictReader.bodies(of: bytes)
            let name = "round \(round): \(String(decoding: bytes, as: UTF8.self).debugDescription)"
            try #require(isAnswered, "the connection was not closed, \(name)")
            try #require(seen.count <= strict.count && seen == Array(strict.prefix(seen.count)), "\(name)")
            handled += seen.count
        }
        // The damage must not be such that no request gets through.
        #expect(handled * 10 > Self.rounds)
        await server.stop()
    }

    /// Two or three requests with up to four things wrong in them.
    private static func request(_ random: inout SeededGenerator) -> [UInt8] {
        let whole = (0..<Int.random(in: 2...3, using: &random)).map { _ in samples.randomElement(using: &random) ?? "" }
        var bytes = Array(whole.joined().utf8)
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: at)
            case 2: bytes.removeLast(min(bytes.count - 1, Int.random(in: 0...20, using: &random)))
            default: bytes.insert(contentsOf: Array((splices.randomElement(using: &random) ?? "").utf8), at: at)
            }
        }
        return bytes
    }

    private static let samples = [
        "GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX: y\r\n\r\n",
        "HEAD /d?e=%20 HTTP/1.1\r\nHost: a\r\nAccept: x,\ty\r\nConnection: keep-alive\r\n\r\n",
    ]

    private static let splices = [
        "\r", "\n", "\r\n", "\r\n ", "\r\n\t", "\0", " ", ":", "\r\n\r\n", "\u{7F}", "Content-Length: 5\r\n", "Content-Length:\r\n 5\r\n",
        "Transfer-Encoding: chunked\r\n", "Transfer-Encoding : chunked\r\n", "Transfer-Encoding:\r\n chunked\r\n", "Content-Length: +3\r\n",
        "0\r\n\r\n", "-1", "ffffffffffffffff", "HTTP/1.0", "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", "é",
    ]

    /// Sends bytes, ends sending, and reads until the server closes the connection; false if it does not within 20 seconds.
    private static func exchange(_ bytes: [UInt8], port: UInt16) async -> Bool {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: exchangeBlocking(bytes, port)) }
        }
    }

    private static func exchangeBlocking(_ bytes: [UInt8], _ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard code == 0 else { return false }
        // The server may close before it has received everything.
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        shutdown(descriptor, Int32(SHUT_WR))
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count == 0 { return true }
            if count < 0 { return errno == ECONNRESET }
        }
    }
}

/// Reads requests as RFC 9112 writes them and nothing else, in the plainest way; stops at the first byte that does not belong there.
private enum StrictReader {
    /// The bodies of the requests that are complete.
    static func bodies(of bytes: [UInt8]) -> [[UInt8]] {
        var rest = bytes[...]
        var bodies: [[UInt8]] = []
        while let body = request(&rest) { bodies.append(body) }
        return bodies
    }

    private static func request(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        var first = line(&rest)
        // Empty lines before a request are ignored (RFC 9112, 2.2).
        while first?.isEmpty == true { first = line(&rest) }
        guard first != nil else { return nil }
        var (lengths, encodings): ([[UInt8]], [[UInt8]]) = ([], [])
        while true {
            guard let field = line(&rest) else { return nil }
            if field.isEmpty { break }
            guard let (name, value) = parts(of: field) else { return nil }
            if name == "content-length" { lengths.append(value) }
            if name == "transfer-encoding" { encodings.append(value) }
        }
        switch (lengths.count, encodings.count) {
        case (0, 0): return []
        case (1, 0):
            guard let count = number(lengths[0], radix: 10), rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        case (0, 1) where String(decoding: encodings[0], as: UTF8.self).lowercased() == "chunked": return chunks(&rest)
        default: return nil
        }
    }

    private static func chunks(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        var body: [UInt8] = []
        while true {
            guard let size = line(&rest) else { return nil }
            let digits = size.prefix { !Array("; \t".utf8).contains($0) }
            guard let count = number(Array(digits), radix: 16) else { return nil }
            if count == 0 { break }
            guard rest.count >= count else { return nil }
            body += rest.prefix(count)
            rest = rest.dropFirst(count)
            guard line(&rest) == [] else { return nil }
        }
        while let trailer = line(&rest) {
            if trailer.isEmpty { return body }
            if parts(of: trailer) == nil { return nil }
        }
        return nil
    }

    /// The bytes up to the next CR LF; nil without one, or with another control character in them.
    private static func line(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        for place in rest.indices {
            switch rest[place] {
            case 0x0D:
                guard place + 1 < rest.endIndex, rest[place + 1] == 0x0A else { return nil }
                defer { rest = rest[(place + 2)...] }
                return Array(rest[..<place])
            case 0x09, 0x20...0x7E, 0x80...: continue
            default: return nil
            }
        }
        return nil
    }

    private static func parts(of field: [UInt8]) -> (name: String, value: [UInt8])? {
        guard let colon = field.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return nil }
        let name = field[..<colon]
        guard name.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        var value = field[(colon + 1)...].drop(while: isSpace)
        while let last = value.last, isSpace(last) { value.removeLast() }
        return (String(decoding: name, as: UTF8.self).lowercased(), Array(value))
    }

    private static func number(_ digits: [UInt8], radix: Int) -> Int? {
        guard let first = digits.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-") else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: radix)
    }
}
