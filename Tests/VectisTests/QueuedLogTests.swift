import Dispatch
import Foundation
import Glibc
import PSACore
import PSACurl
import PSATesting
import Synchronization
import TestSupport
import Testing

@testable import VectisCLI
@testable import VectisCore

/// A log that is not read delays nothing, and what does not fit is counted.
@Suite("A log that is not read", .timeLimit(.minutes(2)))
struct QueuedLogTests {
    @Test func whatDoesNotFitIsDroppedAndCountedAsSoonAsThereIsAReader() async throws {
        let gate = GatedSink()
        let queue = QueuedSink(gate, limit: 100) { "dropped \($0)\n" }
        queue.write("first\n")
        await gate.entered.wait()
        for number in 0..<50 { queue.write("line \(number)\n") }
        #expect(queue.droppedLines > 0 && queue.droppedLines < 50)
        #expect(await !queue.flush(within: .milliseconds(20)))
        gate.open()
        #expect(await queue.flush(within: .seconds(60)))
        let lines = gate.text.split(separator: "\n")
        #expect(lines.first == "first" && lines.last == "dropped \(queue.droppedLines)")
        #expect(lines.count == 2 + 50 - queue.droppedLines)
        queue.write("after\n")
        #expect(await queue.flush(within: .seconds(60)))
        #expect(gate.text.hasSuffix("dropped \(queue.droppedLines)\nafter\n"))
    }

    @Test func theQueueHoldsNoMoreThanItsLimit() async throws {
        let gate = GatedSink()
        let queue = QueuedSink(gate) { "dropped \($0)\n" }
        queue.write("first\n")
        await gate.entered.wait()
        let line = String(repeating: "x", count: 1_023) + "\n"
        for _ in 0..<2_000 { queue.write(line) }
        #expect(queue.droppedLines == 2_000 - (QueuedSink.defaultLimit - 6) / 1_024)
        gate.open()
        #expect(await queue.flush(within: .seconds(60)))
        #expect(gate.text.utf8.count <= QueuedSink.defaultLimit + 20)
    }

    @Test func droppedLinesAreALineOfTheLogAndAMetric() throws {
        let line = try JSONDocument(Array(HostLog.droppedLine(7, at: Date(timeIntervalSince1970: 0)).utf8)).root
        #expect(line["event"]?.string == "log_dropped" && line["count"]?.integer == 7 && line["level"]?.string == "warning")
        #expect(HostMetrics(droppedLogLines: { 7 }).text.contains("vectis_log_dropped_total{} 7\n"))
    }

    @Test(arguments: [false, true]) func aHostWhoseLogPipeIsFullServesRequestsAndEndsOnSIGTERM(alsoOutput: Bool) async throws {
        let folder = try TemporaryFolder()
        let host = try UnreadHost(in: folder, alsoOutput: alsoOutput)
        defer { host.kill() }
        let transport = CurlTransport()
        try await host.waitUntilItListens(transport)
        for _ in 0..<50 {
            for path in ["/healthz", "/sign-in"] {
                let request = TransportRequest(.get, host.origin, route: path, addressPolicy: .allowingLoopback)
                #expect(try await transport.send(request).status == 200)
            }
        }
        host.terminate()
        #expect(await host.end() == 0)
    }
}

/// A sink whose writes wait until it is opened.
private final class GatedSink: TextSink {
    let entered = Signal()
    private let gate = DispatchSemaphore(value: 0)
    private let isOpen = Mutex(false)
    private let written = Mutex<[UInt8]>([])

    var text: String { String(decoding: written.withLock { $0 }, as: UTF8.self) }

    func open() {
        isOpen.withLock { $0 = true }
        gate.signal()
    }

    func write(_ text: String) { write(Array(text.utf8)) }

    func write(_ bytes: [UInt8]) {
        entered.fire()
        if !isOpen.withLock({ $0 }) { gate.wait() }
        written.withLock { $0 += bytes }
    }
}

/// `vectis serve` whose standard error, and if wanted its standard output, is a pipe that is full from the beginning and never read.
private final class UnreadHost: Sendable {
    let origin: ServiceURL
    private let process: Process
    private let pipe: Pipe
    private let input = Pipe()

    struct NotStarted: Error {}

    init(in folder: TemporaryFolder, alsoOutput: Bool) throws {
        let port = try Self.freePort()
        origin = try ServiceURL(typed: "http://127.0.0.1:\(port)", policy: .allowingLoopback)
        pipe = Pipe()
        try Self.fill(pipe.fileHandleForWriting.fileDescriptor)
        process = Process()
        process.executableURL = VectisRun.program
        process.arguments = ["serve", "--data", folder.file("data"), "--port", String(port), "--check-every", "0", "--no-sync"]
        process.standardInput = input
        process.standardError = pipe
        process.standardOutput = alsoOutput ? pipe : FileHandle.nullDevice
        try process.run()
    }

    func waitUntilItListens(_ transport: CurlTransport) async throws {
        for _ in 0..<600 {
            let health = TransportRequest(.get, origin, route: "/healthz", addressPolicy: .allowingLoopback)
            if let answer = try? await transport.send(health), answer.status == 200 { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw NotStarted()
    }

    func terminate() { Glibc.kill(process.processIdentifier, SIGTERM) }

    func kill() { if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) } }

    /// Waits for its end and returns its status.
    func end() async -> Int32 {
        let process = process
        return await onOwnThread {
            process.waitForExit()
            return process.terminationReason == .exit ? process.terminationStatus : -1
        }
    }

    /// Writes into a pipe until it takes nothing more.
    private static func fill(_ descriptor: Int32) throws {
        let flags = fcntl(descriptor, F_GETFL)
        guard fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else { throw NotStarted() }
        for size in [4_096, 1] {
            let bytes = [UInt8](repeating: 0x2E, count: size)
            while write(descriptor, bytes, size) > 0 {}
        }
        guard fcntl(descriptor, F_SETFL, flags) == 0 else { throw NotStarted() }
    }

    private static func freePort() throws -> Int { try RawServer { _ in }.port }
}

@Suite("Host log: requests to a PSA")
struct VendorCallLogTests {
    @Test func aRequestIsRecordedWithItsConnectionMethodHostAndRoute() throws {
        let sink = RecordingSink()
        let metrics = HostMetrics()
        let log = VendorCallLog(log: HostLog(sink: sink, time: ManualClock().source), metrics: metrics)
        let request = RequestLabel(.get, host: "acme.example.com:8443", route: "/api/Tickets/{id}")
        log.record(ConnectorEvent(.answered(request, status: 200, bytes: 7, duration: .milliseconds(12)), connection: "c1"))
        log.record(ConnectorEvent(.tokenRefused(host: "acme.example.com")))
        let lines = try sink.text.split(separator: "\n").map { try JSONDocument(Array($0.utf8)).root }
        #expect(lines.count == 2)
        let first = try #require(lines.first)
        #expect(first["event"]?.string == "vendor_call" && first["connection"]?.string == "c1" && first["method"]?.string == "GET")
        #expect(first["host"]?.string == "acme.example.com:8443" && first["route"]?.string == "/api/Tickets/{id}")
        #expect(first["detail"]?.string == "GET acme.example.com:8443/api/Tickets/{id} answered 200 with 7 bytes in 12 ms")
        #expect(lines.last?.member("connection") == nil && lines.last?["level"]?.string == "warning")
    }
}
