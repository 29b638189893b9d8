import Dispatch
import Glibc

/// One TCP connection on which exactly the given bytes are sent, malformed ones included.
final class RawExchange: Sendable {
    struct Failure: Error {}

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "raw context")

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard code == 0 else { throw Failure() }
    }

    deinit { close(descriptor) }

    /// Sends and reads until the server closes.
    func context(_ text: String) async -> String {
        await onQueue {
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                // A server that has refused already reads no more.
                guard count > 0 else { break }
                rest = rest.dropFirst(count)
            }
            return self.everything()
        }
    }

    /// Sends a beginning, then a byte whenever nothing comes back for a moment; false if the server never ends that.
    func drip(after start: String) async -> Bool {
        await onQueue {
            guard Array(start.utf8).withUnsafeBytes({ send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }) > 0 else {
                return true
            }
            for _ in 0..<2_000 {
                var entry = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
                var byte = UInt8(ascii: "a")
                if poll(&entry, 1, 10) > 0 || send(self.descriptor, &byte, 1, Int32(MSG_NOSIGNAL)) != 1 { return true }
            }
            return false
        }
    }

    private func everything() -> String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece[..<count]
        }
    }

    private func onQueue<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: body()) } }
    }
}
