#if DEBUG
import Glibc
import PSACore
import PSAEngine
import Synchronization

/// Ends the process on purpose, as `kill -9` would, at a step of a write.
///
/// The crash harness proves with it that no ticket is lost or created twice. The environment variable `VECTIS_CRASH_TEST` names the
/// step: `after-answer:3` ends the process the third time a response has arrived, `none:0` never. The variable also shortens the delays
/// of the outbox, so that such a test takes seconds. A release build does not contain this type and ignores the variable.
final class CrashTest: Sendable {
    static let variable = "VECTIS_CRASH_TEST"
    /// Names the seconds of each lease of a job and of a tenant's creates, such as `6`.
    static let leaseVariable = "VECTIS_CRASH_TEST_LEASE"
    /// Names the rate limit of every tenant as requests and seconds, such as `20/20`.
    static let paceVariable = "VECTIS_CRASH_TEST_PACE"
    /// The header with the time at which a request was made, in nanoseconds since the start of the machine.
    static let sentHeader = "X-Vectis-Crash-Test-Sent"

    private let step: WriteStep?
    private let occurrence: Int
    private let count = Mutex(0)
    /// How long a lease lasts, for a test of several processes; nil for the delays of a single one.
    let lease: Duration?
    /// The rate limit of every tenant; nil for each connector's own.
    let pace: RateLimit?

    /// Reads the variables; nil where the first is not set.
    ///
    /// - Throws: ``PSAError`` if it names no step.
    init?(_ environment: [String: String]) throws {
        guard let text = environment[Self.variable], !text.isEmpty else { return nil }
        let parts = text.split(separator: ":")
        guard parts.count == 2, let occurrence = Int(parts[1]), parts[0] == "none" || WriteStep(rawValue: String(parts[0])) != nil
        else {
            throw UsageError.unknown(text, known: WriteStep.allCases.map { $0.rawValue + ":1" } + ["none:0"])
        }
        step = WriteStep(rawValue: String(parts[0]))
        self.occurrence = occurrence
        lease = environment[Self.leaseVariable].flatMap { Int($0) }.map { .seconds(min(max($0, 1), 86_400)) }
        let numbers = (environment[Self.paceVariable] ?? "").split(separator: "/").compactMap { Int($0) }
        pace = numbers.count == 2 && numbers.allSatisfy((1...1_000_000).contains) ? RateLimit(numbers[0], per: .seconds(numbers[1])) : nil
    }

    /// An outbox policy with short delays.
    var policy: OutboxPolicy {
        OutboxPolicy(
            lease: lease ?? .seconds(1), searchDelays: [.milliseconds(300), .milliseconds(600), .milliseconds(1_200)],
            maxWait: .seconds(1),
            storeRetryDelay: .milliseconds(100))
    }

    /// Ends the process if this is the chosen occurrence of the chosen step.
    func reached(_ step: WriteStep) {
        guard step == self.step else { return }
        let isNow = count.withLock { count in
            count += 1
            return count == occurrence
        }
        if isNow { kill(getpid(), SIGKILL) }
    }
}

/// Forwards requests with the time in a header, and reports ``WriteStep/duringRequest`` while a request that must not be repeated is in
/// progress.
struct CrashingTransport: HTTPTransport {
    let transport: any HTTPTransport
    let crash: CrashTest

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        var request = request
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        request.headers[CrashTest.sentHeader] = String(Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
        return try await sendStamped(request)
    }

    private func sendStamped(_ request: TransportRequest) async throws -> TransportResponse {
        // A token request sends a form, not JSON.
        guard !request.isRepeatable, request.headers["Content-Type"] == "application/json" else {
            return try await transport.send(request)
        }
        let crashTask = Task {
            // At random before, while or after the server processes it: a response from the same machine takes about a millisecond.
            try await Task.sleep(for: .microseconds(Int.random(in: 0...1_500)))
            crash.reached(.duringRequest)
        }
        defer { crashTask.cancel() }
        let response = try await transport.send(request)
        crashTask.cancel()
        // The response arrived first, and has not been processed yet.
        if case .failure = await crashTask.result { crash.reached(.duringRequest) }
        return response
    }
}
#endif
