import Glibc
import PSACore

/// Programs that send events over one connection each, all on one thread, so that the measured host gets the processor.
///
/// Each waits for the answer to an event before it sends the next one.
struct EventSenders {
    enum Failure: Error {
        case cannotConnect(Int32)
        case closed
        case answer(String)
    }

    /// How many send at once in the benchmarks: a host keeps 64 connections of one address, and readers of its pages need theirs.
    static let usualCount = 52

    let port: UInt16
    let token: String
    let count: Int
    /// Distinguishes the ids of the events from those of other senders.
    let label: String

    /// Sends events until the time is over or the number is reached.
    ///
    /// - Parameters:
    ///   - limit: The most events.
    ///   - duration: The most time.
    ///   - type: The event type of the event with a number.
    /// - Returns: How many events were accepted.
    /// - Throws: ``Failure``.
    func send(upTo limit: Int, within duration: Duration, type: (Int) -> String) throws -> Int {
        var connections: [SenderConnection] = []
        defer { for connection in connections { connection.end() } }
        for _ in 0..<count { connections.append(try SenderConnection(port: port)) }
        let deadline = ContinuousClock.now + duration
        var (sent, accepted, open) = (0, 0, 0)
        func sendNext(_ place: Int) throws {
            guard sent < limit, ContinuousClock.now < deadline else { return }
            try connections[place].send(request(sent, type(sent)))
            sent += 1
            open += 1
        }
        for place in connections.indices { try sendNext(place) }
        var watched = connections.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        while open > 0 {
            poll(&watched, nfds_t(watched.count), 10_000)
            for place in watched.indices where watched[place].revents != 0 {
                guard let answer = try connections[place].receive() else { continue }
                guard answer.hasPrefix("HTTP/1.1 202") else { throw Failure.answer(answer) }
                accepted += 1
                open -= 1
                try sendNext(place)
            }
        }
        return accepted
    }

    private func request(_ number: Int, _ type: String) -> [UInt8] {
        let body =
            #"{"source":"bench","id":"\#(label)-\#(number)","type":"\#(type)","severity":"error","device":"SRV-1","text":"The disk is full."}"#
        let head = """
            POST /api/v1/events HTTP/1.1\r
            Host: 127.0.0.1:\(port)\r
            Authorization: Bearer \(token)\r
            Content-Type: application/json\r
            Content-Length: \(body.utf8.count)\r
            \r

            """
        return Array((head + body).utf8)
    }
}

/// One connection to a host.
private struct SenderConnection {
    let descriptor: Int32
    private var received: [UInt8] = []

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { [descriptor] in
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw EventSenders.Failure.cannotConnect(errno) }
        var isOn: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    func send(_ bytes: [UInt8]) throws {
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw EventSenders.Failure.closed
        }
    }

    /// Closes it once the host has closed its side, so that it does not count among the connections that the host keeps of one address.
    func end() {
        shutdown(descriptor, Int32(SHUT_WR))
        var ended = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&ended, 1, 10_000)
        close(descriptor)
    }

    /// The answer, once it is complete.
    mutating func receive() throws -> String? {
        let count = withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { received += buffer[..<count] }
            return count
        }
        guard count > 0 else { throw EventSenders.Failure.closed }
        // The body is an object without objects in it.
        guard received.last == UInt8(ascii: "}") || received.last == UInt8(ascii: "\n") && received.dropLast().last == UInt8(ascii: "}")
        else { return nil }
        defer { received.removeAll(keepingCapacity: true) }
        return String(decoding: received, as: UTF8.self)
    }
}
