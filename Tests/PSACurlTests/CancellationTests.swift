import PSACore
import PSATesting
import TestSupport
import Testing

@testable import PSACurl

@Suite("Cancellation and shutdown")
struct CancellationTests {
    @Test func cancellingARequestClosesItsConnection() async throws {
        let (events, event) = AsyncStream.makeStream(of: String.self)
        let server = try RawServer { connection in
            guard connection.readRequest() != nil else { return }
            event.yield("asked")
            if connection.read() == nil { event.yield("left") }
            event.finish()
        }
        let transport = CurlTransport()
        let task = Task { try await transport.send(request(.get, server)) }
        var seen: [String] = []
        for await name in events {
            seen.append(name)
            task.cancel()
        }
        #expect(seen == ["asked", "left"])
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func aCancelledTaskDoesNotConnect() async throws {
        let server = try RawServer { $0.serve { _ in RawConnection.response() } }
        let transport = CurlTransport()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await transport.send(request(.get, server))
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(server.connections == 0)
    }

    @Test func aWriteOfACancelledTaskIsProvenNotSent() async throws {
        let server = try RawServer { $0.serve { _ in RawConnection.response() } }
        let transport = CurlTransport()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await transport.send(request(.post, server))
        }
        let error = await #expect(throws: TransportError.self) { try await task.value }
        #expect(error?.kind == .interrupted && error?.delivery == .notSent)
        #expect(server.connections == 0)
    }

    @Test func manyCancellationsResumeEveryCallerOnce() async throws {
        let server = try RawServer { $0.serve { _ in RawConnection.response(body: "x") } }
        let transport = CurlTransport()
        var counts: [String: Int] = [:]
        for _ in 0..<20 {
            await withTaskGroup(of: String.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let task = Task { try await transport.send(request(.get, server)) }
                        for _ in 0..<(number % 7) { await Task.yield() }
                        if number % 10 != 0 { task.cancel() }
                        switch await task.result {
                        case .success(let response): return response.text
                        case .failure(is CancellationError): return "cancelled"
                        case .failure(let error): return "\(error)"
                        }
                    }
                }
                for await outcome in group { counts[outcome, default: 0] += 1 }
            }
        }
        #expect(counts.values.reduce(0, +) == 2000)
        #expect(Set(counts.keys).isSubset(of: ["x", "cancelled"]), "\(counts)")
        #expect(counts["x", default: 0] >= 200)
        #expect(try await transport.send(request(.get, server)).text == "x")
    }

    @Test func theThreadEndsWithTheLastReference() async throws {
        let server = try RawServer { $0.serve { _ in RawConnection.response() } }
        let (endings, ending) = AsyncStream.makeStream(of: Void.self)
        var transport: CurlTransport? = makeTransport { ending.finish() }
        _ = try await transport?.send(request(.get, server))
        transport = nil
        for await _ in endings {}
    }

    @Test func aRunningRequestKeepsTheTransportAlive() async throws {
        let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
        let (endings, ending) = AsyncStream.makeStream(of: Void.self)
        let gate = Gate()
        let server = try RawServer { connection in
            guard connection.readRequest() != nil else { return }
            arrival.yield()
            gate.passBlocking()
            connection.write(RawConnection.response(body: "late"))
        }
        var transport: CurlTransport? = makeTransport { ending.finish() }
        let task = Task { [transport] in try await transport?.send(request(.get, server)).text }
        transport = nil
        for await _ in arrivals { break }
        gate.open()
        #expect(try await task.value == "late")
        for await _ in endings {}
    }

    private func makeTransport(whenThreadEnds: @escaping @Sendable () -> Void) -> CurlTransport {
        CurlTransport(settings: TransferSettings(proxies: ProxyEnvironment([:])), whenThreadEnds: whenThreadEnds)
    }
}
