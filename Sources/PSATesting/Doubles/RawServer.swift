#if canImport(Glibc)
import Glibc
public import PSACore
import Synchronization

/// A TCP server that does to each connection exactly what a test says, byte for byte.
public final class RawServer: Sendable {
    /// The port of 127.0.0.1 it listens on.
    public let port: Int
    private let listener: Int32
    private let counts = Counts()

    /// How many connections were accepted.
    public var connections: Int { counts.connections.load(ordering: .sequentiallyConsistent) }
    /// How many request heads were read.
    public var requests: Int { counts.requests.load(ordering: .sequentiallyConsistent) }

    /// Listens on a free port of 127.0.0.1; the handler gets each connection on a thread of its own, and it is closed when it returns.
    ///
    /// - Throws: ``Failure`` if the system gives no socket.
    public init(_ handler: @escaping @Sendable (RawConnection) -> Void) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 128) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard listener >= 0, isListening else { throw Failure(code: errno) }
        port = Int(UInt16(bigEndian: address.sin_port))
        startThread { [counts] in
            while case let socket = accept(listener, nil, nil), socket >= 0 {
                counts.connections.add(1, ordering: .sequentiallyConsistent)
                let connection = RawConnection(socket) { counts.requests.add(1, ordering: .sequentiallyConsistent) }
                startThread {
                    handler(connection)
                    close(socket)
                }
            }
            close(listener)
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// An address on this server.
    ///
    /// - Throws: ``/PSACore/ServiceURL/Problem`` if the policy forbids the address, or the host is malformed.
    public func origin(host: String = "127.0.0.1", policy: AddressPolicy = .allowingLoopback) throws -> ServiceURL {
        try ServiceURL(typed: "http://\(host):\(port)", policy: policy)
    }

    private final class Counts: Sendable {
        let connections = Atomic<Int>(0)
        let requests = Atomic<Int>(0)
    }

    /// Why no socket could be had.
    public struct Failure: Error {
        /// The system's `errno`.
        public var code: Int32
    }
}

/// One accepted connection, used by its handler's thread only.
public struct RawConnection: Sendable {
    private let socket: Int32
    private let noteRequest: @Sendable () -> Void

    init(_ socket: Int32, noteRequest: @escaping @Sendable () -> Void) {
        self.socket = socket
        self.noteRequest = noteRequest
        var on: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Reads a request's head and the body its Content-Length announces; nil when the client has left.
    public func readRequest() -> String? {
        var bytes: [UInt8] = []
        var end: Int?
        while true {
            if end == nil, let head = String(decoding: bytes, as: UTF8.self).lowercased().firstRange(of: "\r\n\r\n") {
                let text = String(decoding: bytes, as: UTF8.self).lowercased()
                let lengthText = text.split(separator: "\r\n").first { $0.hasPrefix("content-length: ") }?.dropFirst(16)
                end = text[..<head.upperBound].utf8.count + (lengthText.flatMap { Int($0) } ?? 0)
            }
            if let end, bytes.count >= end {
                noteRequest()
                return String(decoding: bytes, as: UTF8.self)
            }
            guard let more = read() else { return nil }
            bytes += more
        }
    }

    /// Reads what has come, and waits for something; nil at the end.
    public func read() -> [UInt8]? {
        let bytes = [UInt8](unsafeUninitializedCapacity: 16384) { $1 = max(0, recv(socket, $0.baseAddress, 16384, 0)) }
        return bytes.isEmpty ? nil : bytes
    }

    /// Sends a text as it is.
    public func write(_ text: String) { write(Array(text.utf8)) }

    /// Sends bytes, unless the client has left.
    public func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Closes with a TCP reset instead of an orderly end.
    public func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }

    /// Answers every request on this connection.
    public func serve(_ answer: (String) -> String) {
        while let request = readRequest() { write(answer(request)) }
    }
}

extension RawConnection {
    /// A complete answer with a length.
    ///
    /// - Parameters:
    ///   - status: The status code and its phrase.
    ///   - fields: Whole header fields, such as `Content-Type: text/plain`.
    ///   - body: The body.
    /// - Returns: The answer as it is sent.
    public static func response(_ status: String = "200 OK", _ fields: String..., body: String = "") -> String {
        (["HTTP/1.1 \(status)"] + fields + ["Content-Length: \(body.utf8.count)", "", body]).joined(separator: "\r\n")
    }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// Runs work that blocks on a thread of its own.
package func startThread(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let code = pthread_create(
        &thread, nil,
        { context in
            if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
            return nil
        }, Unmanaged.passRetained(Work(body)).toOpaque())
    if code == 0 { pthread_detach(thread) }
}
#endif
