import Dispatch
import Glibc
import Synchronization
import Testing
@testable import WebServer

/// A TCP client that sends whatever it is told, malformed requests included, and parses answers.
///
/// Blocking calls run on a queue of their own: on the threads of the concurrency runtime they would starve the server's handlers.
final class RawClient: Sendable {
    struct Answer: Sendable {
        var status: Int
        var headers: WebHeaders
        var body: [UInt8]
        /// Whether the body arrived in full.
        var isWhole: Bool

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    struct Failure: Error {
        let message: String
    }

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "raw client")
    /// Bytes read and not yet used; touched on the queue alone.
    nonisolated(unsafe) private var buffer: [UInt8] = []

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard code == 0 else { throw Failure(message: "cannot connect: \(errno)") }
    }

    deinit {
        close(descriptor)
    }

    func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) async throws {
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

    /// Closes the sending side, or both, while the descriptor stays ours.
    func leave() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Sends one request and reads its answer.
    func exchange(_ text: String) async throws -> Answer {
        try await send(text)
        return try await answer(toHead: text.hasPrefix("HEAD"))
    }

    func answer(toHead: Bool = false) async throws -> Answer {
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

    /// Reads the header section of an answer whose body is read piece by piece.
    func answerHead() async throws -> (status: Int, headers: WebHeaders) {
        try await onQueue { try self.head() }
    }

    /// Reads one chunk; empty for the last, nil where the connection ends first.
    func nextChunk() async throws -> [UInt8]? {
        try await onQueue { try self.chunk() }
    }

    /// Reads to the end of the connection and returns what came.
    func everything() async throws -> [UInt8] {
        try await onQueue {
            while try self.fill() {}
            return self.take(self.buffer.count)
        }
    }

    /// Sends a byte whenever nothing comes back for a moment, until the server closes; throws if it never does.
    func drip(_ byte: UInt8) async throws {
        try await onQueue {
            for _ in 0..<2_000 {
                var entry = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
                if poll(&entry, 1, 10) > 0 { return }
                var byte = byte
                guard Glibc.send(self.descriptor, &byte, 1, Int32(MSG_NOSIGNAL)) == 1 else { return }
            }
            throw Failure(message: "the drip was never cut")
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
        if count < 0, errno == EAGAIN { throw Failure(message: "the server keeps silent") }
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

    private func head() throws -> (Int, WebHeaders) {
        guard let first = try line(), let status = Int(first.split(separator: " ")[1]) else {
            throw Failure(message: "the connection ended without an answer")
        }
        var headers = WebHeaders()
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

/// Something that happens once, for tests to wait for.
final class Signal: Sendable {
    private struct State {
        var isRaised = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func raise() {
        let waiters = state.withLock { state in
            state.isRaised = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    var isRaised: Bool { state.withLock { $0.isRaised } }

    /// Waits without regard to cancellation.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isRaised = state.withLock { state in
                if !state.isRaised { state.waiters.append(continuation) }
                return state.isRaised
            }
            if isRaised { continuation.resume() }
        }
    }
}
