#if canImport(Glibc)
import Dispatch
import Glibc
public import PSACore

/// A TCP client that sends exactly the given bytes, malformed requests included, and parses HTTP/1.1 responses.
///
/// Blocking calls run on a queue of their own: on the threads of the concurrency runtime they would starve a server in the same process.
/// A call that waits 20 seconds for the server fails.
public final class RawClient: Sendable {
    /// A response, with its body as far as it arrived.
    public struct Answer: Sendable {
        /// The status code.
        public var status: Int
        /// The header fields in the order in which they came.
        public var headers: TransportHeaders
        /// The body without its transfer encoding.
        public var body: [UInt8]
        /// Whether the body arrived in full.
        public var isWhole: Bool

        /// The body as text.
        public var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Why an exchange failed.
    public struct Failure: Error {
        /// What failed, in English.
        public let message: String
    }

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "raw client")
    /// Bytes read and not yet used; touched on the queue alone.
    nonisolated(unsafe) private var buffer: [UInt8] = []

    /// Connects to a port of 127.0.0.1.
    ///
    /// - Throws: ``Failure`` if the connection is refused.
    public init(port: UInt16) throws {
        descriptor = try Self.connected(to: port, from: nil)
    }

    /// Connects to a port of 127.0.0.1 from an address of 127.0.0.0/8.
    ///
    /// - Parameters:
    ///   - port: The port.
    ///   - source: The client's own address.
    /// - Throws: ``Failure`` if the address can't be used, or the connection is refused.
    public init(port: UInt16, from source: String) throws {
        descriptor = try Self.connected(to: port, from: source)
    }

    private static func connected(to port: UInt16, from source: String?) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        func call(
            _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ host: in_addr_t, _ port: UInt16, _ what: String
        ) throws {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = host
            let code = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
            }
            guard code == 0 else {
                let reason = errno
                close(descriptor)
                throw Failure(message: "cannot \(what): \(reason)")
            }
        }
        if let source { try call(bind, inet_addr(source), 0, "use \(source)") }
        try call(connect, in_addr_t(0x7F00_0001).bigEndian, port, "connect")
        return descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Sends a text as it is.
    ///
    /// - Throws: ``Failure`` if the server has closed the connection.
    public func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    /// Sends bytes as they are.
    ///
    /// - Throws: ``Failure`` if the server has closed the connection.
    public func send(_ bytes: [UInt8]) async throws {
        try await onQueue {
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes {
                    Glibc.send(self.descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { throw Failure(message: "cannot send: \(errno)") }
                sent += count
            }
        }
    }

    /// Shuts both directions of the connection down.
    public func leave() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Ends sending, so that the server sees the end of the requests; responses can still be read.
    public func endSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Sends one request and reads its response.
    ///
    /// - Throws: ``Failure`` if the connection ends before a response, or the server does not respond in time.
    public func exchange(_ text: String) async throws -> Answer {
        try await send(text)
        return try await answer(toHead: text.hasPrefix("HEAD"))
    }

    /// Reads the next response, interim responses with status 100 passed over.
    ///
    /// - Parameter toHead: Whether the request was a HEAD request, whose response has no body.
    /// - Returns: The response.
    /// - Throws: ``Failure`` if the connection ends before a response, or the server does not respond in time.
    public func answer(toHead: Bool = false) async throws -> Answer {
        try await onQueue {
            var (status, headers) = try self.head()
            while status == 100 { (status, headers) = try self.head() }
            if toHead || status == 204 || status == 304 { return Answer(status: status, headers: headers, body: [], isWhole: true) }
            if let length = headers["Content-Length"].flatMap({ Int($0) }) {
                while self.buffer.count < length, try self.fill() {}
                return Answer(status: status, headers: headers, body: self.take(length), isWhole: self.lastTake == length)
            }
            if headers["Transfer-Encoding"] == "chunked" {
                var body: [UInt8] = []
                while let chunk = try self.chunk() {
                    if chunk.isEmpty { return Answer(status: status, headers: headers, body: body, isWhole: true) }
                    body += chunk
                }
                return Answer(status: status, headers: headers, body: body, isWhole: false)
            }
            while try self.fill() {}
            return Answer(status: status, headers: headers, body: self.take(self.buffer.count), isWhole: true)
        }
    }

    /// Reads the header section of a response whose body is read chunk by chunk.
    ///
    /// - Throws: ``Failure`` if the connection ends before the header section does, or the server does not respond in time.
    public func answerHead() async throws -> (status: Int, headers: TransportHeaders) {
        try await onQueue { try self.head() }
    }

    /// Reads one chunk; empty for the last one, nil where the connection ends before it.
    ///
    /// - Throws: ``Failure`` if the size of the chunk is malformed, or the server does not respond in time.
    public func nextChunk() async throws -> [UInt8]? {
        try await onQueue { try self.chunk() }
    }

    /// Reads until the server closes the connection and returns what came.
    ///
    /// - Throws: ``Failure`` if the server does not close the connection in time.
    public func everything() async throws -> [UInt8] {
        try await onQueue {
            while try self.fill() {}
            return self.take(self.buffer.count)
        }
    }

    /// Sends a byte every ten milliseconds until the server responds or closes the connection.
    ///
    /// - Throws: ``Failure`` if the server still waits after 2,000 bytes.
    public func drip(_ byte: UInt8) async throws {
        try await onQueue {
            for _ in 0..<2_000 {
                var entry = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
                if poll(&entry, 1, 10) > 0 { return }
                var byte = byte
                guard Glibc.send(self.descriptor, &byte, 1, Int32(MSG_NOSIGNAL)) == 1 else { return }
            }
            throw Failure(message: "the server never closed the connection")
        }
    }

    // MARK: On the queue

    nonisolated(unsafe) private var lastTake = 0

    private func onQueue<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }

    /// Reads more; false at the end of the connection, a reset included.
    private func fill() throws -> Bool {
        var piece = [UInt8](repeating: 0, count: 64 * 1024)
        let count = recv(descriptor, &piece, piece.count, 0)
        if count < 0, errno == EAGAIN { throw Failure(message: "the server did not respond in time") }
        guard count > 0 else { return false }
        buffer += piece[..<count]
        return true
    }

    private func take(_ count: Int) -> [UInt8] {
        lastTake = min(count, buffer.count)
        defer { buffer.removeFirst(lastTake) }
        return Array(buffer[..<lastTake])
    }

    private func line() throws -> String? {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let line = take(end + 1).dropLast(2)
                return String(decoding: line, as: UTF8.self)
            }
            guard try fill() else { return nil }
        }
    }

    private func head() throws -> (Int, TransportHeaders) {
        guard let first = try line(), let status = Int(first.split(separator: " ")[1]) else {
            throw Failure(message: "the connection ended without an answer")
        }
        var headers = TransportHeaders()
        while let field = try line(), !field.isEmpty {
            let sides = field.split(separator: ":", maxSplits: 1).map(String.init)
            headers.append(sides[0], sides.count == 2 ? String(sides[1].drop { $0 == " " }) : "")
        }
        return (status, headers)
    }

    private func chunk() throws -> [UInt8]? {
        guard let size = try line() else { return nil }
        guard let count = Int(size, radix: 16) else { throw Failure(message: "malformed chunk size \(size)") }
        while buffer.count < count + 2 {
            guard try fill() else { return nil }
        }
        let bytes = take(count)
        _ = take(2)
        return bytes
    }
}
#endif
