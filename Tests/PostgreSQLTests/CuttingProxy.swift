import Dispatch
import Glibc
import Synchronization

/// A socket in front of a server that passes everything on, and cuts a connection where a test wants it.
final class CuttingProxy: Sendable {
    /// Where a connection is cut, once.
    enum Cut: Sendable {
        /// The server never sees the statement, and sees the end of the connection.
        case beforeStatement
        /// The server never sees the statement, and does not notice that the client has lost the connection.
        case beforeStatementUnnoticed
        /// The server has run the statement, and the client does not get its answer.
        case afterAnswer
    }

    private struct State {
        var cut: (Cut, Array<UInt8>)?
        var cuts = 0
        var isRefusing = false
        /// The servers' ends of connections that are kept open.
        var kept: [CInt] = []
    }

    let folder: String
    private let server: String
    private let listener: CInt
    private let state = Mutex(State())

    /// Listens on a socket of its own in front of the socket in a folder.
    init(serverFolder: String) {
        server = serverFolder + "/.s.PGSQL.5432"
        var template = Array("/tmp/proxy.XXXXXX".utf8CString)
        folder = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/nonexistent"
        }
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        _ = Self.withAddress(folder + "/.s.PGSQL.5432") { bind(listener, $0, $1) }
        listen(listener, 64)
        DispatchQueue(label: "proxy").async { [listener, weak self] in
            while case let client = accept(listener, nil, nil), client >= 0 {
                guard let self, let upstream = self.connectToServer() else {
                    close(client)
                    continue
                }
                self.pass(from: client, to: upstream)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        for descriptor in state.withLock({ $0.kept }) { close(descriptor) }
        unlink(folder + "/.s.PGSQL.5432")
        rmdir(folder)
    }

    /// Cuts the next connection that sends this text.
    func cutOnce(_ cut: Cut, at text: String) { state.withLock { $0.cut = (cut, Array(text.utf8)) } }

    /// How many connections have been cut.
    var cuts: Int { state.withLock { $0.cuts } }

    /// Whether new connections are closed at once.
    func refuse(_ isRefusing: Bool) { state.withLock { $0.isRefusing = isRefusing } }

    private func connectToServer() -> CInt? {
        guard !state.withLock({ $0.isRefusing }) else { return nil }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard Self.withAddress(server, { connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private func pass(from client: CInt, to upstream: CInt) {
        // One thread serves both directions, so that a cut is at one place of the conversation.
        DispatchQueue(label: "proxy connection").async { [weak self] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            var isKept = false
            loop: while true {
                var descriptors = [
                    pollfd(fd: client, events: Int16(POLLIN), revents: 0), pollfd(fd: upstream, events: Int16(POLLIN), revents: 0),
                ]
                guard poll(&descriptors, 2, -1) > 0 else { break }
                if descriptors[1].revents != 0 {
                    let count = read(upstream, &buffer, buffer.count)
                    guard count > 0, Self.writeAll(client, buffer[..<count]) else { break }
                }
                if descriptors[0].revents != 0 {
                    let count = read(client, &buffer, buffer.count)
                    guard count > 0 else { break }
                    switch self?.takeCut(in: buffer[..<count]) {
                    case .beforeStatement: break loop
                    case .beforeStatementUnnoticed:
                        isKept = true
                        break loop
                    case .afterAnswer:
                        guard Self.writeAll(upstream, buffer[..<count]) else { break loop }
                        _ = read(upstream, &buffer, buffer.count)
                        break loop
                    case nil:
                        guard Self.writeAll(upstream, buffer[..<count]) else { break loop }
                    }
                }
            }
            close(client)
            if isKept { self?.state.withLock { $0.kept.append(upstream) } } else { close(upstream) }
        }
    }

    private func takeCut(in bytes: ArraySlice<UInt8>) -> Cut? {
        state.withLock { state in
            guard let (cut, text) = state.cut, bytes.indices.contains(where: { bytes[$0...].starts(with: text) }) else { return nil }
            state.cut = nil
            state.cuts += 1
            return cut
        }
    }

    private static func writeAll(_ descriptor: CInt, _ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func withAddress(_ path: String, _ use: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(100)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { use($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}
