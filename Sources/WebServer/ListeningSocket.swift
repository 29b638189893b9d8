import Glibc

/// A bound, listening TCP socket.
///
/// The library could bind too, but distinguishes a port in use from an invalid address only on standard error.
struct ListeningSocket {
    let descriptor: Int32
    let port: UInt16

    init(address: String, port: UInt16) throws {
        let endpoint = address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        var storage = try Self.socketAddress(address, port, endpoint)
        let length = socklen_t(Int32(storage.ss_family) == AF_INET6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(Int32(storage.ss_family), kind, 0)
        guard descriptor >= 0 else { throw Self.error(errno, endpoint) }

        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let bound = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> Bool in
                var actualLength = socklen_t(MemoryLayout<sockaddr_storage>.size)
                return bind(descriptor, generic, length) == 0 && listen(descriptor, SOMAXCONN) == 0
                    && getsockname(descriptor, generic, &actualLength) == 0
            }
        }
        guard bound else {
            let code = errno
            close(descriptor)
            throw Self.error(code, endpoint)
        }
        self.descriptor = descriptor
        // The port has the same offset in both address families.
        self.port = withUnsafeBytes(of: &storage) { UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self)) }
    }

    private static func socketAddress(_ address: String, _ port: UInt16, _ endpoint: String) throws -> sockaddr_storage {
        var storage = sockaddr_storage()
        var version4 = in_addr()
        var version6 = in6_addr()
        if inet_pton(AF_INET, address, &version4) == 1 {
            let value = sockaddr_in(
                sin_family: sa_family_t(AF_INET), sin_port: port.bigEndian, sin_addr: version4, sin_zero: (0, 0, 0, 0, 0, 0, 0, 0))
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: value, as: sockaddr_in.self) }
        } else if inet_pton(AF_INET6, address, &version6) == 1 {
            let value = sockaddr_in6(
                sin6_family: sa_family_t(AF_INET6), sin6_port: port.bigEndian, sin6_flowinfo: 0, sin6_addr: version6, sin6_scope_id: 0)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: value, as: sockaddr_in6.self) }
        } else {
            throw WebServerError(kind: .invalidAddress, message: "Cannot listen on \(endpoint): the address must be numeric.")
        }
        return storage
    }

    private static func error(_ code: Int32, _ endpoint: String) -> WebServerError {
        switch code {
        case EADDRINUSE:
            WebServerError(kind: .addressInUse, message: "Cannot listen on \(endpoint): the port is in use by another program.")
        case EACCES:
            WebServerError(kind: .cannotBind, message: "Cannot listen on \(endpoint): the port is reserved for a privileged user.")
        case EADDRNOTAVAIL:
            WebServerError(kind: .cannotBind, message: "Cannot listen on \(endpoint): the address does not belong to this machine.")
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            WebServerError(kind: .cannotStart, message: "Cannot listen on \(endpoint): the system is out of memory or file descriptors.")
        default:
            WebServerError(kind: .cannotBind, message: "Cannot listen on \(endpoint): \(String(cString: strerror(code))).")
        }
    }
}
