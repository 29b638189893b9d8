import Glibc
import PSACore
import PSAEngine
import Synchronization

/// Ends the process on purpose, as `kill -9` would, at a step of a write: for the tests that prove that nothing is lost or doubled.
///
/// The environment variable `VECTIS_CRASH_TEST` says where: `after-answer:3` ends it the third time an answer has arrived. It also makes the
/// outbox impatient, so that such a test takes seconds.
final class CrashTest: Sendable {
    static let variable = "VECTIS_CRASH_TEST"

    private let step: WriteStep?
    private let occurrence: Int
    private let count = Mutex(0)

    /// Reads the variable; nil where it is not set.
    ///
    /// - Throws: ``PSAError`` if it names no step.
    init?(_ environment: [String: String]) throws {
        guard let text = environment[Self.variable], !text.isEmpty else { return nil }
        let parts = text.split(separator: ":")
        guard parts.count == 2, let occurrence = Int(parts[1]), parts[0] == "none" || WriteStep(rawValue: String(parts[0])) != nil else {
            throw UsageError.unknown(text, known: WriteStep.allCases.map { $0.rawValue + ":1" } + ["none:0"])
        }
        step = WriteStep(rawValue: String(parts[0]))
        self.occurrence = occurrence
    }

    /// The outbox of such a test.
    var policy: OutboxPolicy {
        OutboxPolicy(
            lease: .seconds(1), searchDelays: [.milliseconds(300), .milliseconds(600), .milliseconds(1_200)], maxWait: .seconds(1),
            storeRetryDelay: .milliseconds(100))
    }

    /// Ends the process if this is the moment.
    func reached(_ step: WriteStep) {
        guard step == self.step else { return }
        let isNow = count.withLock { count in
            count += 1
            return count == occurrence
        }
        if isNow { kill(getpid(), SIGKILL) }
    }
}

/// Carries requests on, and tells ``WriteStep/duringRequest`` while one that may be executed once only is under way.
struct CrashingTransport: HTTPTransport {
    let transport: any HTTPTransport
    let crash: CrashTest

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        // A token is fetched with a form.
        guard !request.isRepeatable, request.headers["Content-Type"] == "application/json" else {
            return try await transport.send(request)
        }
        let moment = Task {
            // By chance before, while or after the server acts on it: an answer from this machine takes about a millisecond.
            try await Task.sleep(for: .microseconds(Int.random(in: 0...1_500)))
            crash.reached(.duringRequest)
        }
        defer { moment.cancel() }
        let answer = try await transport.send(request)
        moment.cancel()
        // The answer was quicker; nobody has looked at it yet.
        if case .failure = await moment.result { crash.reached(.duringRequest) }
        return answer
    }
}
